"""Nobody waits for ever while others come and go."""

from __future__ import annotations

import threading
import time

from keys.backends.fair_places import FairPlaces

PATIENCE_SECONDS = 30


def waiting(places: FairPlaces, count: int) -> None:
    """Until that many stand in line."""
    began = time.monotonic()
    while len(places._waiting) != count:
        assert time.monotonic() - began < PATIENCE_SECONDS
        time.sleep(0.001)


def test_first_come_first_served() -> None:
    places, served = FairPlaces(1), list[int]()
    assert places.take(0)

    def wait(number: int) -> None:
        assert places.take(PATIENCE_SECONDS)
        served.append(number)
        places.give_back()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        waiting(places, number + 1)
    places.give_back()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_who_comes_late_does_not_overtake() -> None:
    places, done = FairPlaces(1), threading.Event()
    assert places.take(0)

    def wait() -> None:
        assert places.take(PATIENCE_SECONDS)
        done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting(places, 1)
    places.give_back()
    assert not places.take(0)  # it belongs to the one who waited, whether or not he has woken up yet
    assert done.wait(PATIENCE_SECONDS)
    thread.join()
    places.give_back()
    assert places.take(0)


def test_waiting_ends() -> None:
    places = FairPlaces(2)
    assert places.take(0)
    assert places.take(0)
    assert not places.take(0.01)
    assert not places._waiting
    places.give_back()
    assert places.take(0)


def test_the_next_ones_first_step_is_done_for_him() -> None:
    places, seen = FairPlaces(1), list[object]()
    assert places.is_quiet()
    assert places.take(0)
    assert places.next_turn() is None  # nobody waits: the place stays one's own
    assert places.take(0) is None

    def wait() -> None:
        turn = places.take(PATIENCE_SECONDS, b"wish")
        assert turn is not None
        seen.append(turn.gift)
        places.give_back()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting(places, 1)
    assert not places.is_quiet()
    turn = places.next_turn()
    assert turn is not None
    assert turn.wish == b"wish"
    turn.gift = "gift"
    assert seen == []
    turn.begin()
    thread.join()
    assert seen == ["gift"]
    assert places.take(0)
