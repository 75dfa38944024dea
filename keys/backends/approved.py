"""A custody back end in approved mode: keys of other algorithms are neither made nor opened there, whoever asks."""

from __future__ import annotations

from keys.algorithms import Algorithm, KeyAlgorithm
from keys.backends.base import Backend, Decrypter, NewKey, Signer
from keys.handles import KeyHandle, KeyManagement
from keys.lifecycle.approved import check_approved, is_approved


class ApprovedBackend:
    """The same back end, behind the table of keys/lifecycle/approved.py."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def algorithms(self) -> frozenset[KeyAlgorithm]:
        return frozenset(one for one in self._inner.algorithms if is_approved(one))

    def describe(self) -> str:
        return f"{self._inner.describe()}, approved algorithms only"

    def generate(self, handle: KeyHandle, algorithm: KeyAlgorithm) -> NewKey:
        check_approved(algorithm)
        return self._inner.generate(handle, algorithm)

    def open(self, handle: KeyHandle, algorithm: Algorithm, stored: bytes) -> Signer:
        check_approved(algorithm)
        return self._inner.open(handle, algorithm, stored)

    def open_to_decrypt(self, handle: KeyHandle, algorithm: KeyManagement, stored: bytes) -> Decrypter:
        check_approved(algorithm)
        return self._inner.open_to_decrypt(handle, algorithm, stored)

    def destroy(self, handle: KeyHandle, stored: bytes) -> None:
        self._inner.destroy(handle, stored)
