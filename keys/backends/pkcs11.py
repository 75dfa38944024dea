"""
Keys inside a PKCS#11 device (a hardware security module, a smart card, SoftHSM): made there, never outside of it.

What is stored about a key is its name in the device, sealed, so that a row cannot be made to point at another key.
Messages are hashed here; the device signs digests, except with Ed25519, which hashes in a way of its own.

Source: PKCS #11 v3.1; RFC 8017 §9.2 (DigestInfo); FIPS 140-3 IG 10.3.A (a new pair signs once before it is used).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from base.errors import StartError
from keys.algorithms import DIGEST_BYTES, Algorithm, KeyAlgorithm, check_digest
from keys.backends.base import Decrypter, NewKey
from keys.backends.pairwise import check_pair
from keys.backends.pin import PinSource, TokenLock
from keys.backends.pkcs11_sessions import Place, Sessions
from keys.errors import KeyRefused, KeysUnavailable
from keys.handles import KeyHandle, KeyManagement
from keys.sealing import MasterKey
from keys.settings import KeysSettings

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 digest in a PKCS #1 v1.5 signature."""


@dataclass(frozen=True, slots=True)
class Kind:
    """letter: of the mechanism (pkcs11_worker.py). curve: EC parameters, DER, hexadecimal; empty for RSA."""

    letter: bytes
    curve: str = ""


KINDS: Mapping[Algorithm, Kind] = {
    Algorithm.ES256: Kind(b"e", "06082a8648ce3d030107"),
    Algorithm.ES384: Kind(b"e", "06052b81040022"),
    Algorithm.ES512: Kind(b"e", "06052b81040023"),
    Algorithm.RS256: Kind(b"r"),
    Algorithm.PS256: Kind(b"p"),
    Algorithm.EDDSA: Kind(b"d", "06032b6570"),
}
_CURVES: Mapping[Algorithm, ec.EllipticCurve] = {
    Algorithm.ES256: ec.SECP256R1(),
    Algorithm.ES384: ec.SECP384R1(),
    Algorithm.ES512: ec.SECP521R1(),
}
_HASHES = {32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512}


