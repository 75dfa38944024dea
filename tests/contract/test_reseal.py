"""
Another master key while two processes work: everything opens at every moment, under whichever key a process has, and a
process killed at any point leaves nothing half-done (CR-16, F25, F01).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, LargeBinary, insert, select, update
from sqlalchemy.exc import IntegrityError

import idp.store.sealed
import signing.store.sealed
import wsgi
from base import audit
from base.db import metadata
from idp.accounts.totp import code_at, matching_timecode, new_totp_secret
from idp.models import totp_credentials
from idp.store import users
from idp.store.sealed import totp_context
from keys import models
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject, TokenType
from keys.backends import kms, pkcs11, software
from keys.errors import KeyRefused, SealError
from keys.flows import reseal
from keys.flows.audit_key import audit_key
from keys.flows.reseal import end_reseal
from keys.handles import KeyHandle, SealedColumn
from keys.sealing import SealingKey, open_master_key, sealed_under
from keys.store.keys import WORDS
from keys.store.sealed import stored_context
from tests.dying import ACTIONS, open_here, state_of

ROOT = Path(__file__).parent.parent.parent
PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân phường Bến Nghé", "Chủ tịch")


@dataclass
class House:
    """A database, a data folder, and the processes opened on them."""

    url: str
    folder: Path
    opened: list[Keys]

    def open(self, **settings: Any) -> Keys:
        self.opened.append(open_here(self.url, self.folder, **settings))
        return self.opened[-1]

    def open_with_new(self) -> Keys:
        return self.open(master_key_file=str(self.folder / "new.key"))

    @property
    def new(self) -> SealingKey:
        return open_master_key(self.folder / "new.key", may_create=True)


@pytest.fixture
def house(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(reseal, "SETTLE_SECONDS", 0.0)  # each process here is asked to look before it matters
    made = House(db_url, tmp_path / "var", [])
    made.folder.mkdir()
    yield made
    for keys in made.opened:
        keys.custody.base.db.close()


def look(*processes: Keys) -> None:
    """What half a second does to a process."""
    for keys in processes:
        keys.custody.base.versions._looked_at = float("-inf")


def works(keys: Keys, mark: bytes, sealed: bytes) -> None:
    """MACs mean what they meant, old values open, new ones too, keys sign."""
    assert keys.mac("c", "x") == mark
    assert keys.unseal(sealed, "t") == b"secret"
    assert keys.unseal(keys.seal(b"again", "t"), "t") == b"again"
    issuer = keys.custody.issuer
    claims = {"iss": issuer, "iat": keys.custody.base.clock.now(), "exp": keys.custody.base.clock.now() + 60}
    token = keys.sign_jwt(claims, typ=TokenType.ID)
    assert keys.verify_own_jwt(token, typ=TokenType.ID, issuer=issuer) == claims
    assert keys.ready()


def stored(keys: Keys) -> list[bytes]:
    with keys.custody.base.db.read() as connection:
        wanted = select(models.keys.c.stored).where(models.keys.c.stored.is_not(None))
        return list(connection.execute(wanted.order_by(models.keys.c.handle)).scalars())


def by_handle(connection: Connection) -> dict[str, bytes]:
    rows = connection.execute(select(models.keys.c.handle, models.keys.c.stored))
    return {row.handle: row.stored for row in rows}


def test_every_sealed_column_is_known() -> None:
    """Whoever adds a sealed column must say what its values are bound to, or re-sealing would lose them."""
    known = {(one.table.name, one.column) for one in wsgi.sealed_columns()}
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and (column.name.startswith("sealed") or column.name == "stored")
    }
    assert found - known == {("wrapped_secrets", "sealed")}  # the keys themselves; flows/reseal.py knows them
    assert len(known) == 6


@pytest.mark.parametrize(
    ("column", "row", "context"),
    [
        (idp.store.sealed.SEALED[0], {"user_id": "u1"}, "idp.totp|u1"),
        (idp.store.sealed.SEALED[1], {"id": "r1"}, "idp.ciba_notice|r1"),
        (signing.store.sealed.SEALED[0], {"id": "s1"}, "signing.activation|s1"),
        (signing.store.sealed.SEALED[1], {"id": "d1"}, "signing.desk|d1"),
        (signing.store.sealed.SEALED[2], {"document_id": "doc_1"}, "signing.code|doc_1"),
    ],
)
def test_contexts_are_what_older_values_were_sealed_with(
    column: SealedColumn, row: Mapping[str, Any], context: str
) -> None:
    assert column.context(row) == context


@pytest.mark.parametrize("backend", [software, pkcs11, kms])
def test_every_back_end_seals_in_the_same_form(backend: ModuleType) -> None:
    for algorithm in (Algorithm.ES256, Algorithm.ML_DSA_65):
        row = {"backend": backend.__name__.rpartition(".")[2], "handle": "key_x", "algorithm": WORDS[algorithm]}
        assert stored_context(row) == backend.sealed_for(KeyHandle("key_x"), algorithm)


def test_from_one_key_to_the_other_while_processes_run(house: House) -> None:
    first, second = house.open(), house.open()
    mark, sealed = first.mac("c", "x"), first.seal(b"secret", "t")
    first.enrol_person(PERSON)
    count = reseal.reseal(first.custody, house.new, wsgi.sealed_columns())
    assert count == len(stored(first))
    look(first, second)
    restarted = house.open_with_new()
    for keys in (first, second, restarted):
        works(keys, mark, sealed)
    assert sealed_under(second.seal(b"x", "t")) == house.new.key_id  # who has the old key seals under the new one
    assert {sealed_under(value) for value in stored(first)} == {house.new.key_id}
    end_reseal(restarted.custody, wsgi.sealed_columns())
    with pytest.raises(SealError):
        house.open()
    after = house.open_with_new()
    assert after.mac("c", "x") == mark
    assert after.ready()
    with pytest.raises(SealError):
        after.unseal(sealed, "t")  # outside every column: who keeps such a value lets it run out first
    assert audit.verify(after.custody.base.db) > 0


def test_a_value_sealed_late_under_the_old_key_holds_up_the_end(house: House) -> None:
    keys = house.open()
    handle = keys.enrol_person(PERSON).handle
    reseal.reseal(keys.custody, house.new, wsgi.sealed_columns())
    restarted = house.open_with_new()
    with keys.custody.base.db.begin() as connection:
        mine = models.keys.c.handle == handle
        value = connection.execute(select(models.keys.c.stored).where(mine)).scalar_one()
        context = f"keys.software|{handle}|ES256"
        late = keys.custody.master.own.seal(keys.unseal(value, context), context)
        connection.execute(update(models.keys).where(mine).values(stored=late))
    with pytest.raises(KeyRefused, match="not_finished"):
        end_reseal(restarted.custody, wsgi.sealed_columns())
    end_reseal(restarted.custody, wsgi.sealed_columns())


def test_what_is_refused(house: House) -> None:
    keys = house.open()
    with pytest.raises(KeyRefused, match="already_sealed"):
        reseal.reseal(keys.custody, keys.custody.master.own, wsgi.sealed_columns())
    with pytest.raises(KeyRefused, match="not_begun"):
        end_reseal(keys.custody, wsgi.sealed_columns())
    reseal.reseal(keys.custody, house.new, wsgi.sealed_columns())
    with pytest.raises(KeyRefused, match="reseal_under_way"):
        reseal.reseal(keys.custody, SealingKey(b"3" * 32), wsgi.sealed_columns())
    with pytest.raises(KeyRefused, match="not_begun"):  # this process still has the old key
        end_reseal(keys.custody, wsgi.sealed_columns())


def test_swapped_rows_are_refused_and_left_alone(house: House) -> None:
    """Two rows whose values changed places open neither, before and while the master key is replaced."""
    keys = house.open()
    one, other = (keys.enrol_person(PERSON).handle for _ in range(2))
    with keys.custody.base.db.begin() as connection:
        values = by_handle(connection)
        for handle, value in ((one, values[other]), (other, values[one])):
            connection.execute(update(models.keys).where(models.keys.c.handle == handle).values(stored=value))
    with pytest.raises(SealError):
        reseal.reseal(keys.custody, house.new, wsgi.sealed_columns())
    with keys.custody.base.db.read() as connection:
        after = by_handle(connection)
    assert (after[one], after[other]) == (values[other], values[one])


def test_the_root_of_an_older_database_is_its_master_key(house: House) -> None:
    """MACs from before there was a root of its own (subjects of people, browser cookies) still hold."""
    keys = house.open()
    with keys.custody.base.db.begin() as connection:
        connection.execute(models.wrapped_secrets.delete())
    older = house.open()
    own = older.custody.master.own
    assert older.mac("c", "x") == type(older.custody.master)(own).mac("c", "x")
    assert older.mac("c", "x") != keys.mac("c", "x")


def test_two_roots_are_not_made(house: House) -> None:
    first, second = house.open(), house.open()
    assert first.mac("c", "x") == second.mac("c", "x")
    with pytest.raises(IntegrityError), first.custody.base.db.begin() as connection:
        row = connection.execute(select(models.wrapped_secrets)).mappings().one()
        connection.execute(insert(models.wrapped_secrets), dict(row))


def dies(house: House, action: str, number: int) -> bool:
    """Whether the process was killed at that point; otherwise it got through."""
    command = [sys.executable, "-m", "tests.dying", house.url, str(house.folder), action, str(number)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode in (0, -9), ended.stderr
    assert ended.returncode == -9 or ended.stdout == "done\n"
    return ended.stdout != "done\n"  # what is written when the process ends by itself is no part of the act


POINTS = (1, 5, 8, 13) if "ANTIN_TEST_ROUNDS" not in os.environ else tuple(range(1, 60))


@pytest.mark.slow
def test_killed_at_any_point_it_goes_on(house: House) -> None:
    keys = house.open()
    mark, sealed = keys.mac("c", "x"), keys.seal(b"secret", "t")
    deaths = 0
    for point in POINTS:
        deaths += dies(house, "reseal", point)
        works(house.open(), mark, sealed)
    assert deaths >= min(3, len(POINTS))
    assert not dies(house, "reseal", 1_000_000)
    look(keys)
    works(keys, mark, sealed)
    restarted = house.open_with_new()
    works(restarted, mark, sealed)
    end_reseal(restarted.custody, wsgi.sealed_columns())
    assert audit.verify(restarted.custody.base.db) > 0


@pytest.mark.slow
@pytest.mark.parametrize("action", ["rotate", "revoke"])
def test_killed_in_a_rotation_nothing_is_half_done(house: House, action: str) -> None:
    keys = house.open()
    mark, sealed = keys.mac("c", "x"), keys.seal(b"secret", "t")
    before = keys.list_keys()
    for point in (1, 4, 7) if "ANTIN_TEST_ROUNDS" not in os.environ else range(1, 9):
        assert dies(house, action, point)
        again = house.open()
        works(again, mark, sealed)
        assert again.list_keys() == before
    assert audit.verify(keys.custody.base.db) > 0
    assert not dies(house, action, 1_000_000)
    assert house.open().list_keys() != before


ACTS = ("end-authority",) if "ANTIN_TEST_ROUNDS" not in os.environ else tuple(ACTIONS)[3:]
"""Each takes some seconds a point: one here, all of them in `make faults`."""


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTS)
def test_killed_at_any_point_an_act_is_done_or_not(house: House, action: str) -> None:
    """`make faults` kills at every writing statement and every commit; here at one in the middle."""
    keys = house.open()
    audit_key(keys.custody)  # or the first ceremony makes it, in a transaction of its own
    if action == "end-authority":
        ACTIONS["ceremony"](keys, house.folder)
        keys = house.open()  # the responder's certificate from the new authority comes with a start
    mark, sealed, before = keys.mac("c", "x"), keys.seal(b"secret", "t"), state_of(keys)
    for point in (4,) if "ANTIN_TEST_ROUNDS" not in os.environ else range(1, 60):
        if not dies(house, action, point):
            break
        again = house.open()
        works(again, mark, sealed)
        assert audit.verify(keys.custody.base.db) > 0
        if state_of(again) != before:  # the act was committed, and what follows it is made up for by the next start
            break
    else:
        assert "ANTIN_TEST_ROUNDS" not in os.environ  # there are fewer points than that
        assert not dies(house, action, 1_000_000)
    restarted = house.open()
    works(restarted, mark, sealed)
    assert state_of(restarted) != before
    assert restarted.timestamp(b"d" * 32)


def test_second_factors_open_under_either_key(house: House) -> None:
    keys, secret = house.open(), new_totp_secret()
    row = {"id": "usr_1", "username": "binh", "full_name": "Trần Văn Bình", "password_hash": "x", "status": "active"}
    with keys.custody.base.db.begin() as connection:
        users.add_user(connection, {**row, "created_at": 0, "updated_at": 0})
        users.put_totp(connection, "usr_1", None, keys.seal(secret.encode(), totp_context("usr_1")), 0, 0)
    assert reseal.reseal(keys.custody, house.new, wsgi.sealed_columns())
    restarted = house.open_with_new()
    end_reseal(restarted.custody, wsgi.sealed_columns())
    with restarted.custody.base.db.read() as connection:
        kept = connection.execute(select(totp_credentials.c.sealed_secret)).scalar_one()
    assert sealed_under(kept) == house.new.key_id
    opened = restarted.unseal(kept, totp_context("usr_1")).decode()
    now = 1_764_000_000
    assert matching_timecode(opened, code_at(secret, now), now, spent=0) == now // 30
