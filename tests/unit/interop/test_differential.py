"""The grammar and the table of the differential run, without a provider."""

from __future__ import annotations

from itertools import islice

from tests.interop.differential.clients import known_clients
from tests.interop.differential.explained import bare, entries, is_like, refuses
from tests.interop.differential.questions import questions

CLIENTS = known_clients()


def _names(seed: int, count: int = 1500) -> list[tuple[str, ...]]:
    made = islice(questions(CLIENTS, seed), count)
    return [(question.kind, *(change.name for change in question.changes)) for question in made]


def test_a_seed_says_all() -> None:
    assert _names(7) == _names(7)
    assert _names(7) != _names(8)


def test_every_change_stands_alone_once() -> None:
    alone = {name for _, *names in _names(1) if len(names) == 1 for name in names}
    together = {name for _, *names in _names(1) for name in names}
    assert together == alone


def test_entries_say_why_and_by_what_right() -> None:
    found = entries()
    assert len({entry.id for entry in found}) == len(found)
    for entry in found:
        assert entry.why.endswith("."), entry.id
        assert entry.source, entry.id


def test_verdicts_with_and_without_carrier() -> None:
    assert bare("fragment.jwt error invalid_scope") == "error invalid_scope"
    assert bare("asks login") == "asks login"
    assert is_like("form_post error invalid_scope", "error invalid_scope")
    assert not is_like("form_post error invalid_scope", "query error invalid_scope")
    assert is_like("query grants code", "goes on")
    assert refuses("page")
    assert not is_like("fault 500", "*"), "a fault has no excuse"
