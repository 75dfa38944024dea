"""
The master key of this process, the root secret it opens, and the master key beside it while one replaces the other.

A process configured with the old key learns of the new one from the database, where it is sealed under the old one, and
seals under it within a second; one configured with the new key opens what is still sealed under the old one.
"""

from __future__ import annotations

import secrets
import threading

from sqlalchemy.exc import IntegrityError

from base.services import BaseServices
from keys.errors import SealError
from keys.sealing import KEY_BYTES, MasterKey, SealingKey
from keys.store import keys as key_rows
from keys.store import wrapped
from keys.store.wrapped import NEXT, ROOT, Wrapped

SEALING = "sealing"
"""The counter (base/versions.py) that says that a replacement began or ended."""
ROOT_CONTEXT = "keys.root"
LOOK_AGAIN_SECONDS = 0.05


class Replacement:
    """The other master keys, read anew when the counter moves. Thread-safe; what was opened is kept."""

    def __init__(self, base: BaseServices, own: SealingKey) -> None:
        self._base = base
        self._own = own
        self._lock = threading.Lock()
        self._at = -1
        self._looked_at = float("-inf")
        self._newest: SealingKey | None = None
        self._opened: dict[bytes, SealingKey] = {}

    def newest(self) -> SealingKey | None:
        """A replacement that was learned of stays in force when its rows are gone: there is no way back."""
        self._look()
        return self._newest

    def named(self, key_id: bytes) -> SealingKey | None:
        found = self._opened.get(key_id)
        if found is None:
            self._look()
            found = self._opened.get(key_id) or self._look_at_once(key_id)
        return found

    def _look(self) -> None:
        version = self._base.versions.current(SEALING)
        if version != self._at:
            with self._lock:
                self._read()
                self._at = version

    def _look_at_once(self, key_id: bytes) -> SealingKey | None:
        """
        Another process may have sealed under a key of which this one hears only half a second later.

        Forged values must not cost a read each, so it is looked 20 times a second at most.
        """
        now = self._base.clock.monotonic()
        if now - self._looked_at >= LOOK_AGAIN_SECONDS:
            with self._lock:
                self._looked_at = now
                self._read()
        return self._opened.get(key_id)

    def _read(self) -> None:
        with self._base.db.read() as connection:
            rows = wrapped.replacements(connection)
        for row in rows:
            if row.under == self._own.name:
                other = self._own.unwrap(row.sealed, row.name)
                self._opened[other.key_id] = other
                if row.kind == NEXT:
                    self._newest = other


def open_master(base: BaseServices, own: SealingKey) -> MasterKey:
    """
    The master key with the root secret; the first start of all makes the root.

    Raises: SealError: the database belongs to another master key.
    """
    return MasterKey(own, root=_root(base, own), others=Replacement(base, own))


def _root(base: BaseServices, own: SealingKey) -> bytes:
    """
    1. Find the root sealed under this master key.
    2. Where there is none at all, make it; of two processes one does, and the other finds it. A database that is older
       than the root goes on with the master key it has derived from so far, so that no MAC changes its meaning.
    """
    with base.db.read() as connection:
        rows, is_new = wrapped.roots(connection), not key_rows.exist(connection)
    if not rows:
        root = secrets.token_bytes(KEY_BYTES) if is_new else own.root_of_old()
        row = Wrapped(ROOT, ROOT, own.name, own.seal(root, ROOT_CONTEXT))
        try:
            with base.db.begin() as connection:
                wrapped.add(connection, row, now=base.clock.now())
            rows = [row]
        except IntegrityError:
            with base.db.read() as connection:
                rows = wrapped.roots(connection)
    for row in rows:
        if row.under == own.name:
            return own.unseal(row.sealed, ROOT_CONTEXT)
    raise SealError("the database belongs to another master key")
