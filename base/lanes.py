"""
Connections that stay open between uses, a bounded number of them.

SQLAlchemy's own way from its pool and back, with a transaction of its own around every read, took as long as the
statement. A lane is a SQLAlchemy connection that is taken from the engine once and handed out again and again; kept
statements go past SQLAlchemy to the driver (statements.py), all others take the usual way over the same connection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneCameFree

from base.statements import Prepared, Rows, Statements
from base.wire import BEGIN, COMMIT, Failed, Sent, Wire

TRUSTED_SECONDS = 5
"""A connection that answered so lately is handed out without asking whether it still lives: a round trip each time."""
WAIT_SECONDS = 3


class Lane(Connection):
    """One connection, in autocommit unless start() has opened a transaction. Used by one thread at a time."""

    def __init__(self, engine: Engine, statements: Statements) -> None:
        super().__init__(engine)
        self._statements = statements
        pooled: Any = self.connection
        self._driver = pooled.driver_connection
        self._errors: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._cursor = self._driver.cursor() if self._is_sqlite else None
        self._wire = None if self._is_sqlite else Wire(self._driver)
        self._waiting: list[Sent] = []
        self.rested_since = monotonic()

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """As SQLAlchemy's, and with its exceptions; quicker for a statement that is kept."""
        if execution_options is not None or isinstance(parameters, list | tuple):
            return super().execute(statement, parameters, execution_options=execution_options)
        given = parameters or {}
        prepared = self._statements.find(statement, given)
        if prepared is None:
            self._send_waiting()
            return super().execute(statement, parameters)
        values = self._told(prepared, given)
        if self._wire is None:
            return self._by_cursor(prepared, values)
        result = self._ask(Sent(prepared.sql, values, prepared.flags))
        return prepared.rows(
            lambda: [result.fname(n).decode() for n in range(result.nfields)],
            lambda: self._wire.rows(result),  # type: ignore[union-attr]  # it is there, or we would not be here
            result.command_tuples or 0,
        )

    def later(self, statement: Any, parameters: Mapping[str, Any]) -> None:
        """
        A statement that brings nothing back: it may wait for the next one, and travel with it.

        What it has against being carried out, it says then, at the latest when the transaction is kept. Outside a
        transaction the two are one: PostgreSQL carries out what travels together, or nothing of it.
        """
        prepared = self._statements.find(statement, parameters)
        if prepared is None or self._wire is None:
            self.execute(statement, parameters)
            return
        self._waiting.append(Sent(prepared.sql, self._told(prepared, parameters), prepared.flags))

    def start(self) -> None:
        """Open a transaction; on SQLite as a writer, so that two of them queue instead of failing half-way."""
        if self._wire is not None:
            self._waiting.append(Sent(BEGIN))
            return
        try:
            self._cursor.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]  # SQLite has one
        except self._errors as error:
            raise self._in_our_words(error, BEGIN) from error

    def keep(self) -> None:
        """Commit, together with what was left for later; a transaction in which nothing was said never was."""
        if self._wire is not None:
            if self._waiting == [Sent(BEGIN)]:
                self._waiting.clear()
            else:
                self._ask(Sent(COMMIT))
            return
        try:
            self._driver.commit()
        except self._errors as error:
            raise self._in_our_words(error, COMMIT) from error

    def undo(self) -> None:
        """Roll back; a connection that cannot has nothing left to roll back."""
        self._waiting.clear()
        with contextlib.suppress(self._errors):
            self._driver.rollback()

    def settle(self) -> bool:
        """End what SQLAlchemy believes to be open. False: the connection is dead."""
        if self._is_dead():
            return False
        if self.in_transaction():
            self.rollback()
        self._waiting.clear()  # something went wrong between a statement and the one it was to travel with
        self.rested_since = monotonic()
        return True

    def answers(self) -> bool:
        """Whether it lives: asked only of one that has rested."""
        if monotonic() - self.rested_since < TRUSTED_SECONDS:
            return True
        try:
            return not self._is_dead() and self.dialect.do_ping(self._driver)
        except (DBAPIError, self._errors):
            return False

    def discard(self) -> None:
        """Close it for good."""
        with contextlib.suppress(DBAPIError, self._errors):
            self.invalidate()
        self.close()

    def _is_dead(self) -> bool:
        return self.invalidated or (not self._is_sqlite and bool(self._driver.closed))

    def _told(self, prepared: Prepared, given: Mapping[str, Any]) -> list[Any]:
        """Its values; whoever listens for statements hears of it now."""
        values = prepared.values(given)
        if self.engine._has_events:  # as SQLAlchemy asks itself: looking for listeners takes longer than naming them
            for tell in self.dispatch.before_cursor_execute:
                tell(self, self._cursor, prepared.sql, given if self._wire else values, None, False)
        return values

    def _by_cursor(self, prepared: Prepared, values: list[Any]) -> Rows:
        cursor: Any = self._cursor
        try:
            cursor.execute(prepared.sql, values)
            return prepared.rows(lambda: [one[0] for one in cursor.description or ()], cursor.fetchall, cursor.rowcount)
        except self._errors as error:
            raise self._in_our_words(error, prepared.sql) from error

    def _ask(self, last: Sent) -> Any:
        """The last one, with those that waited for it."""
        waiting, self._waiting = self._waiting, []
        try:
            return self._wire.ask(waiting, last)  # type: ignore[union-attr]  # only asked where there is one
        except Failed as refused:
            raise self._in_our_words(refused.error, refused.sql) from refused.error
        except self._errors as error:
            raise self._in_our_words(error, last.sql) from error

    def _send_waiting(self) -> None:
        """SQLAlchemy is about to use the connection itself."""
        if self._waiting:
            self._ask(self._waiting.pop())

    def _in_our_words(self, error: Exception, sql: str) -> BaseException:
        """The exception SQLAlchemy would raise; without the values, which may be secrets."""
        return DBAPIError.instance(sql, None, error, self._errors, hide_parameters=True, dialect=self.dialect)


