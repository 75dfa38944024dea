"""What certification paths for tests are made of: certificates of every kind, also those that nobody should make."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Extension = tuple[x509.ExtensionType, bool]
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.7"), b"\x05\x00")
OURS, TLS, OPENSSL = "documents", "TLS peers", "OpenSSL"
"""Who judges: our two validators, and OpenSSL."""


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    der: bytes
    key: Any

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)


@dataclass(frozen=True)
class Case:
    """explained: from a judge to why it answers the opposite of `valid`."""

    name: str
    clause: str
    valid: bool
    leaf: bytes
    pool: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    explained: Mapping[str, str] = field(default_factory=dict)


def dn(common: str, *more: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    pairs = ((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "Tỉnh"), *more, (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def usage(*bits: str) -> Extension:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in bits for name in names}), True


def limits(length: int | None = None, *, ca: bool = True, critical: bool = True) -> Extension:
    return x509.BasicConstraints(ca=ca, path_length=length), critical


SIGNS = usage("key_cert_sign", "crl_sign")
WRITES = usage("digital_signature", "content_commitment")
ALT: Extension = (x509.SubjectAlternativeName([x509.RFC822Name("an@tinh.example.vn")]), False)
CLIENT: Extension = (
    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False,
)  # fmt: skip
AUTHORITY: tuple[Extension, ...] = (limits(), SIGNS)
LEAF: tuple[Extension, ...] = (limits(ca=False), WRITES, ALT, CLIENT)


def make(
    subject: x509.Name | str,
    issuer: Made | None = None,
    extensions: Sequence[Extension] = AUTHORITY,
    *,
    key: Any = None,
    identifiers: bool = True,
    begins: datetime = MOMENT - 400 * DAY,
    ends: datetime = MOMENT + 400 * DAY,
) -> Made:
    """Of an ordinary one; what `cryptography` refuses to write is done by `changed`."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    name = dn(subject) if isinstance(subject, str) else subject
    signer = issuer.key if issuer else own
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if identifiers:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Made(builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER), own)


def changed(made: Made, issuer: Made, change: Callable[[Any], None], digest: str = "sha256") -> Made:
    """The same with another TBSCertificate, signed anew over what then stands there."""
    certificate = asn1.Certificate.load(made.der)
    tbs = certificate["tbs_certificate"].copy()
    change(tbs)
    der = tbs.dump(force=True)
    kind = Prehashed(hashes.SHA1() if digest == "sha1" else hashes.SHA256())  # made to be refused
    signature = issuer.key.sign(hashlib.new(digest, der).digest(), ec.ECDSA(kind))
    found = asn1.Certificate(
        {
            "tbs_certificate": asn1.TbsCertificate.load(der),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"}),
            "signature_value": signature,
        }
    )
    return Made(found.dump(), made.key)


ROOT = make("Gốc")
CA = make("Cấp chứng thư", ROOT, (limits(0), SIGNS))
PERSON = make("Nguyễn Văn An", CA, LEAF)


def case(
    name: str,
    clause: str,
    leaf: Made,
    *pool: Made,
    valid: bool = False,
    anchors: Sequence[Made] = (ROOT,),
    **explained: str,
) -> Case:
    """explained: ours, tls, openssl."""
    judges = {"ours": OURS, "tls": TLS, "openssl": OPENSSL}
    told = {judges[one]: why for one, why in explained.items()}
    ders = tuple(one.der for one in pool)
    return Case(name, clause, valid, leaf.der, ders, tuple(one.der for one in anchors), told)


def under(
    *extensions: Extension, leaf: Sequence[Extension] = LEAF, subject: x509.Name | str = "Nguyễn Văn An"
) -> tuple[Made, Made]:
    """A leaf and its authority, which has these extensions."""
    issuer = make("Cấp", ROOT, extensions)
    return make(subject, issuer, leaf), issuer


def chain_below(top: Made, count: int) -> tuple[Made, ...]:
    """A leaf below so many authorities below `top`; leaf first."""
    between = [top]
    for number in range(count):
        between.append(make(f"Tầng {number}", between[-1]))
    return make("An", between[-1], LEAF), *between[::-1]
