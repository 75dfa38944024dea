"""
The digests and signatures that trust lists may use. Pure; raises on anything else.

Source: ETSI TS 119 312 §5, §6; XMLDSig 1.1 §6; RFC 6931 §2.3.10; RFC 9231 §2.3.12.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.trust.lists.strict_xml import refused

LEAST_RSA_BITS = 2048
DIGESTS: Mapping[str, str] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_MORE, _PSS = "http://www.w3.org/2001/04/xmldsig-more#", "http://www.w3.org/2007/05/xmldsig-more#"
ECDSA_SHA256 = f"{_MORE}ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
Verifier = Callable[[Any, bytes, bytes], None]


def hash_of(uri: str, data: bytes) -> bytes:
    """Raises: KeyRefused: weak or unknown."""
    name = DIGESTS.get(uri)
    if name is None:
        raise refused(f"digest {uri[:100]}")
    return hashlib.new(name, data).digest()


def verify(uri: str, key: Any, signature: bytes, data: bytes) -> None:
    """Raises: KeyRefused: weak, unknown, for another kind of key, or the signature is wrong."""
    verifier = _VERIFIERS.get(uri)
    if verifier is None:
        raise refused(f"signature algorithm {uri[:100]}")
    try:
        verifier(key, signature, data)
    except InvalidSignature as error:
        raise refused("the signature is wrong") from error


def _rsa(name: str, *, pss: bool) -> Verifier:
    def check(key: Any, signature: bytes, data: bytes) -> None:
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_RSA_BITS:
            raise refused("the signer's key is of another kind, or too short")
        algorithm = _HASHES[name]
        padded = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size) if pss else padding.PKCS1v15()
        key.verify(signature, data, padded, algorithm)

    return check


def _ecdsa(name: str) -> Verifier:
    """The value is r and s one after the other, each as long as the order of the curve."""

    def check(key: Any, signature: bytes, data: bytes) -> None:
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.key_size < 256:
            raise refused("the signer's key is of another kind, or too short")
        half = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * half:
            raise refused("the signature is wrong")
        pair = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
        key.verify(encode_dss_signature(*pair), data, ec.ECDSA(_HASHES[name]))

    return check


def _ed25519(key: Any, signature: bytes, data: bytes) -> None:
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise refused("the signer's key is of another kind")
    key.verify(signature, data)


_VERIFIERS: Mapping[str, Verifier] = {
    **{f"{_MORE}rsa-{name}": _rsa(name, pss=False) for name in _HASHES},
    **{f"{_PSS}{name}-rsa-MGF1": _rsa(name, pss=True) for name in _HASHES},
    **{f"{_MORE}ecdsa-{name}": _ecdsa(name) for name in _HASHES},
    "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519": _ed25519,
}
