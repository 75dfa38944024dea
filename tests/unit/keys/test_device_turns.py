"""Who has his answer from a busy device sends the next one's request, before that one has woken up."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from keys.backends import pkcs11_sessions
from keys.backends.pin import PinSource, TokenLock
from keys.backends.pkcs11_sessions import Place, Sessions
from keys.errors import KeyRefused
from tests.unit.keys.device_keys import MASTER

PATIENCE_SECONDS = 30


class Scripted:
    """A session whose answers come when the test says so, each naming its request."""

    made: deque[Scripted] = deque()
    dies_at: bytes = b""

    def __init__(self, _timeout_seconds: int) -> None:
        self.sent: list[bytes] = []
        self.heard = threading.Semaphore(0)
        self.ended = False
        self.made.append(self)

    def send(self, request: bytes) -> None:
        if self.dies_at and request == self.dies_at and self is self.made[0]:
            raise BrokenPipeError
        self.sent.append(request)

    def hear(self, *, awake: bool = True) -> bytes:
        request = self.sent[-1]
        if request[:1] == b"O":
            return b'd{"mechanisms":[]}'
        assert self.heard.acquire(timeout=PATIENCE_SECONDS)
        return b"r" if request == b"bad" else b"d" + self.sent[-1]

    def end(self) -> None:
        self.ended = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> deque[Scripted]:
    """The sessions in the order in which they were started."""
    found: deque[Scripted] = deque()
    monkeypatch.setattr(Scripted, "made", found)
    monkeypatch.setattr(pkcs11_sessions, "Session", Scripted)
    return found


@pytest.fixture
def sessions(tmp_path: Path, made: deque[Scripted]) -> Sessions:
    place = Place("module", "label", "", 1, PATIENCE_SECONDS)
    return Sessions(place, PinSource("", "1234"), TokenLock(tmp_path, "token", MASTER))


def standing_in_line(sessions: Sessions, count: int) -> None:
    began = time.monotonic()
    while len(sessions._free._waiting) != count:
        assert time.monotonic() - began < PATIENCE_SECONDS
        time.sleep(0.001)


def asked(sessions: Sessions, pool: ThreadPoolExecutor, *requests: bytes) -> list[Future[bytes]]:
    """Asked one after the other, the first of them being answered."""
    found = []
    for number, request in enumerate(requests):
        found.append(pool.submit(sessions.call, request))
        if number == 0:
            began = time.monotonic()
            while not (Scripted.made and Scripted.made[0].sent[-1:] == [request]):
                assert time.monotonic() - began < PATIENCE_SECONDS
                time.sleep(0.001)
        else:
            standing_in_line(sessions, number)
    return found


def test_each_has_the_answer_to_his_own_request(sessions: Sessions, made: deque[Scripted]) -> None:
    with ThreadPoolExecutor(3) as pool:
        answers = asked(sessions, pool, b"Sone", b"Stwo", b"bad")
        (session,) = made
        session.heard.release()
        assert answers[0].result(PATIENCE_SECONDS) == b"Sone"
        assert session.sent[1:] == [b"Sone", b"Stwo"]  # the second request was on its way before its owner woke up
        session.heard.release()
        assert answers[1].result(PATIENCE_SECONDS) == b"Stwo"
        session.heard.release()
        with pytest.raises(KeyRefused):
            answers[2].result(PATIENCE_SECONDS)
    assert [id(one) for one in sessions._idle] == [id(session)]
    assert sessions._free.is_quiet()
    assert not session.ended


def test_a_session_that_died_meanwhile_is_replaced(
    sessions: Sessions, made: deque[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was asked nothing, so asking another signs nothing twice."""
    monkeypatch.setattr(Scripted, "dies_at", b"Stwo")
    with ThreadPoolExecutor(2) as pool:
        answers = asked(sessions, pool, b"Sone", b"Stwo")
        made[0].heard.release()
        assert answers[0].result(PATIENCE_SECONDS) == b"Sone"
        began = time.monotonic()
        while len(made) < 2:
            assert time.monotonic() - began < PATIENCE_SECONDS
            time.sleep(0.001)
        made[1].heard.release()
        assert answers[1].result(PATIENCE_SECONDS) == b"Stwo"
    assert [one.ended for one in made] == [True, False]
    assert [id(one) for one in sessions._idle] == [id(made[1])]
