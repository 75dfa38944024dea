"""
Why a difference is as it should be: entries of docs/divergences-from-oidc-provider.toml, and two rules for requests
with several changes at once.

order:  both refuse, and each names a fault that it also names when that change stands alone (or nothing is changed:
        some clients may not ask this question at all).
ignored: one refuses for a change whose difference is explained, the other answers as if that change were not there.
"""

from __future__ import annotations

import collections
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.interop.differential.asking import Provider
from tests.interop.differential.putting import put
from tests.interop.differential.questions import Question

TABLE = Path(__file__).resolve().parents[3] / "docs" / "divergences-from-oidc-provider.toml"
CARRIERS = ("query", "fragment", "form_post")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One explained difference.

    when: names of changes, or kinds of questions, any of which it belongs to; at: endpoints; client: identifiers.
    ours, theirs: verdicts. Patterns with * and ?; without a carrier they hold for every carrier; `refuses` and
    `goes on` stand for all that do.
    """

    id: str
    when: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    why: str
    source: str
    at: tuple[str, ...] = ()
    client: tuple[str, ...] = ()

    def fits(self, question: Question, index: int, ours: str, theirs: str) -> bool:
        step = [step for step in question.steps if step.compared][index]
        if (self.at and step.endpoint not in self.at) or (self.client and step.client.id not in self.client):
            return False
        names = [question.kind, *(change.name for change in question.changes)]
        if not any(fnmatchcase(name, pattern) for name in names for pattern in self.when):
            return False
        return any(is_like(ours, pattern) for pattern in self.ours) and any(is_like(theirs, p) for p in self.theirs)


def refuses(verdict: str) -> bool:
    return verdict == "page" or " error " in f" {verdict} "


def is_like(verdict: str, pattern: str) -> bool:
    if verdict.startswith("fault"):
        return False
    if pattern == "refuses":
        return refuses(verdict)
    if pattern == "goes on":
        return not refuses(verdict)
    return fnmatchcase(verdict, pattern) or fnmatchcase(bare(verdict), pattern)


def bare(verdict: str) -> str:
    """The verdict without its carrier."""
    first, _, rest = verdict.partition(" ")
    return rest if first.partition(".")[0] in CARRIERS else verdict


def entries() -> list[Entry]:
    """The table, in order."""
    return [_entry_of(row) for row in tomllib.loads(TABLE.read_text("utf-8"))["divergence"]]


def _entry_of(row: dict[str, Any]) -> Entry:
    lists = ("when", "ours", "theirs", "at", "client")
    read = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in row.items() if name in lists}
    return Entry(**{**row, **read})


@dataclass
class Judge:
    """Finds the reason of a difference; used: how often each one served."""

    ours: Provider
    theirs: Provider
    table: Sequence[Entry] = field(default_factory=entries)
    used: collections.Counter[str] = field(default_factory=collections.Counter)

    def explain(self, question: Question, index: int, ours: str, theirs: str) -> bool:
        reason = self._entry(question, index, ours, theirs)
        if reason is None and question.changes:
            reason = self._several(question, index, ours, theirs)
        if reason is not None:
            self.used[reason] += 1
        return reason is not None

    def _entry(self, question: Question, index: int, ours: str, theirs: str) -> str | None:
        return next((entry.id for entry in self.table if entry.fits(question, index, ours, theirs)), None)

    def _several(self, question: Question, index: int, ours: str, theirs: str) -> str | None:
        if len(question.changes) == 1 and not refuses(theirs):
            return None
        alone = [(change, self._ask(question.alone(change), index)) for change in question.changes]
        if refuses(ours) and refuses(theirs):
            told = [verdicts for _, verdicts in alone] + [self._ask(question.unchanged(), index)]
            ours_alone = {bare(verdicts[0]) for verdicts in told if verdicts}
            theirs_alone = {bare(verdicts[1]) for verdicts in told if verdicts}
            if bare(ours) in ours_alone and bare(theirs) in theirs_alone:
                return "order"
        for change, verdicts in alone:
            if verdicts is None or self._entry(question.alone(change), index, *verdicts) is None:
                continue
            rest = self._ask(question.without(change), index)
            if rest is None:
                continue
            decided_ours = bare(ours) == bare(verdicts[0]) and bare(theirs) == bare(rest[1])
            decided_theirs = bare(theirs) == bare(verdicts[1]) and bare(ours) == bare(rest[0])
            if decided_ours or decided_theirs:
                return "ignored"
        return None

    def _ask(self, question: Question, index: int) -> tuple[str, str] | None:
        ours, theirs = put(self.ours, question)[index], put(self.theirs, question)[index]
        return None if ours is None or theirs is None else (ours.verdict, theirs.verdict)
