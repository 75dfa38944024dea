"""Paths that look complete and are not acceptable: one rule of RFC 5280 §6 at a time, as the PKITS cases do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.validation.chains import ChainFacts, build_chain
from signing.validation.effort import Effort

BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
Extension = tuple[x509.ExtensionType, bool]
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.7"), b"\x05\x00")


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def name(text: str, organisation: str = "Tỉnh") -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, text)]
    )


def usage(*, signs_certificates: bool) -> Extension:
    bits = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    found = x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **bits,
    )
    return found, True


def authority(length: int | None = None) -> list[Extension]:
    return [(x509.BasicConstraints(ca=True, path_length=length), True), usage(signs_certificates=True)]


LEAF: list[Extension] = [(x509.BasicConstraints(ca=False, path_length=None), True), usage(signs_certificates=False)]


def make(
    subject: x509.Name,
    issuer: Made | None,
    extensions: Sequence[Extension],
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    begins: datetime = BEGINS,
    days: int = 3000,
) -> Made:
    own = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Made(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


ROOT = make(name("Gốc"), None, authority())
CA = make(name("Cấp chứng thư"), ROOT, authority(0))


def path(leaf: Made, *between: Made, anchor: Made = ROOT) -> ChainFacts:
    return build_chain(leaf.der, [one.der for one in between], (), [anchor.der], Effort())


def constrained(permitted: str = "", excluded: str = "") -> Extension:
    def trees(organisation: str) -> list[x509.GeneralName] | None:
        whole = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
        return [x509.DirectoryName(whole)] if organisation else None

    return x509.NameConstraints(trees(permitted), trees(excluded)), True


def test_acceptable() -> None:
    found = path(make(name("Người"), CA, LEAF), CA)
    assert found.trusted
    assert found.defect == ""
    assert len(found.links) == 3


def test_names_within_the_constraints() -> None:
    narrow = make(name("Hẹp"), ROOT, [*authority(0), constrained(permitted="Tỉnh")])
    assert path(make(name("Người"), narrow, LEAF), narrow).defect == ""


@pytest.mark.parametrize(
    ("why", "above", "leaf"),
    [
        ("name outside the permitted", [*authority(0), constrained(permitted="Bộ")], LEAF),
        ("name excluded", [*authority(0), constrained(excluded="Tỉnh")], LEAF),
        ("authority without the bit", [LEAF[0], usage(signs_certificates=True)], LEAF),
        ("authority without basic constraints", [usage(signs_certificates=True)], LEAF),
        ("authority that may not sign certificates", [authority()[0], usage(signs_certificates=False)], LEAF),
        ("unknown critical extension above", [*authority(0), (UNKNOWN, True)], LEAF),
        ("unknown critical extension of the leaf", authority(0), [*LEAF, (UNKNOWN, True)]),
    ],
)
def test_not_acceptable(why: str, above: list[Extension], leaf: list[Extension]) -> None:
    issuer = make(name("Cấp"), ROOT, above)
    found = path(make(name("Người"), issuer, leaf), issuer)
    assert not found.trusted or found.defect, why


def test_unknown_extension_that_is_not_critical() -> None:
    assert path(make(name("Người"), CA, [*LEAF, (UNKNOWN, False)]), CA).defect == ""


def test_path_is_longer_than_an_authority_allows() -> None:
    below = make(name("Dưới"), CA, authority(0))
    assert path(make(name("Người"), below, LEAF), below, CA).defect


def test_leaf_that_issues() -> None:
    """Whoever holds a person's certificate cannot make others."""
    person = make(name("Người"), CA, LEAF)
    found = path(make(name("Giả"), person, LEAF), person, CA)
    assert not found.trusted or found.defect


def test_periods_that_never_met() -> None:
    old = make(name("Cũ"), ROOT, authority(0), begins=BEGINS - timedelta(days=500), days=100)
    found = path(make(name("Người"), old, LEAF), old)
    assert "overlap" in found.defect


def test_signed_by_another_key_of_that_name() -> None:
    impostor = make(CA.certificate.subject, None, authority(0))
    assert not path(make(name("Người"), impostor, LEAF), CA).trusted


def test_root_of_the_same_name_is_no_anchor() -> None:
    twin = make(ROOT.certificate.subject, None, authority())
    found = path(make(name("Người"), make(name("Cấp"), twin, authority(0)), LEAF), CA, twin)
    assert not found.trusted


def test_cross_certificates_lead_to_the_anchor_that_is_trusted() -> None:
    """Two roots have certified one authority; only one of them is trusted, whichever comes first."""
    other = make(name("Gốc khác"), None, authority())
    crossed = make(CA.certificate.subject, other, authority(0), key=CA.key)
    leaf = make(name("Người"), CA, LEAF)
    for between in ((CA, crossed), (crossed, CA)):
        for anchor in (ROOT, other):
            found = path(leaf, *between, anchor=anchor)
            assert found.trusted
            assert found.defect == ""
            assert found.links[-1].der == anchor.der


def test_of_one_key_the_certificate_that_fits() -> None:
    """An authority was certified anew: that counts under which it issued, whichever comes first."""
    early = make(CA.certificate.subject, ROOT, authority(0), key=CA.key, begins=BEGINS - timedelta(days=900), days=1000)
    useless = make(CA.certificate.subject, ROOT, [authority(0)[0], usage(signs_certificates=False)], key=CA.key)
    now = make(name("Người"), CA, LEAF)
    then = make(name("Người cũ"), CA, LEAF, begins=BEGINS - timedelta(days=800), days=850)
    for between in ((early, useless, CA), (CA, useless, early), (useless, early, CA)):
        for leaf, expected in ((now, CA), (then, early)):
            found = path(leaf, *between)
            assert found.trusted
            assert found.defect == ""
            assert found.links[1].der == expected.der


def test_authorities_in_a_circle_end() -> None:
    first = make(name("Một"), None, authority())
    second = make(name("Hai"), first, authority())
    back = make(name("Một"), second, authority(), key=first.key)
    assert not path(make(name("Người"), second, LEAF), second, back).trusted
