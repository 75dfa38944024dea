"""
The software back end: PKCS#8 sealed under the master key, opened in the memory of the process.

A test and small-office custody: whoever can read the memory of the process has the keys. Devices come as back ends of
their own.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.errors import KeyRefused
from keys.handles import KeyHandle
from keys.sealing import MasterKey
from keys.settings import KeysSettings

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_SHA256 = hashes.SHA256()
_PSS = padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=32)
_ECDSA, _ECDSA_DIGEST = ec.ECDSA(_SHA256), ec.ECDSA(Prehashed(_SHA256))
_PKCS1 = padding.PKCS1v15()


class SoftwareSigner:
    """A key in memory, reachable only as functions; it has no attribute to read it from and cannot be pickled."""

    __slots__ = ("_sign", "_sign_digest", "algorithm")

    def __init__(self, key: PrivateKey, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self._sign = _signing(key, algorithm)
        self._sign_digest = _digest_signing(key)

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    def sign(self, message: bytes) -> bytes:
        return self._sign(message)

    def sign_digest(self, digest: bytes) -> bytes:
        if self.algorithm is not Algorithm.ES256 or len(digest) != 32:
            raise KeyRefused("wrong_algorithm", debug=f"digest of {len(digest)} bytes for {self.algorithm}")
        return self._sign_digest(digest)


class SoftwareBackend:
    """Keys sealed in the database."""

    name = "software"
    algorithms = frozenset(Algorithm)

    def __init__(self, master: MasterKey, settings: KeysSettings) -> None:
        self._master = master
        self._rsa_key_bits = settings.rsa_key_bits

    def generate(self, handle: KeyHandle, algorithm: Algorithm) -> NewKey:
        key = self._make(algorithm)
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return NewKey(handle, algorithm, self.name, self._master.seal(plain, _context(handle, algorithm)), public)

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> SoftwareSigner:
        plain = self._master.unseal(stored, _context(handle, algorithm))
        # The check of an RSA key costs 30 ms. These bytes are authenticated and were written by generate() above.
        key = load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, _KINDS[algorithm]):
            raise KeyRefused("wrong_algorithm", debug=f"{type(key).__name__} cannot do {algorithm}")
        return SoftwareSigner(key, algorithm)

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        """Nothing outside the sealed blob exists."""

    def _make(self, algorithm: Algorithm) -> PrivateKey:
        if algorithm is Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        if algorithm in (Algorithm.RS256, Algorithm.PS256):
            return rsa.generate_private_key(public_exponent=65_537, key_size=self._rsa_key_bits)
        if algorithm is Algorithm.EDDSA:
            return ed25519.Ed25519PrivateKey.generate()
        raise KeyRefused("wrong_algorithm", debug=str(algorithm))


_KINDS: dict[Algorithm, type[PrivateKey]] = {
    Algorithm.ES256: ec.EllipticCurvePrivateKey,
    Algorithm.RS256: rsa.RSAPrivateKey,
    Algorithm.PS256: rsa.RSAPrivateKey,
    Algorithm.EDDSA: ed25519.Ed25519PrivateKey,
}


def _context(handle: KeyHandle, algorithm: Algorithm) -> str:
    """Ties the sealed bytes to their row and algorithm: swapped between rows they do not open."""
    return f"keys.software|{handle}|{algorithm}"


def _signing(key: PrivateKey, algorithm: Algorithm) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda message: key.sign(message, _ECDSA)
    if isinstance(key, rsa.RSAPrivateKey):
        scheme = _PSS if algorithm is Algorithm.PS256 else _PKCS1
        return lambda message: key.sign(message, scheme, _SHA256)
    return key.sign


def _digest_signing(key: PrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda digest: key.sign(digest, _ECDSA_DIGEST)
    return _never


def _never(_digest: bytes) -> bytes:
    raise KeyRefused("wrong_algorithm")
