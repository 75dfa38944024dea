"""
A closed-loop HTTP/1.1 client in one thread: N keep-alive connections over epoll, each sends its next request when the
answer to the last one is complete. Requests are ready-made bytes, so that little of the machine goes into the client.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Turn = Callable[[bytes, bytes], bytes | None]
"""Given head and body of the last answer (empty at the start), the next request; None ends this connection."""


class BadAnswer(Exception):
    """The server answered something the scenario does not expect: the measurement would be of errors."""


PATIENCE_SECONDS = 30.0
"""For the first answer: a process that loads its libraries, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Operations a second, and milliseconds at the median and the 99th percentile; requests and seconds behind them."""

    rate: float
    p50_ms: float
    p99_ms: float
    requests: int
    seconds: float


@dataclass(slots=True)
class _Connection:
    sock: socket.socket
    turn: Turn
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


def drive(host: str, port: int, turns: list[Turn], *, seconds: float, per_operation: int = 1) -> Measured:
    """
    Run one connection for each turn function for `seconds`, longer only until the first answer has come.

    per_operation: requests that make one operation (a flow of two requests counts once); its latency is their sum.
    Raises: BadAnswer (by the turn functions), ConnectionError.
    """
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    clock = time.perf_counter
    for turn in turns:
        connection = _Connection(socket.create_connection((host, port)), turn)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.sock, selectors.EVENT_READ, connection)
        _send(connection, b"", b"", clock())
    began = clock()
    end = began + seconds
    while clock() < end or (not latencies and clock() < end + PATIENCE_SECONDS):
        for key, _ in selector.select(timeout=1.0):
            connection = key.data
            chunk = connection.sock.recv(65536)
            if not chunk:
                raise ConnectionError("the server closed a kept-alive connection")
            connection.received += chunk
            answer = _complete(connection.received)
            if answer is not None:
                now = clock()
                latencies.append(now - connection.sent_at)
                connection.received.clear()
                if not _send(connection, *answer, now):
                    selector.unregister(connection.sock)
        if not selector.get_map():
            break
    took = clock() - began
    _let_in(selector)
    for key in list(selector.get_map().values()):
        key.data.sock.close()
    return _summary(latencies, took, per_operation)


def _let_in(selector: selectors.BaseSelector) -> None:
    """Hand the answers still on their way to their turns: a chain of refresh tokens must not lose its newest link."""
    deadline = time.perf_counter() + 2
    waiting = {key.fd for key in selector.get_map().values()}
    while waiting and time.perf_counter() < deadline:
        for key, _ in selector.select(timeout=0.5):
            connection = key.data
            connection.received += connection.sock.recv(65536)
            answer = _complete(connection.received)
            if answer is not None:
                connection.turn(*answer)
                connection.received.clear()
                waiting.discard(key.fd)


def _send(connection: _Connection, head: bytes, body: bytes, now: float) -> bool:
    request = connection.turn(head, body)
    if request is None:
        return False
    connection.sent_at = now
    connection.sock.sendall(request)
    return True


def _complete(received: bytearray) -> tuple[bytes, bytes] | None:
    """Head and body once the whole answer is there; our server always sends Content-Length or chunks."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end])
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(lower[at + 17 :].split(b"\r\n", 1)[0])
        if len(received) < end + 4 + length:
            return None
        return head, bytes(received[end + 4 : end + 4 + length])
    if b"\r\ntransfer-encoding: chunked" in lower:
        return (head, _joined(bytes(received[end + 4 :]))) if received.endswith(b"0\r\n\r\n") else None
    return head, b""


def _joined(chunks: bytes) -> bytes:
    parts = []
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        chunks = rest[length + 2 :]
        if length == 0:
            break
    return b"".join(parts)


def _summary(latencies: list[float], took: float, per_operation: int) -> Measured:
    if not latencies:
        raise BadAnswer("nothing was answered")
    latencies.sort()

    def at(share: float) -> float:
        return latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000 * per_operation

    return Measured(len(latencies) / per_operation / took, at(0.5), at(0.99), len(latencies), took)


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    given = dict(headers or {})
    if body or method == "POST":
        given = {"Content-Type": "application/x-www-form-urlencoded", **given, "Content-Length": str(len(body))}
    lines += [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def fixed(wire: bytes, *, expect: bytes = b" 200 ", within: bytes = b"") -> Turn:
    """A turn that always sends the same request and insists on a status and a piece of the body."""

    def turn(head: bytes, body: bytes) -> bytes:
        if head and (expect not in head[:16] or within not in body):
            raise BadAnswer(f"{head[:200]!r} {body[:200]!r}")
        return wire

    return turn
