"""
Certificates and keys of such an installation.

Certificates are RSA: the cipher suites that FAPI 1.0 names, to which the plan of CIBA holds a server, know no other,
and the suite's older releases read no other key of a client.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from base.clock import SystemClock, as_utc

RSA_BITS = 2048


@dataclass(frozen=True)
class Held:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def issue(subject: str, above: Held | None, *, host: str = "") -> Held:
    """A certificate for a year; without `above` an authority, with a host a server's, else a client's."""
    key, name = rsa.generate_private_key(65_537, RSA_BITS), x509.Name.from_rfc4514_string(subject)
    now = as_utc(SystemClock().now())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above.certificate.subject if above else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=above is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if above is not None:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if host else ExtendedKeyUsageOID.CLIENT_AUTH
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([_host_name(host)]), critical=False)
    return Held(made.sign(above.key if above else key, SHA256()), key)


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def private_jwk(kid: str, alg: str) -> dict[str, str]:
    """A fresh key. alg: PS256 | ES256."""
    if alg == "ES256":
        pair = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        point = pair.public_numbers
        members = {"x": _b64(point.x, 32), "y": _b64(point.y, 32), "d": _b64(pair.private_value, 32)}
        return {"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": alg, **members}
    found = rsa.generate_private_key(65_537, RSA_BITS).private_numbers()
    numbers = {
        "n": found.public_numbers.n,
        "e": found.public_numbers.e,
        "d": found.d,
        "p": found.p,
        "q": found.q,
        "dp": found.dmp1,
        "dq": found.dmq1,
        "qi": found.iqmp,
    }
    return {"kty": "RSA", "kid": kid, "use": "sig", "alg": alg, **{name: _b64(n) for name, n in numbers.items()}}


def public_jwk(jwk: dict[str, str]) -> dict[str, str]:
    """What the provider may know of it."""
    kept = ("kty", "crv", "kid", "use", "alg", "x", "y", "n", "e")
    return {name: jwk[name] for name in kept if name in jwk}


def _b64(number: int, length: int | None = None) -> str:
    octets = number.to_bytes(length or (number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
