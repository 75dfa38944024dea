"""
Statements that are kept are compiled once.

SQLAlchemy makes up its mind anew at every execution: which columns come back, which values go out, how each is
converted. That took four times the processor time of the driver and its database together. A statement that somebody
keeps (stores build theirs when they are loaded) is therefore compiled on its second execution, and goes to the driver
as it is from then on. The table definitions stay the only source of SQL, and every value is bound by the driver.

What does not fit, SQLAlchemy executes as ever: lists of values, types with a conversion of their own, `IN`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from weakref import ref

from sqlalchemy import Boolean, Integer, LargeBinary, Row, Select, String, TextClause, UpdateBase
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType, TypeEngine

PLAIN = (String, Integer, Boolean, LargeBinary, NullType)
"""Types whose values both drivers give and take as they are, or after one conversion that depends on nothing else."""
_IN = "__[POSTCOMPILE"
"""What stands in compiled SQL where a list of values is written out at every execution."""
Convert = Callable[[Any], Any]


class Rows(IteratorResult[Any]):
    """What a statement brought, all of it fetched. rowcount: rows that it returned or changed."""

    def __init__(self, columns: SimpleResultMetaData, rows: Iterable[Any], rowcount: int) -> None:
        super().__init__(columns, iter(rows))
        self.rowcount = rowcount

    def first(self) -> Any:
        """The first row, None without one. As SQLAlchemy's, which makes ready for much that is not asked of it here."""
        for row in self.iterator:
            return Row(self._metadata, None, self._metadata._key_to_index, row)
        return None


_NO_COLUMNS = SimpleResultMetaData(())


class Prepared:
    """
    One statement in the words of one database, for one set of names of values; its values go by position.

    flags: which of them are truth values: the one plain type for which SQLAlchemy writes no cast.
    """

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        binds = compiled.binds
        self.sql = str(compiled)
        self._given = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        self._order = compiled.positiontup or []
        self.flags = tuple(isinstance(binds[name].type, Boolean) for name in self._order)
        going_out = {name: _going_out(bind.type, dialect) for name, bind in binds.items()}
        self._going_out = [(name, convert) for name, convert in going_out.items() if convert is not None]
        types = _types_that_return(compiled.statement)
        coming_in = [None if each is None else _coming_in(each, dialect) for each in types]
        self._coming_in = coming_in if any(coming_in) else None
        self._columns: SimpleResultMetaData | None = None

    def values(self, values: Mapping[str, Any]) -> list[Any]:
        """The values as the driver takes them."""
        bound = {**self._given, **values} if self._given else values
        if self._going_out:
            bound = dict(bound)
            for name, convert in self._going_out:
                bound[name] = convert(bound[name])
        return [bound[name] for name in self._order]

    def rows(self, names: Callable[[], list[str]], found: Callable[[], list[Any]], count: int) -> Rows:
        """
        What an execution of this statement brought: the names of its columns, asked for once, and its rows.

        count: how many it returned or changed.
        """
        columns = self._columns
        if columns is None:
            described = names()
            columns = self._columns = SimpleResultMetaData(described) if described else _NO_COLUMNS
        if columns is _NO_COLUMNS:
            return Rows(columns, (), count)
        fetched = found()
        if self._coming_in is not None:
            fetched = [tuple(_converted(row, self._coming_in)) for row in fetched]
        return Rows(columns, fetched, count)


class _Kept(NamedTuple):
    statement: ref[Any]
    prepared: dict[tuple[str, ...], Prepared | None]


class Statements:
    """
    The statements one process keeps, for one database; made ready when they come for the second time.

    They are told apart by who they are, not by what they say: that is a look into a dictionary. One that nobody holds
    any more takes its entry along.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = by_position(dialect)
        self._kept: dict[int, _Kept] = {}

    def find(self, statement: Any, values: Mapping[str, Any]) -> Prepared | None:
        """The statement, ready for these names of values; None: leave it to SQLAlchemy."""
        number = id(statement)
        kept = self._kept.get(number)
        if kept is None:
            if isinstance(statement, Select | UpdateBase | TextClause):
                self._kept[number] = _Kept(ref(statement, lambda _gone: self._kept.pop(number, None)), {})
            return None
        names = tuple(values)
        try:
            return kept.prepared[names]
        except KeyError:
            return kept.prepared.setdefault(names, _prepare(statement, names, self._dialect))


def by_position(dialect: Dialect) -> Dialect:
    """The dialect writing $1, $2, … where its driver wants names: that is what PostgreSQL itself reads."""
    if dialect.positional:
        return dialect
    numbered: Any = type(dialect)
    return numbered(paramstyle="numeric_dollar", dbapi=dialect.loaded_dbapi)  # type: ignore[no-any-return]  # called through Any: its __init__ has no types


def _prepare(statement: Any, names: tuple[str, ...], dialect: Dialect) -> Prepared | None:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    types = [bind.type for bind in compiled.binds.values()]
    types += [each for each in _types_that_return(statement) if each is not None]
    fits = all(isinstance(each, PLAIN) for each in types) and not compiled.prefetch and _IN not in str(compiled)
    if not fits or compiled.escaped_bind_names or not compiled.binds.keys() >= set(names):
        return None
    return Prepared(compiled, dialect)


def _types_that_return(statement: Any) -> list[TypeEngine[Any] | None]:
    """Of the columns of the result, as far as the statement says; text says nothing."""
    if isinstance(statement, Select):
        return [column["type"] for column in statement.column_descriptions]
    if isinstance(statement, UpdateBase):
        return [column["type"] for column in statement.returning_column_descriptions]
    return []


def _going_out(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _coming_in(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _converted(row: Iterable[Any], conversions: Iterable[Convert | None]) -> Iterable[Any]:
    for value, convert in zip(row, conversions, strict=True):
        yield value if convert is None else convert(value)
