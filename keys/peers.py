"""
Certificates of others, which their holders have used in TLS: what they say, and whether an authority we trust says so.

Names are brought into one spelling before they are compared: letters of either case, spaces and host names as their
standards have them, and nothing else.

Source: RFC 8705 §2, §3.1; RFC 5280 §4.2.1.6, §6, §7; RFC 4514; RFC 4517 §4.2.15 (distinguishedNameMatch).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from keys.certificates import certificate_of
from keys.errors import KeyRefused
from keys.handles import PeerCertificate
from keys.jose import thumbprint
from keys.weaknesses import weakness_of

MOST_BYTES = 8 * 1024
MOST_NAMES = 50
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_SPACES = re.compile(r"\s+")
_SHORT_NAMES = {
    "cn": NameOID.COMMON_NAME,
    "o": NameOID.ORGANIZATION_NAME,
    "ou": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "c": NameOID.COUNTRY_NAME,
    "l": NameOID.LOCALITY_NAME,
    "st": NameOID.STATE_OR_PROVINCE_NAME,
    "dc": NameOID.DOMAIN_COMPONENT,
    "uid": NameOID.USER_ID,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "title": NameOID.TITLE,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
}
_ANY = Criticality.AGNOSTIC


def _signs_certificates(_policy: object, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """Raises: ValueError: the key usage is there and leaves certificates out (RFC 5280 §6.1.4 (n))."""
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an authority whose key may not sign certificates")


_CA = (
    ExtensionPolicy.webpki_defaults_ca()
    .may_be_present(x509.KeyUsage, _ANY, _signs_certificates)
    .may_be_present(x509.NameConstraints, Criticality.CRITICAL, None)
    .may_be_present(x509.SubjectKeyIdentifier, _ANY, None)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
)
_LEAF = (
    ExtensionPolicy.webpki_defaults_ee()
    .may_be_present(x509.SubjectAlternativeName, _ANY, None)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
)
"""The rules of the web, without the extensions that an agency's own authority often leaves out."""
Name = tuple[frozenset[tuple[str, str]], ...]


@lru_cache(maxsize=256)
def read_peer(der: bytes) -> PeerCertificate:
    """
    What it says, kept for a while: a client shows the same one at every request.

    Raises: KeyRefused("peer_refused"): too long, malformed, or a key below RSA 2048 bits or of an odd kind.
    """
    if len(der) > MOST_BYTES:
        raise _refused("too long")
    try:
        found = certificate_of(der)
        if found.serial_number <= 0:
            raise ValueError("a number that is not positive")
        return PeerCertificate(
            der=der,
            thumbprint=base64url(sha256(der).digest()),
            key_thumbprint=thumbprint(_members(found.public_key())),
            subject=_comparable(found.subject),
            names=_names(found),
            not_before=int(found.not_valid_before_utc.timestamp()),
            not_after=int(found.not_valid_after_utc.timestamp()),
        )
    except (ValueError, TypeError) as error:
        raise _refused(str(error)) from error


def verify_peer(peer: PeerCertificate, chain: Sequence[bytes], authorities: tuple[bytes, ...], *, at: int) -> None:
    """
    A chain to one of the authorities, every link in its time, the leaf fit for client authentication.

    chain: DER, intermediate certificates the peer sent along, if any.
    Raises: KeyRefused("peer_refused").
    """
    try:
        verifier = (
            PolicyBuilder()
            .store(_store(authorities))
            .time(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
            .max_chain_depth(4)
            .extension_policies(ca_policy=_CA, ee_policy=_LEAF)
            .build_client_verifier()
        )
        between = [certificate_of(one) for one in chain]
        found = verifier.verify(certificate_of(peer.der), between).chain
    except (VerificationError, ValueError) as error:
        raise _refused(str(error)) from error
    if any(weakness_of(one.public_key()) for one in found[1:-1]):
        raise _refused("the key of an authority between is weak")


def distinguished_name(text: str) -> Name:
    """Raises: ValueError."""
    return _comparable(x509.Name.from_rfc4514_string(text, _SHORT_NAMES))


def authorities_in(pem: bytes) -> tuple[bytes, ...]:
    """Raises: ValueError."""
    blocks = _PEM.findall(pem)
    if not blocks:
        raise ValueError("there is no certificate in it")
    return tuple(x509.load_pem_x509_certificate(block).public_bytes(Encoding.DER) for block in blocks)


def pem_of(der: bytes) -> str:
    """A certificate in PEM."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=8)
def _store(authorities: tuple[bytes, ...]) -> Store:
    return Store([x509.load_der_x509_certificate(der) for der in authorities])


def _members(key: object) -> dict[str, str]:
    """The public key as a JWK. Raises: ValueError."""
    if weakness_of(key):
        raise ValueError("the key is weak")
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        point, size = key.public_numbers(), (key.curve.key_size + 7) // 8
        x, y = (base64url(number.to_bytes(size, "big")) for number in (point.x, point.y))
        return {"kty": "EC", "crv": _CURVES[key.curve.name], "x": x, "y": y}
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        n, e = (base64url(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
        return {"kty": "RSA", "n": n, "e": e}
    raise ValueError("the key is of a kind we do not use")


def _comparable(name: x509.Name) -> Name:
    """In the order of RFC 4514, which is the reverse of how a certificate holds it."""
    return tuple(
        frozenset((each.oid.dotted_string, _SPACES.sub(" ", str(each.value)).strip().casefold()) for each in relative)
        for relative in reversed(name.rdns)
    )


def _names(certificate: x509.Certificate) -> dict[str, frozenset[str]]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return {}
    if len(found) > MOST_NAMES:
        raise ValueError("too many names")
    return {
        "dns": frozenset(value.lower() for value in found.get_values_for_type(x509.DNSName)),
        "uri": frozenset(found.get_values_for_type(x509.UniformResourceIdentifier)),
        "ip": frozenset(str(ip_address(str(value))) for value in found.get_values_for_type(x509.IPAddress)),
        "email": frozenset(found.get_values_for_type(x509.RFC822Name)),
    }


def base64url(raw: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(why: str) -> KeyRefused:
    return KeyRefused("peer_refused", debug=why[:200], status=401)
