"""
Asking a time server how far this machine's clock is off.

One packet out, one back. The answer must repeat 64 random bits that we sent as our transmit time, so nobody off the
path can answer in its place; a server that is not synchronised itself is no reference.

Source: RFC 5905 §7.3, §8 (offset and delay), §14 (SNTP); RFC 4330 §5 (what a client checks).
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass

from base.clock import Clock
from base.errors import AntinError

PORT = 123
_EPOCH_1900 = 2_208_988_800
_PACKET = struct.Struct(">BBbb3I4Q")
_CLIENT = 0x23  # version 4, mode 3
_SERVER_MODE, _UNSYNCHRONISED, _HIGHEST_STRATUM = 4, 3, 15
_FIXED = 2**32


class ReferenceUnavailable(AntinError):
    """The time server does not answer, or is no reference."""

    def __init__(self, debug: str) -> None:
        super().__init__(
            "time_reference_unavailable",
            vi="Máy chủ thời gian không trả lời hoặc chưa đồng bộ.",
            en="The time server does not answer or is not synchronised.",
            debug=debug,
            status=503,
        )


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """offset: seconds to add to our clock to have the server's; error: how far that may be wrong, seconds."""

    offset: float
    error: float


def ask_time(clock: Clock, host: str, port: int = PORT, *, timeout_seconds: float = 1.0) -> ClockOffset:
    """Raises: ReferenceUnavailable."""
    cookie = secrets.randbits(64) or 1
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as wire:
            wire.settimeout(timeout_seconds)
            wire.connect(address)
            sent_at, started = clock.precise(), clock.monotonic()
            wire.send(_PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, 0, 0, 0, 0, cookie))
            answer = wire.recv(512)
            delay = clock.monotonic() - started
    except OSError as error:
        raise ReferenceUnavailable(f"{host}: {error!r}") from error
    return read_answer(answer, cookie, sent_at=sent_at, arrived_at=sent_at + delay)


def read_answer(answer: bytes, cookie: int, *, sent_at: float, arrived_at: float) -> ClockOffset:
    """Judge a packet; times: epoch seconds by our clock. Raises: ReferenceUnavailable."""
    if len(answer) < _PACKET.size:
        raise ReferenceUnavailable("the packet is too short")
    first, stratum, _, _, delay, dispersion, _, _, origin, received, transmitted = _PACKET.unpack_from(answer)
    if first & 0x07 != _SERVER_MODE or origin != cookie:
        raise ReferenceUnavailable("the packet is no answer to our question")
    if first >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= _HIGHEST_STRATUM or not transmitted or not received:
        raise ReferenceUnavailable("the server is not synchronised")
    there, back = _seconds(received, sent_at), _seconds(transmitted, arrived_at)
    offset = ((there - sent_at) + (back - arrived_at)) / 2
    on_the_way = max(0.0, (arrived_at - sent_at) - (back - there))
    return ClockOffset(offset, on_the_way / 2 + delay / 65_536 / 2 + dispersion / 65_536)


def _seconds(stamp: int, near: float) -> float:
    """An NTP timestamp as epoch seconds, in the era that is nearest to `near` (the next begins in 2036)."""
    found = stamp / _FIXED - _EPOCH_1900
    return found + round((near - found) / _FIXED) * _FIXED
