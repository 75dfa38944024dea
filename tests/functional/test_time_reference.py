"""A time server on loopback: what it says decides whether there are time stamps."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from base.clock import SystemClock
from base.sntp import ReferenceUnavailable, ask_time
from tests.time_server import TimeServer

PATIENCE_SECONDS = 20.0


@pytest.fixture
def server() -> Iterator[TimeServer]:
    server = TimeServer()
    yield server
    server.close()


@pytest.mark.parametrize("ahead", [0.0, 1.5, -3600.0])
def test_offset_is_measured(server: TimeServer, ahead: float) -> None:
    server.ahead = ahead
    found = ask_time(SystemClock(), "127.0.0.1", server.port, timeout_seconds=PATIENCE_SECONDS)
    assert abs(found.offset - ahead) <= found.error + 0.01


def test_server_that_is_not_synchronised(server: TimeServer) -> None:
    server.stratum = 16
    with pytest.raises(ReferenceUnavailable):
        ask_time(SystemClock(), "127.0.0.1", server.port, timeout_seconds=PATIENCE_SECONDS)


def test_silence_ends_in_time(server: TimeServer) -> None:
    server.mute = True
    with pytest.raises(ReferenceUnavailable):
        ask_time(SystemClock(), "127.0.0.1", server.port, timeout_seconds=0.2)


def test_nobody_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    with pytest.raises(ReferenceUnavailable):
        ask_time(SystemClock(), "127.0.0.1", port, timeout_seconds=0.5)
