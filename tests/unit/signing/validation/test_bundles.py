"""Bundles of certificates at the address of an issuer (RFC 5280 §4.2.2.1): what is taken from them, and what is not."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates

from signing.formats.der import octets, oid, sequence, tlv
from signing.validation.bundles import MOST_BYTES, MOST_CERTIFICATES, certificates_in
from signing.validation.missing import Found, Kind, Wanted, issuers_among
from tests import signing_cms as made
from tests.signing_pki import shared_city

CITY = shared_city()
AUTHORITY, LEAF = CITY.issuing.der, CITY.official.der


def bundle(*certificates: bytes) -> bytes:
    return serialize_certificates([x509.load_der_x509_certificate(one) for one in certificates], Encoding.DER)


def test_a_bundle_gives_its_certificates_and_anything_else_itself() -> None:
    assert set(certificates_in(bundle(LEAF, AUTHORITY))) == {LEAF, AUTHORITY}
    assert certificates_in(AUTHORITY) == (AUTHORITY,)
    assert certificates_in(b"<html>") == (b"<html>",)


def test_only_authorities_among_them_are_looked_at() -> None:
    wanted = Wanted(Kind.ISSUER, "http://ca.example/issuer.p7c")
    assert issuers_among([Found(wanted, bundle(LEAF, AUTHORITY))]) == (AUTHORITY,)
    assert issuers_among([Found(wanted, b"<html>"), Found(wanted, AUTHORITY)]) == (AUTHORITY,)
    assert issuers_among([Found(Wanted(Kind.LIST, "http://ca.example/list"), bundle(AUTHORITY))]) == ()


def _signed_data(*parts: bytes) -> bytes:
    return sequence(oid("1.2.840.113549.1.7.2"), tlv(0xA0, sequence(*parts)))


VERSION, NONE, DATA = b"\x02\x01\x01", tlv(0x31, b""), sequence(oid("1.2.840.113549.1.7.1"))
WITH_CONTENT = sequence(oid("1.2.840.113549.1.7.1"), tlv(0xA0, octets(b"x")))


@pytest.mark.parametrize(
    "body",
    [
        made.sign(),  # somebody signed something with it
        bundle(AUTHORITY)[:-1],
        bundle(AUTHORITY) + b"\x00",
        _signed_data(),
        _signed_data(VERSION),
        _signed_data(VERSION, NONE, WITH_CONTENT, tlv(0xA0, AUTHORITY), NONE),
        _signed_data(VERSION, NONE, DATA, tlv(0xA0, AUTHORITY * (MOST_CERTIFICATES + 1)), NONE),
        _signed_data(VERSION, NONE, DATA, tlv(0xA0, AUTHORITY), tlv(0x04, bytes(MOST_BYTES)), NONE),
        sequence(oid("1.2.840.113549.1.7.2"), b"\xa0\x80\x30\x80"),
    ],
)
def test_what_is_no_plain_bundle_gives_nothing(body: bytes) -> None:
    assert certificates_in(body) == ()