def later(connection: Connection, statement: Any, parameters: Mapping[str, Any]) -> None:
    """A statement that brings nothing back, as Lane.later; on any other connection carried out now."""
    if isinstance(connection, Lane):
        connection.later(statement, parameters)
    else:
        connection.execute(statement, parameters)


class _Use:
    """One use of a lane; a generator in its place took as long as the statement was written."""

    __slots__ = ("_lane", "_lanes")

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    def __enter__(self) -> Lane:
        self._lane = self._lanes.hand_out()
        return self._lane

    def __exit__(self, *_error: object) -> None:
        self._lanes.take_back(self._lane)


class Lanes:
    """The lanes of one database: `most` in use at once; whoever comes then waits WAIT_SECONDS."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._statements = Statements(engine.dialect)
        self._places: SimpleQueue[None] = SimpleQueue()  # as a semaphore, in a fifth of its time
        for _ in range(most):
            self._places.put(None)
        self._resting: list[Lane] = []
        self._closed = False

    def take(self) -> AbstractContextManager[Lane]:
        """
        A lane for one use. Raises: sqlalchemy.exc.TimeoutError: none came free in time; DBAPIError: no database.
        """
        return _Use(self)

    def hand_out(self) -> Lane:
        """The first half of take()."""
        try:
            self._places.get(timeout=WAIT_SECONDS)
        except Empty:
            raise NoneCameFree("every connection to the database is in use") from None
        try:
            return self._living()
        except BaseException:
            self._places.put(None)
            raise

    def take_back(self, lane: Lane) -> None:
        """The second."""
        try:
            self._put_back(lane)
        finally:
            self._places.put(None)

    def rest(self) -> None:
        """Close those that rest."""
        while self._resting:
            self._resting.pop().close()

    def close(self) -> None:
        """Close those that rest; one in use is closed when it is put back."""
        self._closed = True
        self.rest()

    def _living(self) -> Lane:
        """The one that rested least, so that few are kept busy; a new one where none rests."""
        while True:
            try:
                lane = self._resting.pop()
            except IndexError:
                return Lane(self._engine, self._statements)
            if lane.answers():
                return lane
            lane.discard()

    def _put_back(self, lane: Lane) -> None:
        """A dead one takes the others along: what ended it, a restart of the server, has ended them all."""
        if self._closed:
            lane.discard()
            return
        if lane.settle():
            self._resting.append(lane)
            return
        lane.discard()
        while self._resting:
            self._resting.pop().discard()
