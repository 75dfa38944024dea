"""
A connection to PostgreSQL, spoken to in prepared statements, several in one round trip where nothing is asked back.

psycopg keeps the connection, its encryption and its types; what is left out is what its cursors do at every execution,
which took three times as long as the statement. Values go out as text and the database finds their types from where
they stand, so a statement must say them where that does not (SQLAlchemy writes a cast for each).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

from psycopg import Binary, DataError, errors, pq, waiting
from psycopg.adapt import Transformer

READY_TO_READ = waiting.Wait.R
_COMMAND, _TUPLES, _SYNC = pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.PIPELINE_SYNC
_LOOK_UP_SECONDS = 0.1
_BOOLEAN, _FROM_ITS_PLACE = 16, 0
"""Object identifiers of types, as they are in every database."""
BEGIN, COMMIT = "BEGIN", "COMMIT"


class Sent(NamedTuple):
    """A statement with its values, in the order of its $1, $2, …; flags: which of them are truth values, always."""

    sql: str
    values: Sequence[Any] = ()
    flags: Sequence[bool] = ()


class Failed(Exception):
    """One of the statements was refused: its text, and the driver's error."""

    def __init__(self, sql: str, error: Exception) -> None:
        super().__init__(sql)
        self.sql = sql
        self.error = error


class Wire:
    """One connection of psycopg, in autocommit; used by one thread at a time."""

    def __init__(self, connection: Any) -> None:
        connection.prepare_threshold = None  # psycopg prepares nothing itself, and so clears nothing after a ROLLBACK
        self._connection = connection
        self._wire: Any = connection.pgconn
        self._reader = Transformer(connection)
        self._names: dict[str, bytes] = {}

    def ask(self, waiting_ones: Sequence[Sent], last: Sent) -> Any:
        """
        Carry out those that wait, then the last one, in one round trip. Returns the result of the last.

        Raises: Failed. What came after the one that failed was not carried out.
        """
        if not waiting_ones:
            return self._checked(last.sql, self._alone(last))
        batch = [*waiting_ones, last]
        for one in batch:
            self._name(one)
        try:
            results = self._together(batch)
        except errors.Error as error:
            raise Failed(last.sql, error) from error
        for one, result in zip(batch, results, strict=False):
            self._checked(one.sql, result)
        return results[-1]

    def rows(self, result: Any) -> list[tuple[Any, ...]]:
        """Everything a result holds, as values of Python."""
        if not result.ntuples:
            return []
        self._reader.set_pgresult(result)
        found: list[tuple[Any, ...]] = self._reader.load_rows(0, result.ntuples, tuple)
        return found

    def _alone(self, one: Sent) -> Any:
        name = self._name(one)
        values, formats = _written(one.values)
        try:
            return self._wire.exec_prepared(name, values, formats)
        except errors.Error as error:
            raise Failed(one.sql, error) from error

    def _together(self, batch: Sequence[Sent]) -> list[Any]:
        wire = self._wire
        # written before anything is sent: a value that cannot travel must not leave half a batch behind
        ready = [(self._names[one.sql], *_written(one.values)) for one in batch]
        wire.enter_pipeline_mode()
        try:
            for name, values, formats in ready:
                wire.send_query_prepared(name, values, formats)
            wire.pipeline_sync()
            found: list[Any] = waiting.wait(_results(wire), wire.socket, _LOOK_UP_SECONDS)
            return found
        finally:
            if wire.status == pq.ConnStatus.OK:
                wire.exit_pipeline_mode()

    def _name(self, one: Sent) -> bytes:
        """What the statement is called in the database, where it is made ready once for each connection."""
        name = self._names.get(one.sql)
        if name is None:
            name = b"k%d" % len(self._names)
            types = [_BOOLEAN if flag else _FROM_ITS_PLACE for flag in one.flags]
            try:
                self._checked(one.sql, self._wire.prepare(name, one.sql.encode(), types))
            except errors.Error as error:
                raise Failed(one.sql, error) from error
            self._names[one.sql] = name
        return name

    def _checked(self, sql: str, result: Any) -> Any:
        if result.status not in (_COMMAND, _TUPLES):
            encoding = self._connection.info.encoding
            raise Failed(sql, errors.error_from_result(result, encoding=encoding))
        return result


def _results(wire: Any) -> Generator[waiting.Wait, waiting.Ready | int, list[Any]]:
    """One for each statement, or up to the one that failed and those left out after it."""
    found: list[Any] = []
    while wire.flush():  # a long batch may not fit into the socket at once
        yield waiting.Wait.RW
        wire.consume_input()
    while True:
        while wire.is_busy():
            while not (yield READY_TO_READ):
                pass
            wire.consume_input()
        result = wire.get_result()
        if result is None:
            continue  # between two statements
        if result.status == _SYNC:
            return found
        found.append(result)


def _written(values: Sequence[Any]) -> tuple[list[bytes | None], list[int] | None]:
    """The values as they travel, and how: as text, bytes as they are. Raises: DataError: a text with a NUL."""
    written: list[bytes | None] = []
    as_is: list[int] = []
    for value in values:
        kind = type(value)
        if kind is str:
            as_bytes = value.encode()
            if b"\0" in as_bytes:
                raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            written.append(as_bytes)
        elif value is None:
            written.append(None)
        elif kind is int:
            written.append(b"%d" % value)
        elif kind is bool:
            written.append(b"t" if value else b"f")
        elif kind is Binary or kind is bytes:
            as_is.append(len(written))
            written.append(bytes(value.obj) if kind is Binary else value)
        else:
            written.append(str(value).encode())
    if not as_is:
        return written, None
    return written, [1 if place in as_is else 0 for place in range(len(written))]
