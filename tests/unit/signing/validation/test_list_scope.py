"""A part of a list never passes for the whole: it counts for the certificates that it says it is about."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ReasonFlags, UniformResourceIdentifier
from cryptography.x509.oid import NameOID

from signing.validation.certificates import CertificateFacts, facts_of
from signing.validation.list_scope import covers
from tests.signing_pki import DAY, NOW, moment, shared_city

HERE, ELSEWHERE = "http://ca.example.vn/1.crl", "http://ca.example.vn/2.crl"


def certificate(*points: str, authority: bool = False, **point: Any) -> CertificateFacts:
    """One that names these distribution points."""
    issuer = shared_city().issuing
    names = [
        x509.DistributionPoint([UniformResourceIdentifier(one)], None, **{"reasons": None, "crl_issuer": None, **point})
        for one in points
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn An")]))
        .issuer_name(issuer.certificate.subject)
        .public_key(issuer.key.public_key())
        .serial_number(4_711)
        .not_valid_before(moment(NOW - DAY))
        .not_valid_after(moment(NOW + DAY))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.CRLDistributionPoints(names), critical=False)
    from cryptography.hazmat.primitives.serialization import Encoding

    return facts_of(builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER))


def listing(**scope: Any) -> x509.CertificateRevocationList:
    """A list with that scope."""
    issuer = shared_city().issuing
    whole: dict[str, Any] = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    if scope.get("full_name"):
        scope["full_name"] = [UniformResourceIdentifier(one) for one in scope["full_name"]]
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(moment(NOW))
        .next_update(moment(NOW + DAY))
        .add_extension(x509.IssuingDistributionPoint(**{**whole, **scope}), critical=True)
        .sign(issuer.key, hashes.SHA256())
    )


def test_a_list_for_the_point_that_the_certificate_names() -> None:
    asked = listing(full_name=[ELSEWHERE, HERE])
    assert covers(asked, certificate(HERE))
    assert not covers(listing(full_name=[ELSEWHERE]), certificate(HERE))
    assert not covers(asked, certificate())


@pytest.mark.parametrize("point", [{"reasons": frozenset({ReasonFlags.key_compromise})}, {"crl_issuer": []}])
def test_a_point_for_some_reasons_or_of_another_issuer_is_none(point: dict[str, Any]) -> None:
    if "crl_issuer" in point:
        point = {"crl_issuer": [x509.DirectoryName(shared_city().root.certificate.subject)]}
    assert not covers(listing(full_name=[HERE]), certificate(HERE, **point))


def test_people_and_authorities() -> None:
    people, authorities = listing(only_contains_user_certs=True), listing(only_contains_ca_certs=True)
    assert [covers(one, certificate()) for one in (people, authorities)] == [True, False]
    assert [covers(one, certificate(authority=True)) for one in (people, authorities)] == [False, True]


@pytest.mark.parametrize(
    "scope",
    [
        {"indirect_crl": True},
        {"only_some_reasons": frozenset({ReasonFlags.key_compromise})},
        {"only_contains_attribute_certs": True},
        {
            "relative_name": x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, "1")]),
        },
    ],
)
def test_what_is_not_read_never_counts(scope: dict[str, Any]) -> None:
    assert not covers(listing(**scope), certificate(HERE))


def test_a_list_without_a_scope_is_about_all() -> None:
    issuer = shared_city().issuing
    assert covers(x509.load_der_x509_crl(issuer.sign_crl()), certificate())
