"""Resolving a name within a time, whatever the name server does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from base import names
from base.names import NameUnresolved, addresses_of


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A name server that answers when the event is set; numeric addresses are none of its business."""
    answer, real, before = threading.Event(), socket.getaddrinfo, set(threading.enumerate())

    def resolve(host: str, port: int, **options: Any) -> Any:
        if not options["flags"]:
            answer.wait(60)
            host = "192.0.2.7"
        return real(host, port, **{**options, "flags": socket.AI_NUMERICHOST})

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield answer
    answer.set()
    for thread in set(threading.enumerate()) - before:
        thread.join()  # it gives back a place that the next test has not


def test_it_does_not_wait_for_ever(slow: threading.Event) -> None:
    began = time.monotonic()
    with pytest.raises(NameUnresolved):
        addresses_of("slow.example", 443, 0.2)
    assert time.monotonic() - began < 5


def test_an_answer_in_time(slow: threading.Event) -> None:
    slow.set()
    assert addresses_of("quick.example", 443, 60) == {"192.0.2.7"}


def test_how_many_hang_at_once_is_bounded(slow: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_places", threading.BoundedSemaphore(2))
    for _ in range(2):
        with pytest.raises(NameUnresolved):
            addresses_of("slow.example", 443, 0.05)
    began = time.monotonic()
    with pytest.raises(NameUnresolved, match="too many"):
        addresses_of("slow.example", 443, 60)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("host", "address"), [("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("::1", "::1")])
def test_numbers_need_no_name_server(slow: threading.Event, host: str, address: str) -> None:
    assert addresses_of(host, 443, 0.05) == {address}
