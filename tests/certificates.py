"""Certificates that clients use in TLS, their authorities, and how a proxy passes them on."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 3650


@dataclass(frozen=True)
class HeldCertificate:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    @property
    def header(self) -> str:
        """RFC 9440."""
        return f":{base64.b64encode(self.der).decode()}:"

    @property
    def escaped(self) -> str:
        """As nginx has it in $ssl_client_escaped_cert."""
        return quote(self.pem.decode(), safe="")

    @property
    def thumbprint(self) -> str:
        digest = Hash(SHA256())
        digest.update(self.der)
        return base64.urlsafe_b64encode(digest.finalize()).rstrip(b"=").decode()

    @property
    def jwk(self) -> dict[str, str]:
        """Its public key."""
        point = self.key.public_key().public_numbers()
        x, y = (
            base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode() for number in (point.x, point.y)
        )
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**self.jwk, "x5c": [base64.b64encode(self.der).decode()]}]}


@dataclass
class Authority:
    """Signs certificates; `above` has signed its own."""

    name: str = "CN=Thành phố,C=VN"
    above: Authority | None = None
    held: HeldCertificate = field(init=False)

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        signer, issuer = (key, self.name) if self.above is None else (self.above.held.key, self.above.name)
        made = _builder(self.name, issuer, key, BEGINS, DAYS)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.held = HeldCertificate(made.sign(signer, SHA256()), key)

    def issue(
        self,
        subject: str = "CN=portal,O=Sở Nội vụ,C=VN",
        *,
        names: Sequence[x509.GeneralName] = (),
        begins: datetime = BEGINS,
        days: int = DAYS,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    ) -> HeldCertificate:
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(subject, self.name, key, begins, days)
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if names:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return HeldCertificate(made.sign(self.held.key, SHA256()), key)


def self_signed(
    subject: str = "CN=portal", *, begins: datetime = BEGINS, days: int = DAYS, key: Any = None
) -> HeldCertificate:
    """A certificate that only its holder vouches for."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    return HeldCertificate(_builder(subject, subject, key, begins, days).sign(key, SHA256()), key)


def _builder(subject: str, issuer: str, key: Any, begins: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name.from_rfc4514_string(subject))
        .issuer_name(x509.Name.from_rfc4514_string(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )
