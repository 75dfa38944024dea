"""
What stays warm from one test to the next: compiled statements, compiled templates, open connections.

A test gets the same Database as the one before it, pointed at its own data; it is the product's own, with its pool and
its rules. Who opens a second one in the same test gets a new one, as a second process would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event

from base.db import Database

KEPT = "antin-kept"
"""What the kept connections to PostgreSQL call themselves; nobody ends them between two tests."""
_kept: dict[tuple[str, int], Database] = {}


def database(url: str, *, pool_size: int) -> Database:
    """The kept Database of this kind and size, pointed at `url`."""
    is_file = url.startswith("sqlite:///")
    key = ("sqlite" if is_file else url, pool_size)
    if key not in _kept:
        _kept[key] = _opened(url, pool_size)
    kept = _kept[key]
    kept.url = url if is_file else kept.url
    return kept


def put_back(database: Database) -> None:
    """The test is over: no connection to its file is left, and none to a server that somebody still works with."""
    if database not in _kept.values() or database.is_sqlite or database.engine.pool.checkedout():  # type: ignore[attr-defined]  # a QueuePool
        database.close()


def _opened(url: str, pool_size: int) -> Database:
    opened = Database(url, pool_size=pool_size)

    @event.listens_for(opened.engine, "do_connect")
    def point(_dialect: object, _record: object, where: list[Any], how: dict[str, Any]) -> None:
        if opened.is_sqlite:
            where[0] = str(Path(opened.url.removeprefix("sqlite:///")))
        else:
            how["application_name"] = KEPT

    return opened


class _Templates(BytecodeCache):
    """Compiled templates, by name and content."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


_templates = _Templates()


def keep_templates(app: Flask) -> Flask:
    """The same application; what its templates compile to is kept."""
    app.jinja_env.bytecode_cache = _templates
    return app
