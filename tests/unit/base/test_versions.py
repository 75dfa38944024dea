"""A change reaches every cache, and unknown keys cannot fill the memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from base.clock import FixedClock
from base.services import BaseServices
from base.versions import VersionedCache, Versions, raise_version


@pytest.fixture
def base(make_base: Callable[..., BaseServices]) -> BaseServices:
    return make_base()


def test_a_raised_version_drops_what_is_held(base: BaseServices, clock: FixedClock) -> None:
    store = {"a": "old"}
    cache: VersionedCache[str] = VersionedCache(base.versions, "things", store.get)
    assert cache.get("a") == "old"
    store["a"] = "new"
    assert cache.get("a") == "old"
    with base.db.begin() as connection:
        raise_version(connection, "things")
    clock.move(1)
    assert cache.get("a") == "new"


def test_another_name_is_not_touched(base: BaseServices, clock: FixedClock) -> None:
    with base.db.begin() as connection:
        raise_version(connection, "other")
    clock.move(1)
    assert base.versions.current("other") == 1
    assert base.versions.current("things") == 0


def test_a_rolled_back_change_raises_nothing(base: BaseServices, clock: FixedClock) -> None:
    with pytest.raises(ZeroDivisionError), base.db.begin() as connection:
        raise_version(connection, "things")
        raise ZeroDivisionError
    clock.move(1)
    assert base.versions.current("things") == 0


def test_unknown_keys_are_not_kept(base: BaseServices) -> None:
    asked: list[str] = []

    def load(key: str) -> str | None:
        asked.append(key)
        return key if key == "known" else None

    cache: VersionedCache[str] = VersionedCache(base.versions, "things", load, most=1)
    for key in ("x", "x", "known", "known"):
        cache.get(key)
    assert asked == ["x", "x", "known"]


def test_the_counters_are_read_at_most_twice_a_second(base: BaseServices, clock: FixedClock) -> None:
    versions = Versions(base.db, clock)
    assert versions.current("things") == 0
    with base.db.begin() as connection:
        raise_version(connection, "things")
    assert versions.current("things") == 0
    clock.move(1)
    assert versions.current("things") == 1
