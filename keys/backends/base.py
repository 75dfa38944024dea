"""What a custody back end must do: make keys, sign and decrypt with them. It has no way to give a private key out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from keys.algorithms import Algorithm, KeyAlgorithm
from keys.handles import KeyHandle, KeyManagement
from keys.sealing import MasterKey
from keys.settings import KeysSettings


@dataclass(frozen=True, slots=True)
class NewKey:
    """
    A key just made.

    stored:     what the back end needs to open it again: a sealed blob, or a label inside a device; safe in a database.
    public_key: SubjectPublicKeyInfo, DER.
    """

    handle: KeyHandle
    algorithm: KeyAlgorithm
    backend: str
    stored: bytes
    public_key: bytes


class Signer(Protocol):
    """An opened key. Thread-safe."""

    @property
    def algorithm(self) -> Algorithm: ...

    def sign(self, message: bytes) -> bytes:
        """A signature over the message in the form that `Algorithm` describes. Raises: KeysUnavailable."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """
        A signature over a digest, as `sign` would give it over the message.

        Raises: KeyRefused("wrong_algorithm"): not as long as DIGEST_BYTES says, or the key signs messages only.
        """
        ...


class Decrypter(Protocol):
    """An opened encryption key, reachable as its one private operation. Thread-safe."""

    @property
    def algorithm(self) -> KeyManagement: ...

    def unwrap(self, encrypted_key: bytes) -> bytes:
        """RSA-OAEP with SHA-256. Raises: ValueError: does not open; KeyRefused("wrong_algorithm"): no RSA key."""
        ...

    def agree(self, point: bytes) -> bytes:
        """
        The shared secret of ECDH with a public point (SEC 1 §2.3.3, uncompressed).

        Raises: ValueError: not a point of this key's curve; KeyRefused("wrong_algorithm"): no EC key.
        """
        ...


class Backend(Protocol):
    """Makes, opens and destroys keys. Thread-safe; one per process."""

    @property
    def name(self) -> str: ...

    @property
    def algorithms(self) -> frozenset[KeyAlgorithm]: ...

    def describe(self) -> str:
        """Which store or device answers, for the operator. Raises: KeysUnavailable: none does."""
        ...

    def generate(self, handle: KeyHandle, algorithm: KeyAlgorithm) -> NewKey:
        """
        A key that has signed once and whose public half agrees.

        Raises: KeyRefused("wrong_algorithm"): not one of `algorithms`; KeysUnavailable.
        """
        ...

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> Signer:
        """Raises: KeyRefused("wrong_algorithm"): of another algorithm; SealError: not this handle's."""
        ...

    def open_to_decrypt(self, handle: KeyHandle, algorithm: KeyManagement, stored: bytes) -> Decrypter:
        """Raises: KeyRefused("wrong_algorithm"): of another algorithm; SealError: not this handle's."""
        ...

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        """Forget the key for good; the caller erases `stored`."""
        ...


class BackendFactory(Protocol):
    """Makes the back end of this process."""

    @property
    def name(self) -> str: ...

    def configured(self, settings: KeysSettings) -> bool:
        """Whether the settings describe it."""
        ...

    def __call__(self, master: MasterKey, settings: KeysSettings, folder: Path) -> Backend:
        """Raises: StartError: it is described badly, or its library is not installed."""
        ...
