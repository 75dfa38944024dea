"""Who waits for a signing device, or for a request to it, looks a moment before it sleeps, and only while that pays."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from keys.backends import pkcs11_sessions
from keys.backends.pkcs11_sessions import LOOKS, REST, Session


class Channel:
    """A socket that has its answer after so many looks; who sleeps has it at once."""

    def __init__(self, empty_looks: int) -> None:
        self.empty_looks = empty_looks
        self.looks = self.sleeps = 0

    def recv(self, _size: int, flags: int = 0) -> bytes:
        if flags & socket.MSG_DONTWAIT:
            self.looks += 1
            if self.looks <= self.empty_looks:
                raise BlockingIOError
            return b"looked"
        self.sleeps += 1
        return b"slept"


def of_the_server(channel: Channel) -> Callable[[], bytes]:
    session = object.__new__(Session)
    session.__dict__.update(_socket=channel, _rest=0)
    return session.hear


def of_the_process(channel: Channel) -> Callable[[], bytes]:
    worker = pytest.importorskip("keys.backends.pkcs11_worker")
    assert (worker.LOOKS, worker.REST) == (LOOKS, REST)
    hear: Callable[[], bytes] = worker.Ear(channel).hear
    return hear


both = pytest.mark.parametrize("ear", [of_the_server, of_the_process])


@both
def test_what_comes_soon_is_heard_awake(ear: Callable[[Channel], Callable[[], bytes]]) -> None:
    channel = Channel(LOOKS - 1)
    assert ear(channel)() == b"looked"
    assert (channel.looks, channel.sleeps) == (LOOKS, 0)


@both
def test_who_looked_in_vain_sleeps_for_a_while(ear: Callable[[Channel], Callable[[], bytes]]) -> None:
    channel = Channel(LOOKS)
    hear = ear(channel)
    assert [hear() for _ in range(1 + REST)] == [b"slept"] * (1 + REST)
    assert channel.looks == LOOKS
    assert hear() == b"looked"


def test_the_processor_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    yields = []
    monkeypatch.setattr(pkcs11_sessions, "os", SimpleNamespace(sched_yield=lambda: yields.append(1)))
    of_the_server(Channel(LOOKS))()
    assert len(yields) == LOOKS
