"""
The test of a pair just made: it signs, and its public half agrees; a pair that fails it is never used.

Source: FIPS 140-3, ISO/IEC 19790 §7.10.3.3 (pair-wise consistency test).
"""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

from keys.algorithms import Algorithm
from keys.errors import KeysUnavailable

PublicKey = (
    ec.EllipticCurvePublicKey
    | rsa.RSAPublicKey
    | ed25519.Ed25519PublicKey
    | mldsa.MLDSA44PublicKey
    | mldsa.MLDSA65PublicKey
    | mldsa.MLDSA87PublicKey
)
_TEXT = b"antin.pairwise-test"
_HASHES: dict[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES512: hashes.SHA512(),
}


class Signs(Protocol):
    """An opened key."""

    @property
    def algorithm(self) -> Algorithm: ...

    def sign(self, message: bytes) -> bytes: ...


def check_pair(signer: Signs, public: PublicKey) -> None:
    """Raises: KeysUnavailable: the signature is not this public key's."""
    signature = signer.sign(_TEXT)
    try:
        check_signature(signer.algorithm, public, signature, _TEXT)
    except InvalidSignature as error:
        raise KeysUnavailable("A new key fails its self-test.", debug=str(signer.algorithm)) from error


def check_signature(algorithm: Algorithm, public: PublicKey, signature: bytes, message: bytes) -> None:
    """Raises: InvalidSignature. The form of the signature is that of `Algorithm`."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, message, ec.ECDSA(_HASHES[algorithm]))
    elif isinstance(public, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        scheme = pss if algorithm is Algorithm.PS256 else padding.PKCS1v15()
        public.verify(signature, message, scheme, hashes.SHA256())
    else:
        public.verify(signature, message)
