"""What every flow of keys works with: one frozen bundle per process, made by `open_custody()`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from base.ids import new_id
from base.services import BaseServices
from keys.algorithms import KeyAlgorithm, to_sign_with
from keys.backends import open_backends
from keys.backends.base import Backend, NewKey, Signer
from keys.errors import KeyRefused, KeysUnavailable
from keys.handles import KeyHandle
from keys.keyring import KeyRing
from keys.lifecycle.states import Purpose
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from keys.signers import PurposeSigner
from keys.store.keys import StoredKey
from keys.use_counter import UseCounter

SAME = "same"
log = logging.getLogger("antin.keys")
S = TypeVar("S", bound=PurposeSigner)


@dataclass(frozen=True, slots=True)
class Custody:
    """Base, settings, master key, back ends (the one for new keys first) and the opened keys of this process."""

    base: BaseServices
    settings: KeysSettings
    master: MasterKey
    backends: Mapping[str, Backend]
    ring: KeyRing
    uses: UseCounter

    @property
    def issuer(self) -> str:
        return self.base.base.issuer

    def generate(self, algorithm: KeyAlgorithm, purpose: Purpose | None = None) -> NewKey:
        """
        A new key in the first back end that can make it, where the settings want those of its purpose.

        Raises: KeyRefused("wrong_algorithm"); KeysUnavailable.
        """
        wanted = self.settings.token_key_backend if purpose is Purpose.TOKEN else SAME
        for backend in sorted(self.backends.values(), key=lambda one: wanted not in (SAME, one.name)):
            if algorithm in backend.algorithms:
                return backend.generate(KeyHandle(new_id("key")), algorithm)
        raise KeyRefused("wrong_algorithm", debug=str(algorithm))

    def open_for(self, kind: type[S], key: StoredKey) -> S:
        """
        The opened key for one use, such as `open_for(CrlSigner, key)`.

        Raises: KeyRefused("wrong_purpose"): its purpose forbids that; KeyRefused("unknown_key"): its private part is
                destroyed; SealError.
        """
        return kind(self._open(key), key.purpose)

    def open_new(self, kind: type[S], new: NewKey, purpose: Purpose) -> S:
        """The same for a key that has no row yet, such as a root that signs its own certificate."""
        return kind(self._open(new), purpose)

    def _open(self, key: StoredKey | NewKey) -> Signer:
        if key.stored is None:
            raise KeyRefused("unknown_key", debug=f"{key.handle} was destroyed", status=404)
        return self.backends[key.backend].open(key.handle, to_sign_with(key.algorithm), key.stored)

    def forget(self, key: StoredKey | NewKey) -> None:
        """
        Let the back end destroy a key that no row holds (any more). The row has been committed, so a device that is
        away cannot undo it: the operator is told what to delete there.
        """
        if key.stored is None:
            return
        try:
            self.backends[key.backend].destroy(key.handle, key.stored)
        except KeysUnavailable as error:
            log.error("key %s is still in %s and must be deleted there: %s", key.handle, key.backend, error.debug)


def open_custody(base: BaseServices, master: MasterKey) -> Custody:
    """Bundle what the flows need."""
    settings = base.settings[KeysSettings]
    backends = open_backends(master, settings, base.base.data_dir / "keys")
    uses = UseCounter(base)
    return Custody(base, settings, master, backends, KeyRing(base, backends, uses.count), uses)
