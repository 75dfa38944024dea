"""Certificates in a file are a stranger's: however many and however shaped, they cost little and prove nothing."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats import FORMATS
from signing.formats.base import Level, PrepareRequest
from signing.validation.certificates import CertificateUnreadable, facts_of, load
from signing.validation.chains import build_chain, count_strays
from signing.validation.effort import Effort
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.interop.path_making import CA, PERSON, changed
from tests.signing_pki import DAY, NOW, Holder, issue, moment, shared_city


def look_alikes(authority: Holder, count: int, key: ec.EllipticCurvePrivateKey | None = None) -> tuple[bytes, ...]:
    """Authorities of one name and one key, each of which issued all the others; with another `key`, none did."""
    name = authority.certificate.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(authority.key.public_key())
        .not_valid_before(moment(NOW - DAY))
        .not_valid_after(moment(NOW + DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return tuple(
        builder.serial_number(1000 + number)
        .sign(key or authority.key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
        for number in range(count)
    )


def verified(embedded: tuple[bytes, ...], holder: Holder) -> Report:
    """A document whose CMS carries these certificates."""
    city = shared_city()
    request = PrepareRequest(
        certificate=holder.der, chain=(*holder.chain, *embedded), signing_time=NOW, level=Level.B_B
    )
    prepared = FORMATS[0].prepare(pdfs.plain(), request)
    document = FORMATS[0].embed(prepared, holder.sign(prepared.to_be_signed_digest), None)
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    return verify_document(document, moment=NOW + 60, own=own)


def test_authorities_that_all_issued_each_other_are_visited_once() -> None:
    """Sixty of them have more paths than anybody can try; a depth-first search never came back."""
    stranger = issue("Kẻ lạ", None, authority=True)
    person = issue("Giả", stranger)
    effort = Effort()
    chain = build_chain(person.der, look_alikes(stranger, 60), (), shared_city().anchors, effort)
    assert not chain.trusted
    assert effort.left > 0
    assert str(verified(look_alikes(stranger, 60), person).sub_indication) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_trusted_unit_certifies_nobody() -> None:
    """Its certificate may be an anchor, for it stands in a trust list; it is still no authority."""
    unit = shared_city().tsu
    assert build_chain(unit.der, (), (), [unit.der], Effort()).trusted
    assert not build_chain(issue("Giả", unit).der, (), (), [unit.der], Effort()).trusted


def test_a_spent_effort_finds_no_issuer() -> None:
    city = shared_city()
    known = (city.issuing.der,)
    assert build_chain(city.official.der, (), known, city.anchors, Effort()).trusted
    assert not build_chain(city.official.der, (), known, city.anchors, Effort(1)).trusted
    assert count_strays(known, (), city.anchors, Effort()) == 0
    assert count_strays(known, (), city.anchors, Effort(0)) == 1


def test_more_certificates_than_anybody_needs_are_refused() -> None:
    city = shared_city()
    others = look_alikes(issue("Kẻ lạ", None, authority=True), 70, ec.generate_private_key(ec.SECP256R1()))
    report = verified(others, city.official)
    assert (str(report.indication), str(report.sub_indication)) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_many_roots_do_not_crowd_out_the_issuer() -> None:
    """A trust list has hundreds of roots; the certificate that links to one of them comes with the signature."""
    city = shared_city()
    roots = [*(issue(f"Gốc {number}", None, authority=True).der for number in range(80)), *city.anchors]
    assert build_chain(city.official.der, city.official.chain, (), roots, Effort()).trusted


def test_a_huge_certificate_is_not_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lớn")])
    ballast = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.7"), b"\x04" * 40_000)
    huge = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(moment(NOW - DAY))
        .not_valid_after(moment(NOW + DAY))
        .add_extension(ballast, critical=False)
        .sign(key, hashes.SHA256())
    )
    with pytest.raises(CertificateUnreadable):
        load(huge.public_bytes(serialization.Encoding.DER))


def test_slack_in_a_certificate_is_noticed() -> None:
    """The last octet of its signature says how many bits are unused; parsers let it be anything."""
    while True:
        der = issue("Nguyễn Văn An", shared_city().issuing).der
        if der[-1] & 1 == 0:
            break
    signature = load(der).signature
    at = len(der) - len(signature) - 1
    assert der[at] == 0
    with pytest.raises(CertificateUnreadable):
        facts_of(der[:at] + b"\x01" + der[at + 1 :])


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_extensions_before_version_3(version: str) -> None:
    """Whoever reads by version sees no constraint in it, whoever reads on sees all of them."""
    with pytest.raises(CertificateUnreadable):
        facts_of(changed(PERSON, CA, lambda tbs: tbs.__setitem__("version", version)).der)
