"""What every flow of keys works with: one frozen bundle per process, made by `open_custody()`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from base.ids import new_id
from base.services import BaseServices
from keys.algorithms import Algorithm, KeyAlgorithm, to_sign_with
from keys.backends import open_backends
from keys.backends.base import Backend, NewKey, Signer
from keys.errors import KeyRefused, KeysUnavailable
from keys.handles import KeyHandle
from keys.keyring import KeyRing
from keys.lifecycle.approved import approved_among, check_approved, is_approved
from keys.lifecycle.states import TOKEN_ALGORITHMS, Purpose
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from keys.signers import PurposeSigner
from keys.store.keys import StoredKey
from keys.use_counter import UseCounter

SAME = "same"
_WANTED = {
    Purpose.TOKEN: "token_key_backend",
    Purpose.ROOT: "authority_key_backend",
    Purpose.ISSUING: "authority_key_backend",
    Purpose.TSU: "service_key_backend",
    Purpose.OCSP: "service_key_backend",
    Purpose.AUDIT: "service_key_backend",
    Purpose.PERSON: "person_key_backend",
    Purpose.SEAL: "person_key_backend",
}
"""The setting that says where keys of a purpose are made."""
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

    @property
    def token_algorithms(self) -> tuple[Algorithm, ...]:
        """Those that every installation has token keys for: in approved mode fewer."""
        return tuple(one for one in TOKEN_ALGORITHMS if not self.settings.approved_only or is_approved(one))

    def permitted(self, algorithms: Iterable[str]) -> list[str]:
        """Those of them that may be used here, in their order."""
        return approved_among(algorithms) if self.settings.approved_only else list(algorithms)

    def check_permitted(self, algorithm: str) -> None:
        """Raises: KeyRefused("not_approved"): the installation is in approved mode, and this is not approved."""
        if self.settings.approved_only:
            check_approved(algorithm)

    def generate(self, algorithm: KeyAlgorithm, purpose: Purpose | None = None, *, backend: str = "") -> NewKey:
        """
        A new key in the first back end that can make it, where the settings want those of its purpose.

        backend: this one and no other. Raises: KeyRefused("wrong_algorithm" | "wrong_backend" | "not_approved");
        KeysUnavailable.
        """
        self.check_permitted(algorithm)
        if backend:
            chosen = self.backends.get(backend)
            if chosen is None or algorithm not in chosen.algorithms:
                raise _wrong_backend(backend, algorithm)
            return chosen.generate(KeyHandle(new_id("key")), algorithm)
        wanted = getattr(self.settings, _WANTED[purpose]) if purpose in _WANTED else SAME
        for one in sorted(self.backends.values(), key=lambda each: wanted not in (SAME, each.name)):
            if algorithm in one.algorithms:
                return one.generate(KeyHandle(new_id("key")), algorithm)
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


def _wrong_backend(backend: str, algorithm: KeyAlgorithm) -> KeyRefused:
    return KeyRefused(
        "wrong_backend",
        vi="Nơi giữ khóa này chưa được cấu hình hoặc không tạo được loại khóa đó.",
        en="That place for keys is not configured, or makes no keys of that kind.",
        hint=f"{backend[:20]} {algorithm}",
        status=422,
    )


def open_custody(base: BaseServices, master: MasterKey) -> Custody:
    """Bundle what the flows need."""
    settings = base.settings[KeysSettings]
    backends = open_backends(master, settings, base.base.data_dir / "keys")
    uses = UseCounter(base)
    return Custody(base, settings, master, backends, KeyRing(base, backends, uses.count), uses)
