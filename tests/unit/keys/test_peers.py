"""Certificates of others: what they say, and who has to vouch for them."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.errors import KeyRefused
from keys.jose import thumbprint
from keys.peers import authorities_in, distinguished_name, read_peer, verify_peer
from tests.certificates import BEGINS, Authority, HeldCertificate, self_signed
from tests.interop.path_making import (
    AUTHORITY,
    CA,
    LEAF,
    MOMENT,
    PERSON,
    ROOT,
    Extension,
    Made,
    changed,
    limits,
    make,
    usage,
)
from tests.interop.path_names import trees

NOW = 1_764_000_000
CITY = Authority()
OTHERS = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Bộ")]))


def verify(held: HeldCertificate, chain: tuple[bytes, ...] = (), *authorities: Authority, at: int = NOW) -> None:
    trusted = tuple(each.held.der for each in authorities or (CITY,))
    verify_peer(read_peer(held.der), chain, trusted, at=at)


def test_what_a_certificate_says() -> None:
    names = [x509.DNSName("Portal.Example.VN"), x509.IPAddress(ip_address("2001:db8::1")), x509.RFC822Name("a@b.vn")]
    held = CITY.issue("CN=Cổng,O=Sở  Nội vụ,C=VN", names=[*names, x509.UniformResourceIdentifier("spiffe://x/y")])
    peer = read_peer(held.der)
    assert peer.thumbprint == held.thumbprint
    assert peer.key_thumbprint == thumbprint(held.jwk)
    assert peer.subject == distinguished_name("cn=cổng,O=sở nội VỤ,c=vn")
    assert peer.names == {
        "dns": {"portal.example.vn"},
        "ip": {"2001:db8::1"},
        "email": {"a@b.vn"},
        "uri": {"spiffe://x/y"},
    }
    assert peer.not_before == int(BEGINS.timestamp())


@pytest.mark.parametrize("text", ["O=x,CN=portal", "CN=portal", "CN=portal,O=x,O=x", "CN=portal+O=x", "CN=portalx,O=x"])
def test_another_name(text: str) -> None:
    assert distinguished_name(text) != distinguished_name("CN=portal,O=x")


@pytest.mark.parametrize("text", ["x", "CN=", "=x", "CN=a,", "CN=a;O=b=c,"])
def test_no_name(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reader says
        distinguished_name(text)


@pytest.mark.parametrize("der", [b"", b"x", b"0" * 9000, CITY.held.der[:-1], CITY.held.der + b"x"], ids="abcde")
def test_garbage(der: bytes) -> None:
    with pytest.raises(KeyRefused):
        read_peer(der)


def test_a_weak_key() -> None:
    name = x509.Name.from_rfc4514_string("CN=portal")
    key = rsa.generate_private_key(65_537, 1024)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, BEGINS, BEGINS + timedelta(days=9))
    with pytest.raises(KeyRefused):
        read_peer(HeldCertificate(made.sign(key, SHA256()), key).der)


def test_an_authority_vouches_directly_or_through_another() -> None:
    verify(CITY.issue())
    ward = Authority("CN=Phường,C=VN", above=CITY)
    verify(ward.issue(), (ward.held.der,))
    with pytest.raises(KeyRefused):
        verify(ward.issue())  # nobody shows how it leads to the city


def refused(held: HeldCertificate, at: int = NOW) -> None:
    with pytest.raises(KeyRefused):
        verify(held, at=at)


def test_who_is_not_vouched_for() -> None:
    refused(self_signed())
    refused(Authority().issue())  # of the same name, with another key
    refused(CITY.issue(days=300))
    refused(CITY.issue(begins=BEGINS + timedelta(days=700)))
    refused(CITY.issue(usage=ExtendedKeyUsageOID.SERVER_AUTH))
    citizen = CITY.issue("CN=Thành phố,C=VN")  # a leaf that plays authority
    forger = Authority.__new__(Authority)
    forger.name, forger.above, forger.held = "CN=Thành phố,C=VN", None, citizen
    with pytest.raises(KeyRefused):
        verify(forger.issue(), (citizen.der,))


def test_no_authority_no_trust() -> None:
    with pytest.raises(KeyRefused):
        verify_peer(read_peer(CITY.issue().der), (), (), at=NOW)


def odd(*extensions: Extension, **options: Any) -> tuple[Made, Made]:
    """Somebody under an authority of ROOT that has these extensions."""
    between = make("Giữa", ROOT, extensions, **options)
    return make("Người", between, LEAF), between


@pytest.mark.parametrize(
    ("why", "pair"),
    [
        ("its key may not sign certificates", odd(limits(), usage("digital_signature", "crl_sign"))),
        ("constraints on names that are not critical", odd(*AUTHORITY, (trees(OTHERS)[0], False))),
        ("a weak key", odd(*AUTHORITY, key=rsa.generate_private_key(3, 2048))),
        ("of version 2", odd(*AUTHORITY)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_an_authority_between_that_is_none(why: str, pair: tuple[Made, Made]) -> None:
    leaf, between = pair
    at = int(MOMENT.timestamp())
    if why == "of version 2":
        verify_peer(read_peer(leaf.der), [between.der], (ROOT.der,), at=at)
        between = changed(between, ROOT, lambda tbs: tbs.__setitem__("version", "v2"))
    with pytest.raises(KeyRefused, match="peer_refused"):
        verify_peer(read_peer(leaf.der), [between.der], (ROOT.der,), at=at)


def test_version_2_is_not_read() -> None:
    """The parser's word for it is no ValueError; it must not become an error of the server."""
    with pytest.raises(KeyRefused, match="peer_refused"):
        read_peer(changed(PERSON, CA, lambda tbs: tbs.__setitem__("version", "v2")).der)


def test_files_of_authorities() -> None:
    other = Authority()
    assert authorities_in(CITY.held.pem + b"\n# another\n" + other.held.pem) == (CITY.held.der, other.held.der)
    for wrong in (b"", b"x", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever the reader says
            authorities_in(wrong)
