"""
How long each algorithm may be relied on, as dated data (algorithms.toml, or an operator's file of the same shape).

A sunset is a day in that file, never a line of code. Whoever asks says since when a thing is proven to have existed:
what was strong on that day stays as good as it was.
Source: ETSI TS 119 312; EN 319 102-1 §5.2.8 (cryptographic constraints, judged at the time that is proven).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

FOREVER = 1 << 62
NEVER = 0
BUILT_IN = Path(__file__).with_name("algorithms.toml")


class PolicyUnreadable(ValueError):
    """A policy or a suite that cannot be used; the message says which word is wrong."""


@dataclass(frozen=True, slots=True)
class Suite:
    """
    digests: name → the time (epoch seconds) from which it no longer counts. keys: kind → (least bits, that time), by
    bits upwards. FOREVER: there is no such time yet; NEVER: it has not counted at any time.
    """

    name: str
    digests: Mapping[str, int] = field(repr=False)
    keys: Mapping[str, tuple[tuple[int, int], ...]] = field(repr=False)

    def digest_until(self, name: str) -> int:
        """When a digest ends; a name that is not in the file: NEVER."""
        return self.digests.get(name, NEVER)

    def key_until(self, kind: str, bits: int) -> int:
        """When a key of that kind and size ends."""
        return next((until for least, until in reversed(self.keys.get(kind, ())) if bits >= least), NEVER)

    def lines(self) -> list[str]:
        """Everything it says, in one order: what the digest of a policy is made over."""
        said = [f"suite {self.name}"]
        said += [f"digest {name} {until}" for name, until in sorted(self.digests.items())]
        said += [f"key {kind} {least} {until}" for kind, rows in sorted(self.keys.items()) for least, until in rows]
        return said


def read_suite(data: bytes) -> Suite:
    """Read a file. Raises: PolicyUnreadable: not TOML, a word too many, a date that is none, nothing that counts."""
    given = read_toml(data, {"name", "digests", "keys"})
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise PolicyUnreadable("name: a name is missing")
    digests = {word: _until(f"digests.{word}", row, set()) for word, row in _table(given, "digests").items()}
    keys = {kind: _rows(f"keys.{kind}", rows) for kind, rows in _table(given, "keys").items()}
    if FOREVER not in digests.values() or not keys:
        raise PolicyUnreadable("no digest or no key would count any more")
    return Suite(name.strip(), digests, keys)


@cache
def built_in_suite() -> Suite:
    """Ours."""
    return read_suite(BUILT_IN.read_bytes())


def read_toml(data: bytes, known: set[str]) -> dict[str, Any]:
    """A file with no other words at the top. Raises: PolicyUnreadable."""
    try:
        given = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PolicyUnreadable(f"not TOML: {str(error)[:200]}") from error
    if unknown := sorted(given.keys() - known):
        raise PolicyUnreadable(f"unknown: {', '.join(unknown)}")
    return given


def _table(given: Mapping[str, Any], word: str) -> dict[str, Any]:
    found = given.get(word)
    if not isinstance(found, dict):
        raise PolicyUnreadable(f"{word}: a table is missing")
    return found


def _rows(where: str, rows: object) -> tuple[tuple[int, int], ...]:
    if not isinstance(rows, list) or not rows:
        raise PolicyUnreadable(f"{where}: a list of rows is missing")
    found: dict[int, int] = {}
    for row in rows:
        until = _until(where, row, {"at_least"})
        least = row.get("at_least")
        if type(least) is not int or least < 0 or least in found:
            raise PolicyUnreadable(f"{where}: at_least must be a number of bits, once each")
        found[least] = until
    return tuple(sorted(found.items()))


def _until(where: str, row: object, more: set[str]) -> int:
    if not isinstance(row, dict) or not row.keys() <= {"until"} | more:
        raise PolicyUnreadable(f"{where}: only {', '.join(sorted({'until'} | more))} may stand here")
    day = row.get("until")
    if day is None:
        return FOREVER
    if type(day) is not date:
        raise PolicyUnreadable(f"{where}: until must be a day such as 2029-01-01")
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
