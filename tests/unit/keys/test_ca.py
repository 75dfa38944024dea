"""Certificates: their profile as other software reads it, their lints, and that nothing unlinted can be signed."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from base.clock import FixedClock, as_utc
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject
from keys.ca.linted import LintedCertificate, lint, sign
from keys.ca.lints import LINTS
from keys.ca.names import authority_name, fitting, person_name
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.errors import KeyRefused, LintFailed
from keys.flows.certify import random_serial
from keys.handles import KeyHandle
from keys.lifecycle.states import Purpose
from keys.signers import CertificateSigner
from tests.unit.keys.conftest import ISSUER, SETTINGS

PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân phường Bến Nghé", "Chủ tịch")
DAY = 86_400


def person_certificate(held: Keys) -> x509.Certificate:
    return x509.load_der_x509_certificate(held.enrol_person(PERSON).certificate)


def test_chain_in_openssl(held: Keys, tmp_path: Path, clock: FixedClock) -> None:
    held_now = held.enrol_person(PERSON)
    for name, der in (
        ("root", held.trust_anchors()[0]),
        ("issuing", held_now.chain[0]),
        ("person", held_now.certificate),
    ):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    for name, role in (("root.crl", "root"), ("issuing.crl", "issuing")):
        crl = x509.load_der_x509_crl(held.crl(role)).public_bytes(Encoding.PEM)
        (tmp_path / name).write_bytes(crl)
    lists = (tmp_path / "root.crl").read_bytes() + (tmp_path / "issuing.crl").read_bytes()
    (tmp_path / "lists.pem").write_bytes(lists)
    answer = subprocess.run(
        [
            "openssl",
            "verify",
            "-x509_strict",
            "-crl_check_all",
            "-attime",
            str(clock.now()),
            "-CRLfile",
            "lists.pem",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            "person.pem",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout.strip() == "person.pem: OK", answer.stderr


def test_profile_of_a_person(held: Keys, clock: FixedClock) -> None:
    certificate = person_certificate(held)
    names = {attribute.oid: attribute.value for attribute in certificate.subject}
    assert names[NameOID.COUNTRY_NAME] == "VN"
    assert names[NameOID.COMMON_NAME] == PERSON.common_name
    assert names[NameOID.ORGANIZATION_NAME] == PERSON.organisation
    assert "owner-1" not in names[NameOID.SERIAL_NUMBER]
    assert NameOID.TITLE not in names
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.content_commitment
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name == [x509.UniformResourceIdentifier(f"{ISSUER}/pki/crl/issuing.crl")]
    places = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert places[0].access_location.value == f"{ISSUER}/pki/ca/issuing.cer"
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert policies[0].policy_identifier.dotted_string == SETTINGS.certificate_policy_oid
    assert certificate.not_valid_before_utc <= as_utc(clock.now()) < certificate.not_valid_after_utc


def test_same_person_same_number_other_person_other_number(held: Keys) -> None:
    def number(owner: str) -> str:
        held_now = held.enrol_person(dataclasses.replace(PERSON, owner=owner))
        subject = x509.load_der_x509_certificate(held_now.certificate).subject
        return str(subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value)

    assert number("owner-1") == number("owner-1") != number("owner-2")


def test_serial_numbers_are_random() -> None:
    """CA-01: 100,000 numbers, no repetition, every bit set about half the time."""
    serials = [random_serial() for _ in range(100_000)]
    assert len(set(serials)) == len(serials)
    for bit in range(0, 159, 13):
        assert 49_000 < sum(serial >> bit & 1 for serial in serials) < 51_000


def test_life_is_cut_at_the_issuers(held: Keys, clock: FixedClock) -> None:
    """CA-05: nine years and a bit later a certificate of one year would outlive its issuer."""
    issuing = x509.load_der_x509_certificate(held.issuer_certificates()[0])
    clock.at = int(issuing.not_valid_after_utc.timestamp()) - 10 * DAY
    assert person_certificate(held).not_valid_after_utc == issuing.not_valid_after_utc
    clock.move(11 * DAY)
    with pytest.raises(LintFailed):
        held.enrol_person(PERSON)


@pytest.mark.parametrize(
    "subject",
    [
        dataclasses.replace(PERSON, common_name="   "),
        dataclasses.replace(PERSON, organisation=""),
        dataclasses.replace(PERSON, common_name="Nguyễn\u202eVăn"),
        dataclasses.replace(PERSON, organisation="UBND\u0007"),
    ],
)
def test_names_that_are_not_certified(held: Keys, subject: PersonSubject) -> None:
    with pytest.raises(LintFailed):
        held.enrol_person(subject)
    assert held.credentials_of("owner-1") == []


@pytest.mark.parametrize("owner", ["", "x" * 121, "chủ"])
def test_owners_that_are_refused(held: Keys, owner: str) -> None:
    with pytest.raises(KeyRefused, match="owner_refused"):
        held.enrol_person(dataclasses.replace(PERSON, owner=owner))


def test_long_names_end_after_a_word() -> None:
    long = "Sở Nông nghiệp và Phát triển nông thôn tỉnh Bà Rịa – Vũng Tàu, Chi cục Thủy lợi"
    assert fitting(long) == "Sở Nông nghiệp và Phát triển nông thôn tỉnh Bà…"
    assert len(fitting("ệ" * 80).encode()) <= 64
    assert fitting(long).endswith("…")
    assert fitting("  Nguyễn   Văn A ") == "Nguyễn Văn A"
    assert fitting("e\u0302\u0301") == "ế"


def test_unknown_credential(held: Keys) -> None:
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.credential(KeyHandle("key_absent"))
    root = next(one.handle for one in held.list_keys() if one.purpose == "root")
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.credential(root)


def test_credentials_are_listed(held: Keys) -> None:
    first, second = held.enrol_person(PERSON), held.enrol_person(PERSON)
    assert sorted(one.handle for one in held.credentials_of("owner-1")) == sorted([first.handle, second.handle])
    assert held.credential(first.handle) == first
    assert held.credentials_of("owner-2") == []


# ── Lints: each one catches what it is for ───────────────────────────────────────────────────────────────────────

NOW = 1_764_000_000


def spki(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


KEY, CA_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
SPKI = spki(KEY)


def ca_certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(CA_KEY.public_key())
        .serial_number(1 << 120)
        .not_valid_before(as_utc(NOW - DAY))
        .not_valid_after(as_utc(NOW + 100 * DAY))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(CA_KEY.public_key()), False)
        .sign(CA_KEY, hashes.SHA256())
    )


CA = ca_certificate()
ORDER = CertificateOrder(
    profile=Profile.PERSON,
    subject=person_name(PERSON, b"i" * 32),
    public_key=SPKI,
    serial=1 << 150,
    not_before=NOW,
    not_after=NOW + DAY,
    issuer=Issuer(KeyHandle("key_ca"), CA),
    crl_url="http://x/pki/crl/issuing.crl",
    issuer_url="http://x/pki/ca/issuing.cer",
    ocsp_url="http://x/pki/ocsp",
    policy_oid="2.999.1",
)


def test_the_good_order_passes() -> None:
    assert isinstance(lint(ORDER), LintedCertificate)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("serial_number", {"serial": 4711}),
        ("draft", {"not_before": NOW + 2 * DAY}),
        ("validity", {"not_after": NOW + 101 * DAY}),
        ("validity", {"not_before": NOW - 2 * DAY}),
        ("key_strength", {"public_key": spki(CA_KEY)}),
        ("key_strength", {"public_key": spki(ec.generate_private_key(ec.SECP224R1()))}),
        ("key_strength", {"public_key": spki(ec.generate_private_key(ec.SECP256K1()))}),
        ("revocation_address", {"crl_url": ""}),
        ("revocation_address", {"issuer_url": ""}),
        ("revocation_address", {"crl_url": "file:///etc/passwd"}),
        ("policies", {"policy_oid": ""}),
        ("policies", {"policy_oid": "2.5.29.32.0"}),
        ("person_subject", {"subject": x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A")])}),
        ("person_subject", {"subject": x509.Name([*ORDER.subject, x509.NameAttribute(NameOID.TITLE, "Chủ tịch")])}),
        ("name_text", {"subject": x509.Name([*ORDER.subject, x509.NameAttribute(NameOID.TITLE, "a\u202eb")])}),
        ("name_text", {"subject": x509.Name([*ORDER.subject, x509.NameAttribute(NameOID.COMMON_NAME, "B")])}),
        ("name_text", {"subject": x509.Name([*ORDER.subject, x509.NameAttribute(NameOID.TITLE, "e\u0301")])}),
        ("name_text", {"subject": x509.Name([*ORDER.subject, x509.NameAttribute(NameOID.TITLE, "t" * 65)])}),
    ],
)  # fmt: skip
def test_bad_orders_are_refused(name: str, change: dict[str, object]) -> None:
    with pytest.raises(LintFailed) as failed:
        lint(dataclasses.replace(ORDER, **change))  # type: ignore[arg-type]  # the table holds one field at a time
    assert f"{name}:" in failed.value.hint


def stranger(*extensions: tuple[x509.ExtensionType, bool], algorithm: hashes.SHA384 | None = None) -> x509.Certificate:
    """A draft that our own code would never make."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(ORDER.subject)
        .issuer_name(CA.subject)
        .public_key(KEY.public_key())
        .serial_number(ORDER.serial)
        .not_valid_before(as_utc(NOW))
        .not_valid_after(as_utc(NOW + DAY))
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(CA_KEY, algorithm or hashes.SHA256())


