"""
Keys for tests without the wait: the first database of a test run makes its keys as a real first start does, the others
begin with a copy of those rows and of the master key. What was opened from such a row, and has passed its self-test, is
not opened again. Only tests that are not about keys themselves use it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from unittest.mock import patch

from sqlalchemy import insert, select

from base.services import BaseServices
from keys import custody
from keys.api import Keys
from keys.backends.software import SoftwareBackend
from keys.jose import TokenSigner
from keys.jwe import DecryptionKey
from keys.keyring import SOFTWARE, KeyRing
from keys.models import authorities, certificates, crls, wrapped_secrets
from keys.models import keys as key_table
from keys.services import open_keys
from keys.settings import KeysSettings
from keys.store.keys import StoredKey

_TABLES = (wrapped_secrets, key_table, certificates, crls, authorities)
_ORDER = {"authorities": (authorities.c.above.is_not(None),)}
"""A root stands before what points to it."""
_kept: dict[str, Any] = {}
_opened: dict[tuple[object, ...], Any] = {}
K = TypeVar("K")


class ReadyRing(KeyRing):
    """Opens a copied row once in a run: the same sealed bytes under the same master key give the same key."""

    def _signer(self, row: StoredKey) -> TokenSigner:
        return self._once(row, super()._signer)

    def _decryption_key(self, row: StoredKey) -> DecryptionKey:
        return self._once(row, super()._decryption_key)

    def _once(self, row: StoredKey, open_it: Callable[[StoredKey], K]) -> K:
        """A row that says anything but what was copied is opened as always."""
        copied = any(row.stored == kept["stored"] for kept in _kept.get("keys", ()))
        if not copied or row.backend != SOFTWARE or type(self._backends[SOFTWARE]) is not SoftwareBackend:
            return open_it(row)
        seen = (row.handle, row.stored, row.public_key, row.algorithm, row.purpose, row.state)
        if seen not in _opened:
            _opened[seen] = open_it(row)
        found: K = _opened[seen]
        return found


def open_ready_keys(base: BaseServices) -> Keys:
    """`keys.services.open_keys`, quick from the second time on."""
    master = base.base.data_dir / "keys" / "master.key"
    if _kept and not master.exists():  # a second process on the same database finds what the first has made
        master.parent.mkdir(parents=True, mode=0o700)
        master.touch(mode=0o600)
        master.write_bytes(_kept["master"])
        with base.db.begin() as connection:
            for table in _TABLES:
                connection.execute(insert(table), _kept[table.name])
    with patch.object(custody, "KeyRing", ReadyRing):
        opened = open_keys(base)
    if not _kept and not base.settings[KeysSettings].approved_only:  # those would lack keys that others want
        _kept["master"] = master.read_bytes()
        with base.db.read() as connection:
            for table in _TABLES:
                _kept[table.name] = [
                    dict(row)
                    for row in connection.execute(select(table).order_by(*_ORDER.get(table.name, ()))).mappings()
                ]
    return opened
