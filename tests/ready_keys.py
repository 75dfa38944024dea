"""
Keys for tests without the wait: the first database of a test run makes its keys as a real first start does, the others
begin with a copy of those rows and of the master key. Only tests that are not about keys themselves use it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from base.services import BaseServices
from keys.api import Keys
from keys.models import authorities, certificates, crls, wrapped_secrets
from keys.models import keys as key_table
from keys.services import open_keys

_TABLES = (wrapped_secrets, key_table, certificates, crls, authorities)
_ORDER = {"authorities": (authorities.c.above.is_not(None),)}
"""A root stands before what points to it."""
_kept: dict[str, Any] = {}


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
    opened = open_keys(base)
    if not _kept:
        _kept["master"] = master.read_bytes()
        with base.db.read() as connection:
            for table in _TABLES:
                _kept[table.name] = [
                    dict(row)
                    for row in connection.execute(select(table).order_by(*_ORDER.get(table.name, ()))).mappings()
                ]
    return opened
