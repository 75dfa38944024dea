"""
How XML signatures name digests and signature algorithms, and how each kind of key signs.

An ECDSA value is r and s side by side, each as long as the order of the curve (XMLDSig 1.1 §6.4.3). ML-DSA has no
identifier that is registered: the drafts of RFC 9231's successor have changed theirs more than once, so it is refused.
Source: XMLDSig 1.1 §6.2, §6.4; RFC 9231 §2.1, §2.3 (SHA-3, RSA with MGF1, EdDSA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from signing.errors import SignatureRefused
from signing.formats.signature_algorithms import algorithm_of
from signing.formats.xml_words import DS
from signing.validation.signed import Scheme

_ENC, _2001 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2001/04/xmldsig-more#"
_2007, _2021 = "http://www.w3.org/2007/05/xmldsig-more#", "http://www.w3.org/2021/04/xmldsig-more#"
DIGEST_NAMES: Mapping[str, str] = {
    f"{DS}sha1": "sha1",
    f"{_2001}sha224": "sha224",
    f"{_ENC}sha256": "sha256",
    f"{_2001}sha384": "sha384",
    f"{_ENC}sha512": "sha512",
    f"{_2007}sha3-256": "sha3_256",
    f"{_2007}sha3-384": "sha3_384",
    f"{_2007}sha3-512": "sha3_512",
}
DIGEST_URIS: Mapping[str, str] = {name: uri for uri, name in DIGEST_NAMES.items()}
_SIZES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_SHA3 = {"sha3_256": 32, "sha3_384": 48, "sha3_512": 64}


def _schemes() -> dict[str, Scheme]:
    found = {f"{DS}rsa-sha1": Scheme("rsassa_pkcs1v15", "sha1"), f"{_2001}ecdsa-sha1": Scheme("ecdsa", "sha1")}
    for name, size in _SIZES.items():
        found[f"{_2001}rsa-{name}"] = Scheme("rsassa_pkcs1v15", name)
        found[f"{_2001}ecdsa-{name}"] = Scheme("ecdsa", name)
        found[f"{_2007}{name}-rsa-MGF1"] = Scheme("rsassa_pss", name, size)
    for name, size in _SHA3.items():
        word = name.replace("_", "-")
        found[f"{_2007}{word}-rsa-MGF1"] = Scheme("rsassa_pss", name, size)
        found[f"{_2021}ecdsa-{word}"] = Scheme("ecdsa", name)
    found[f"{_2021}eddsa-ed25519"] = Scheme("ed25519")
    found[f"{_2021}eddsa-ed448"] = Scheme("ed448")
    return found


SCHEMES: Mapping[str, Scheme] = _schemes()
"""By identifier. Keyed hashes are not among them: who can verify one can make one."""


@dataclass(frozen=True, slots=True)
class XmlAlgorithm:
    """digest: name of the hash of every reference. uri: of the signature. half: bytes of r and of s, 0 if no ECDSA."""

    digest: str
    uri: str
    half: int = 0


ALGORITHMS: Mapping[str, XmlAlgorithm] = {
    "ES256": XmlAlgorithm("sha256", f"{_2001}ecdsa-sha256", 32),
    "ES384": XmlAlgorithm("sha384", f"{_2001}ecdsa-sha384", 48),
    "ES512": XmlAlgorithm("sha512", f"{_2001}ecdsa-sha512", 66),
    "RS256": XmlAlgorithm("sha256", f"{_2001}rsa-sha256"),
    "PS256": XmlAlgorithm("sha256", f"{_2007}sha256-rsa-MGF1"),
    "EdDSA": XmlAlgorithm("sha512", f"{_2021}eddsa-ed25519"),
}
"""By what keys call it."""


def xml_algorithm_of(name: str) -> XmlAlgorithm:
    """Raises: SignatureRefused("key_type"): nobody knows it; ("no_xml_identifier"): XML signatures cannot name it."""
    found = ALGORITHMS.get(name)
    if found is None:
        algorithm_of(name)
        raise SignatureRefused(
            "no_xml_identifier",
            vi=f"Chưa có mã định danh chính thức cho thuật toán {name} trong chữ ký XML. Hãy ký theo CAdES.",
            en=f"XML signatures have no registered identifier for {name}. Sign with CAdES instead.",
            hint=name,
            status=422,
        )
    return found


def as_pair(value: bytes, half: int) -> bytes:
    """An ECDSA value in DER as r and s side by side."""
    r, s = decode_dss_signature(value)
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def as_der(value: bytes, half: int) -> bytes:
    """The way back, of a value that is twice as long."""
    return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
