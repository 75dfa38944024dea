"""
The software back end: PKCS#8 sealed under the master key, opened in the memory of the process.

A test and small-office custody: whoever can read the memory of the process has the keys. Devices come as back ends of
their own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from keys.algorithms import Algorithm, KeyAlgorithm, check_digest
from keys.backends.base import NewKey
from keys.backends.pairwise import check_pair
from keys.errors import KeyRefused
from keys.handles import KeyHandle, KeyManagement
from keys.sealing import MasterKey
from keys.settings import KeysSettings

PrivateKey = (
    ec.EllipticCurvePrivateKey
    | rsa.RSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | mldsa.MLDSA44PrivateKey
    | mldsa.MLDSA65PrivateKey
    | mldsa.MLDSA87PrivateKey
)
_SHA256 = hashes.SHA256()
_PSS = padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=32)
_PKCS1 = padding.PKCS1v15()
_OAEP = padding.OAEP(mgf=padding.MGF1(_SHA256), algorithm=_SHA256, label=None)
_CURVES: dict[KeyAlgorithm, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    Algorithm.ES256: (ec.SECP256R1(), _SHA256),
    Algorithm.ES384: (ec.SECP384R1(), hashes.SHA384()),
    Algorithm.ES512: (ec.SECP521R1(), hashes.SHA512()),
}


class SoftwareSigner:
    """A key in memory, reachable only as functions; it has no attribute to read it from and cannot be pickled."""

    __slots__ = ("_sign", "_sign_digest", "algorithm")

    def __init__(self, key: PrivateKey, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self._sign = _signing(key, algorithm)
        self._sign_digest = _digest_signing(key, algorithm)

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    def sign(self, message: bytes) -> bytes:
        return self._sign(message)

    def sign_digest(self, digest: bytes) -> bytes:
        check_digest(self.algorithm, digest)
        return self._sign_digest(digest)


class SoftwareDecrypter:
    """The same for a key that decrypts."""

    __slots__ = ("_agree", "_unwrap", "algorithm")

    def __init__(self, key: PrivateKey, algorithm: KeyManagement) -> None:
        self.algorithm = algorithm
        self._unwrap = _unwrapping(key)
        self._agree = _agreeing(key)

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    def unwrap(self, encrypted_key: bytes) -> bytes:
        return self._unwrap(encrypted_key)

    def agree(self, point: bytes) -> bytes:
        return self._agree(point)


class SoftwareBackend:
    """Keys sealed in the database."""

    name = "software"
    algorithms: frozenset[KeyAlgorithm] = frozenset([*Algorithm, *KeyManagement])

    def __init__(self, master: MasterKey, settings: KeysSettings, folder: Path | None = None) -> None:
        self._master = master
        self._rsa_key_bits = settings.rsa_key_bits

    @classmethod
    def configured(cls, settings: KeysSettings) -> bool:
        """It is always there."""
        return True

    def describe(self) -> str:
        return "sealed in the database"

    def generate(self, handle: KeyHandle, algorithm: KeyAlgorithm) -> NewKey:
        key = self._make(algorithm)
        if isinstance(algorithm, Algorithm):
            check_pair(SoftwareSigner(key, algorithm), key.public_key())
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return NewKey(handle, algorithm, self.name, self._master.seal(plain, sealed_for(handle, algorithm)), public)

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> SoftwareSigner:
        return SoftwareSigner(self._opened(handle, algorithm, stored), algorithm)

    def open_to_decrypt(self, handle: KeyHandle, algorithm: KeyManagement, stored: bytes) -> SoftwareDecrypter:
        return SoftwareDecrypter(self._opened(handle, algorithm, stored), algorithm)

    def _opened(self, handle: KeyHandle, algorithm: KeyAlgorithm, stored: bytes) -> PrivateKey:
        plain = self._master.unseal(stored, sealed_for(handle, algorithm))
        # The check of an RSA key costs 30 ms. These bytes are authenticated and were written by generate() above.
        key = load_der_private_key(plain, None, unsafe_skip_rsa_key_validation=True)
        if not _fits(key, algorithm):
            raise KeyRefused("wrong_algorithm", debug=f"{type(key).__name__} cannot do {algorithm}")
        return key

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        """Nothing outside the sealed blob exists."""

    def _make(self, algorithm: KeyAlgorithm) -> PrivateKey:
        kind = _KINDS[algorithm]
        if kind is rsa.RSAPrivateKey:
            return rsa.generate_private_key(public_exponent=65_537, key_size=self._rsa_key_bits)
        if kind is ec.EllipticCurvePrivateKey:
            return ec.generate_private_key(_curve_of(algorithm))
        return _MAKERS[kind]()


_KINDS: dict[KeyAlgorithm, type[PrivateKey]] = {
    Algorithm.ES256: ec.EllipticCurvePrivateKey,
    Algorithm.ES384: ec.EllipticCurvePrivateKey,
    Algorithm.ES512: ec.EllipticCurvePrivateKey,
    Algorithm.RS256: rsa.RSAPrivateKey,
    Algorithm.PS256: rsa.RSAPrivateKey,
    Algorithm.EDDSA: ed25519.Ed25519PrivateKey,
    Algorithm.ML_DSA_44: mldsa.MLDSA44PrivateKey,
    Algorithm.ML_DSA_65: mldsa.MLDSA65PrivateKey,
    Algorithm.ML_DSA_87: mldsa.MLDSA87PrivateKey,
    KeyManagement.RSA_OAEP_256: rsa.RSAPrivateKey,
    KeyManagement.ECDH_ES: ec.EllipticCurvePrivateKey,
    KeyManagement.ECDH_ES_A128KW: ec.EllipticCurvePrivateKey,
    KeyManagement.ECDH_ES_A256KW: ec.EllipticCurvePrivateKey,
}
_MAKERS: dict[type[PrivateKey], Callable[[], PrivateKey]] = {
    ed25519.Ed25519PrivateKey: ed25519.Ed25519PrivateKey.generate,
    mldsa.MLDSA44PrivateKey: mldsa.MLDSA44PrivateKey.generate,
    mldsa.MLDSA65PrivateKey: mldsa.MLDSA65PrivateKey.generate,
    mldsa.MLDSA87PrivateKey: mldsa.MLDSA87PrivateKey.generate,
}


def _fits(key: object, algorithm: KeyAlgorithm) -> TypeGuard[PrivateKey]:
    """Whether it is the kind of key, and lies on the curve, that the algorithm needs."""
    if not isinstance(key, _KINDS[algorithm]):
        return False
    return not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name == _curve_of(algorithm).name


def _curve_of(algorithm: KeyAlgorithm) -> ec.EllipticCurve:
    return _CURVES[algorithm][0] if algorithm in _CURVES else ec.SECP256R1()


def sealed_for(handle: KeyHandle, algorithm: KeyAlgorithm) -> str:
    """Ties the sealed bytes to their row and algorithm: swapped between rows they do not open."""
    return f"keys.software|{handle}|{algorithm}"


def _signing(key: PrivateKey, algorithm: Algorithm) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        ecdsa = ec.ECDSA(_CURVES[algorithm][1])
        return lambda message: key.sign(message, ecdsa)
    if isinstance(key, rsa.RSAPrivateKey):
        scheme = _PSS if algorithm is Algorithm.PS256 else _PKCS1
        return lambda message: key.sign(message, scheme, _SHA256)
    return key.sign


def _digest_signing(key: PrivateKey, algorithm: Algorithm) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        ecdsa = ec.ECDSA(Prehashed(_CURVES[algorithm][1]))
        return lambda digest: key.sign(digest, ecdsa)
    if isinstance(key, rsa.RSAPrivateKey):
        scheme, prehashed = _PSS if algorithm is Algorithm.PS256 else _PKCS1, Prehashed(_SHA256)
        return lambda digest: key.sign(digest, scheme, prehashed)
    return _never


def _unwrapping(key: PrivateKey) -> Callable[[bytes], bytes]:
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda encrypted_key: key.decrypt(encrypted_key, _OAEP)
    return _never


def _agreeing(key: PrivateKey) -> Callable[[bytes], bytes]:
    """Points are checked to lie on the curve: one that does not would give the key away bit by bit."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        curve = key.curve
        return lambda point: key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, point))
    return _never


def _never(_digest: bytes) -> bytes:
    raise KeyRefused("wrong_algorithm")
