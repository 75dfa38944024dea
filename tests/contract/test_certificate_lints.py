"""Every certificate lint does the same: a new entry of LINTS joins this suite by itself."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from base.clock import as_utc
from keys.ca.draft import draft_certificate
from keys.ca.lints import LINTS
from keys.ca.lints.base import Lint
from keys.ca.names import person_name
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.handles import KeyHandle, PersonSubject

NOW, DAY = 1_764_000_000, 86_400
CA_KEY, KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def ca_certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(CA_KEY.public_key())
    builder = builder.serial_number(1 << 120).not_valid_before(as_utc(NOW - DAY)).not_valid_after(as_utc(NOW + 9 * DAY))
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(CA_KEY.public_key()), False)
    return builder.sign(CA_KEY, hashes.SHA256())


ORDER = CertificateOrder(
    profile=Profile.PERSON,
    subject=person_name(PersonSubject("owner", "Nguyễn Thị Ánh", "Ủy ban nhân dân", "Chủ tịch"), b"i" * 32),
    public_key=KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    serial=1 << 150,
    not_before=NOW,
    not_after=NOW + DAY,
    issuer=Issuer(KeyHandle("key_ca"), ca_certificate()),
    crl_url="http://localhost/pki/crl/issuing.crl",
    issuer_url="http://localhost/pki/ca/issuing.cer",
    ocsp_url="http://localhost/pki/ocsp",
    policy_oid="2.999.1",
)


def bare() -> x509.Certificate:
    """A certificate with nothing in it but names and times, as a hostile or broken drafter may hand over."""
    name = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    return (
        builder.serial_number(1).not_valid_before(as_utc(0)).not_valid_after(as_utc(NOW * 2)).sign(KEY, hashes.SHA256())
    )


@pytest.mark.parametrize("one", LINTS, ids=lambda one: one.name)
class TestEveryLint:
    def test_is_named_after_its_file_and_gives_a_source(self, one: Lint) -> None:
        assert inspect.getmodule(one.check).__name__ == f"keys.ca.lints.{one.name}"  # type: ignore[union-attr]  # it has one
        assert any(character.isdigit() for character in one.source), "a clause, not only a title"
        assert date(2000, 1, 1) < date.fromisoformat(one.effective) < date(2026, 11, 29)

    def test_passes_a_good_draft(self, one: Lint) -> None:
        assert one.check(draft_certificate(ORDER), ORDER) == ""

    @pytest.mark.parametrize("profile", Profile)
    def test_answers_in_words_whatever_it_is_shown(self, one: Lint, profile: Profile) -> None:
        answer = one.check(bare(), replace(ORDER, profile=profile))
        assert isinstance(answer, str)
        assert "\n" not in answer


def test_the_bare_certificate_is_not_let_through() -> None:
    assert {one.name for one in LINTS if one.check(bare(), ORDER)} == {
        "serial_number",
        "validity",
        "basic_constraints",
        "key_usage",
        "authority_key",
        "revocation_address",
        "policies",
        "person_subject",
        "longest_life",
    }


def test_names_are_unique() -> None:
    assert len({one.name for one in LINTS}) == len(LINTS)
