"""Identifiers, secrets and the way times are shown."""

from __future__ import annotations

import re
from uuid import UUID

from base.clock import FixedClock, as_utc, shown
from base.ids import hash_secret, new_id, new_secret, new_uuid


def test_identifiers_carry_their_kind_and_fit_their_column() -> None:
    made = {new_id("out") for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"out_[\w-]{22}", one) and len(one) <= 40 for one in made)


def test_the_form_others_ask_for_is_a_random_one() -> None:
    made = {UUID(new_uuid()) for _ in range(100)}
    assert len(made) == 100
    assert {one.version for one in made} == {4}


def test_a_secret_is_stored_as_something_else() -> None:
    secret = new_secret()
    assert len(secret) == len(hash_secret(secret)) == 43
    assert hash_secret(secret) != secret
    assert hash_secret(secret) == hash_secret(secret)


def test_times_are_shown_as_the_decree_writes_them() -> None:
    assert shown(1_764_000_000) == "24-11-2025 23:00:00 +07:00"
    assert as_utc(1_764_000_000).isoformat() == "2025-11-24T16:00:00+00:00"


def test_the_test_clock_moves_only_when_told() -> None:
    clock = FixedClock(at=100)
    clock.move(5)
    assert (clock.now(), clock.monotonic()) == (105, 105.0)
