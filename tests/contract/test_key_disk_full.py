"""No space left while keys change: nothing is half-done, and the same command works once there is space (F11)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from base import audit
from keys.api import Keys
from keys.handles import KeyHandle, RevocationReason
from tests.dying import ACTIONS, open_here, state_of

MOST_BEFORE_FULL = 200


def rotate(held: Keys) -> None:
    held.rotate("token", "ES256", force=True)


def revoke(held: Keys) -> None:
    held.revoke(KeyHandle(held.custody.ring.current().signer("ES256").kid), RevocationReason.KEY_COMPROMISE)


def issue(held: Keys) -> None:
    ACTIONS["issue"](held, Path())


def rotate_unit(held: Keys) -> None:
    held.rotate("tsu", "ES256")


@pytest.mark.parametrize("act", [rotate, revoke, issue, rotate_unit])
def test_nothing_is_half_done(act: Callable[[Keys], None], sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "antin.db"
    path.write_bytes(sqlite_template.read_bytes())
    held = open_here(f"sqlite:///{path}", tmp_path / "var")
    database, pages = held.custody.base.db, [0]

    @event.listens_for(database.engine, "begin")
    def no_more_pages(connection: Connection) -> None:
        if pages[0]:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages[0]}")

    with database.read() as connection:
        pages[0] = int(connection.execute(text("PRAGMA page_count")).scalar_one())
    before, events = state_of(held), audit.verify(database)
    with pytest.raises(OperationalError, match="full"):
        for _ in range(MOST_BEFORE_FULL):  # what is free in the pages there are is used up first
            before, events = state_of(held), audit.verify(database)
            act(held)
    assert state_of(held) == before
    assert audit.verify(database) == events
    assert held.ready()
    pages[0] = 1 << 30
    act(held)
    assert state_of(held) != before
    assert audit.verify(database) > events
    assert held.ready()
    database.close()