class Pkcs11Signer:
    """A key in the device, reachable as its one operation; it has nothing else to give."""

    __slots__ = ("_ask", "_hash", "algorithm")

    def __init__(self, ask: Callable[[bytes], bytes], algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self._ask = ask
        self._hash = _HASHES.get(DIGEST_BYTES.get(algorithm, 0))

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    def sign(self, message: bytes) -> bytes:
        return self._ask(self._hash(message).digest() if self._hash else message)

    def sign_digest(self, digest: bytes) -> bytes:
        check_digest(self.algorithm, digest)
        return self._ask(digest)


class Pkcs11Backend:
    """Keys in the token that the settings name."""

    name = "pkcs11"

    def __init__(self, master: MasterKey, settings: KeysSettings, folder: Path) -> None:
        if find_spec("pkcs11") is None:
            raise StartError("Keys in a PKCS#11 device need the package python-pkcs11: pip install 'antin[pkcs11]'.")
        if not settings.pkcs11_token_label:
            raise StartError(
                "ANTIN_PKCS11_MODULE names a device, but ANTIN_PKCS11_TOKEN_LABEL does not say which token."
            )
        place = Place(
            settings.pkcs11_module,
            settings.pkcs11_token_label,
            settings.pkcs11_token_serial,
            settings.pkcs11_sessions,
            settings.pkcs11_timeout_seconds,
        )
        lock = TokenLock(folder, f"{place.module}|{place.label}|{place.serial}", master)
        self._sessions = Sessions(place, PinSource(settings.pkcs11_pin_file, settings.pkcs11_pin), lock)
        self._master = master
        self._rsa_key_bits = settings.rsa_key_bits

    @classmethod
    def configured(cls, settings: KeysSettings) -> bool:
        """Whether the settings name a device."""
        return bool(settings.pkcs11_module)

    @property
    def algorithms(self) -> frozenset[KeyAlgorithm]:
        """Those whose mechanism the token has. Raises: KeysUnavailable."""
        can = self._sessions.about.get("mechanisms") or orjson.loads(self._sessions.call(b"?"))["mechanisms"]
        return frozenset(one for one, kind in KINDS.items() if kind.letter.decode() in can)

    def describe(self) -> str:
        """Which device answers. Raises: KeysUnavailable."""
        about = orjson.loads(self._sessions.call(b"?"))
        return f"{about['manufacturer']} {about['model']}, {about['serial']}"

    def generate(self, handle: KeyHandle, algorithm: KeyAlgorithm) -> NewKey:
        if not isinstance(algorithm, Algorithm) or algorithm not in KINDS:
            raise KeyRefused("wrong_algorithm", debug=f"the device does not do {algorithm}")
        with self._sessions.lock.held():
            answer = self._sessions.call(b"G" + orjson.dumps(self._wanted(handle, algorithm)))
        public = _public_key(algorithm, orjson.loads(answer))
        stored = self._master.seal(handle.encode(), sealed_for(handle, algorithm))
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        new = NewKey(handle, algorithm, self.name, stored, spki)
        check_pair(self.open(handle, algorithm, stored), public)
        return new

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> Pkcs11Signer:
        if algorithm not in KINDS:
            raise KeyRefused("wrong_algorithm", debug=f"the device does not do {algorithm}")
        label = self._master.unseal(stored, sealed_for(handle, algorithm))
        head = b"S" + KINDS[algorithm].letter + bytes((len(label),)) + label
        return Pkcs11Signer(_asking(self._sessions.call, head, algorithm), algorithm)

    def open_to_decrypt(self, handle: KeyHandle, algorithm: KeyManagement, stored: bytes) -> Decrypter:
        raise KeyRefused("wrong_algorithm", debug="keys in the device only sign")

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        self._sessions.call(b"D" + handle.encode())

    def _wanted(self, handle: KeyHandle, algorithm: Algorithm) -> dict[str, object]:
        if algorithm in (Algorithm.RS256, Algorithm.PS256):
            return {"label": handle, "kind": "rsa", "bits": self._rsa_key_bits}
        kind = "edwards" if algorithm is Algorithm.EDDSA else "ec"
        return {"label": handle, "kind": kind, "curve": KINDS[algorithm].curve}


def sealed_for(handle: KeyHandle, algorithm: KeyAlgorithm) -> str:
    """Ties what is stored to its row and algorithm: swapped between rows it does not open."""
    return f"keys.pkcs11|{handle}|{algorithm}"


def _asking(call: Callable[[bytes], bytes], head: bytes, algorithm: Algorithm) -> Callable[[bytes], bytes]:
    """From what is to be signed to the signature in the form of `Algorithm`."""
    if algorithm in _CURVES:
        size = (_CURVES[algorithm].key_size + 7) // 8

        def ecdsa(digest: bytes) -> bytes:
            raw = call(head + digest)
            if len(raw) != 2 * size:
                raise KeysUnavailable("The signing device gave no signature.", debug=f"{len(raw)} bytes")
            return encode_dss_signature(int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))

        return ecdsa
    before = SHA256_INFO if algorithm is Algorithm.RS256 else b""
    return lambda data: call(head + before + data)


def _public_key(algorithm: Algorithm, answer: Mapping[str, str]) -> PublicKey:
    """Raises: ValueError: not a key of that algorithm."""
    if algorithm in (Algorithm.RS256, Algorithm.PS256):
        return rsa.RSAPublicNumbers(int(answer["e"], 16), int(answer["n"], 16)).public_key()
    point = bytes.fromhex(answer["point"])
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PublicKey.from_public_bytes(point[-32:])
    # The point comes inside an OCTET STRING (PKCS #11 §6.3.3); older devices leave that away.
    length = 2 * ((_CURVES[algorithm].key_size + 7) // 8) + 1
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[algorithm], point[-length:])