def usage(**bits: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


STAMPING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
MIXED = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING])
AIA = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://x"))]
)


@pytest.mark.parametrize(
    ("name", "profile", "draft"),
    [
        ("signature_algorithm", Profile.PERSON, stranger(algorithm=hashes.SHA384())),
        ("basic_constraints", Profile.PERSON, stranger()),
        ("basic_constraints", Profile.PERSON, stranger((x509.BasicConstraints(ca=True, path_length=0), True))),
        ("basic_constraints", Profile.PERSON, stranger((x509.BasicConstraints(ca=False, path_length=None), False))),
        ("basic_constraints", Profile.ISSUING, stranger((x509.BasicConstraints(ca=True, path_length=None), True))),
        ("key_usage", Profile.PERSON, stranger()),
        ("key_usage", Profile.PERSON, stranger((usage(digital_signature=True, key_cert_sign=True), True))),
        ("key_usage", Profile.PERSON, stranger((usage(digital_signature=True, content_commitment=True), False))),
        ("key_usage", Profile.TSU, stranger((usage(digital_signature=True, content_commitment=True), True))),
        ("extended_key_usage", Profile.PERSON, stranger((STAMPING, True))),
        ("extended_key_usage", Profile.TSU, stranger((STAMPING, False))),
        ("extended_key_usage", Profile.TSU, stranger((MIXED, True))),
        ("extended_key_usage", Profile.TSU, stranger()),
        ("authority_key", Profile.PERSON, stranger()),
        ("authority_key", Profile.PERSON, stranger(
            (x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(KEY.public_key()), False))),
        ("authority_key", Profile.PERSON, stranger(
            (x509.SubjectKeyIdentifier.from_public_key(CA_KEY.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(CA_KEY.public_key()), False))),
        ("revocation_address", Profile.PERSON, stranger((AIA, False))),
        ("person_subject", Profile.PERSON, stranger((x509.SubjectAlternativeName([x509.DNSName("a.vn")]), False))),
    ],
)  # fmt: skip
def test_strange_drafts_are_caught(name: str, profile: Profile, draft: x509.Certificate) -> None:
    order = dataclasses.replace(ORDER, profile=profile)
    found = {one.name: one.check(draft, order) for one in LINTS}
    assert found[name]


def test_every_lint_names_its_source() -> None:
    assert len({one.name for one in LINTS}) == len(LINTS)
    assert all(one.source for one in LINTS)


# ── You cannot sign what was not linted ──────────────────────────────────────────────────────────────────────────


class TestOneShot:
    def test_nobody_else_makes_one(self) -> None:
        with pytest.raises(TypeError):
            LintedCertificate(ORDER, b"anything")

    def test_signed_once(self, held: Keys) -> None:
        new = held.custody.generate(Algorithm.ES256)
        signer = held.custody.open_new(CertificateSigner, new, Purpose.ROOT)
        root = dataclasses.replace(
            ORDER,
            profile=Profile.ROOT,
            issuer=None,
            crl_url="",
            issuer_url="",
            ocsp_url="",
            policy_oid="",
            subject=authority_name("A", "Root CA", "GO:VN-EXAMPLE"),
            public_key=new.public_key,
        )
        linted = lint(root)
        certificate = sign(linted, signer)
        assert certificate.serial_number == ORDER.serial
        with pytest.raises(KeyRefused, match="certificate_already_signed"):
            sign(linted, signer)

    def test_foreign_authority_is_noticed(self, held: Keys) -> None:
        signer = held.custody.open_new(CertificateSigner, held.custody.generate(Algorithm.ES256), Purpose.ISSUING)
        with pytest.raises(InvalidSignature):
            sign(lint(ORDER), signer)

    def test_an_authority_of_another_algorithm_is_refused(self, held: Keys) -> None:
        """The signed bytes name the algorithm, so another one's signature could only be a confusion."""
        signer = held.custody.open_new(CertificateSigner, held.custody.generate(Algorithm.RS256), Purpose.ISSUING)
        with pytest.raises(KeyRefused, match="wrong_algorithm"):
            sign(lint(ORDER), signer)


def test_keys_that_are_weak_or_do_not_sign_are_not_certified() -> None:
    for key in (
        rsa.generate_private_key(3, 2048).public_key(),
        rsa.generate_private_key(65_537, 1024).public_key(),
        x25519.X25519PrivateKey.generate().public_key(),
    ):
        with pytest.raises(LintFailed):
            lint(
                dataclasses.replace(ORDER, public_key=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
            )
