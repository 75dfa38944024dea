"""
What stays warm from one test to the next: compiled statements, templates and routes; of PostgreSQL also connections.

A test gets the same Database as the one before it, pointed at its own data; it is the product's own, with its pool and
its rules. Connections to PostgreSQL stay open, unless the test left one in use; those to a file are closed with it. Who
opens a second Database in the same test gets a new one, as a second process would.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from werkzeug.routing import Rule

from base.db import Database
from base.lanes import Lanes

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
    if database not in _kept.values():
        database.close()
    elif database.is_sqlite or _in_use(database):
        database.close()
        _open_again(database)


def _in_use(database: Database) -> bool:
    """Whether somebody still holds a connection: a thread that the test has left behind."""
    pool: Any = database.engine.pool
    return int(pool.checkedout()) > len(database._lanes._resting)


def _open_again(database: Database) -> None:
    """A closed Database keeps no connection any more; this one gets new lanes, and what it has compiled."""
    closed = database._lanes
    database._lanes = Lanes(closed._engine, most=database.engine.pool.size())  # type: ignore[attr-defined]  # a QueuePool
    database._lanes._statements = closed._statements


def _opened(url: str, pool_size: int) -> Database:
    opened = Database(url, pool_size=pool_size)

    @event.listens_for(opened.engine, "connect")
    def hurry(connection: Any, _record: object) -> None:
        """A file that is thrown away has no use for the wait for the disk; what others see of a commit is the same."""
        if opened.is_sqlite:
            connection.execute("PRAGMA synchronous=OFF").close()

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


_Built = Callable[..., tuple[str, str]]
_build = Rule._compile_builder
_built: dict[tuple[object, ...], _Built] = {}


def keep_routes() -> None:
    """
    From now on what writes the address of a rule is compiled once, not once for every application that has the rule.

    What is compiled depends on the rule's words alone: it calls converters by the names they have in it.
    """
    Rule._compile_builder = _kept_build  # type: ignore[method-assign,assignment]  # there is no public door


def _kept_build(rule: Rule, append_unknown: bool = True) -> _Built:
    if rule.defaults:
        return _build(rule, append_unknown)
    key = (rule.rule, *rule._trace, append_unknown)
    if key not in _built:
        _built[key] = _build(rule, append_unknown)
    return _built[key]
