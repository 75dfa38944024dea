"""A time server on loopback: what it says decides whether there are time stamps."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from base.clock import SystemClock
from base.sntp import ReferenceUnavailable, ask_time

EPOCH_1900 = 2_208_988_800
PATIENCE_SECONDS = 20.0


class TimeServer:
    """Answers every packet with our own time plus `ahead`; silent once `mute`."""

    def __init__(self) -> None:
        self.ahead, self.stratum, self.mute = 0.0, 2, False
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wire.bind(("127.0.0.1", 0))
        self.port = int(self._wire.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, sender = self._wire.recvfrom(512)
            if not packet:
                return
            if self.mute:
                continue
            (origin,) = struct.unpack_from(">Q", packet, 40)
            stamp = int((SystemClock().precise() + self.ahead + EPOCH_1900) * 2**32)
            answer = struct.pack(">BBbb3I4Q", 0x24, self.stratum, 0, -20, 0, 0, 0, 0, origin, stamp, stamp)
            self._wire.sendto(answer, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._wire.close()


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
