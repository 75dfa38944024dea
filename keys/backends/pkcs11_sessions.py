"""
The processes that hold sessions with the device (pkcs11_worker.py), as one function: `call`.

A process that fails, hangs or has lost its token is ended and replaced; while the device is away a new one is tried
once a second, so that an outage costs requests nothing but their answer, and signing goes on seconds after its end.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
import weakref
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from keys.backends.fair_places import FairPlaces
from keys.backends.pin import PinSource, TokenLock, pin_refused
from keys.errors import KeyRefused, KeysUnavailable

WORKER = Path(__file__).with_name("pkcs11_worker.py")
LONGEST_PART, LONGEST_ANSWER = 96 * 1024, 64 * 1024
LOOKS, REST = 150, 32
TRY_AGAIN_SECONDS = 1.0
DONE, PIN_REFUSED, PIN_IN_DANGER, MISSING, REFUSED = b"d", b"p", b"l", b"m", b"r"


@dataclass(frozen=True, slots=True)
class Place:
    """Which token, and how long to wait for it. serial: may be empty. most: sessions at a time."""

    module: str
    label: str
    serial: str
    most: int
    timeout_seconds: int


class Session:
    """One process and its end of the socket. Not thread-safe: borrowed by one thread at a time."""

    def __init__(self, timeout_seconds: int) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wait = struct.pack("@ll", timeout_seconds, 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):  # kernel timeouts: no poll() before each recv
            self._socket.setsockopt(socket.SOL_SOCKET, option, wait)
        self.pid = os.getpid()
        self._rest = 0
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(WORKER), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")},
                start_new_session=True,  # Ctrl-C is for the server, which then ends its sessions in order
            )

    def send(self, request: bytes) -> None:
        """Ask; a long request goes in parts. Raises: OSError: the process has gone or does not listen."""
        if len(request) <= LONGEST_PART:
            self._socket.send(request)
            return
        letter, body = request[:1], request[1:]
        while len(body) > LONGEST_PART:
            self._socket.send(b"+" + body[:LONGEST_PART])
            body = body[LONGEST_PART:]
        self._socket.send(letter + body)

    def hear(self, *, awake: bool = True) -> bytes:
        """
        The answer, its letter first. Raises: OSError: the process has gone or takes too long.

        awake: look for it a moment before sleeping; where others of this process are at work, that only disturbs them.
        """
        answer = (awake and self._soon()) or self._socket.recv(LONGEST_ANSWER)
        if not answer:
            raise ConnectionResetError("the process of the signing device has ended")
        return answer

    def _soon(self) -> bytes:
        """
        The answer of a device that needs no longer than waking this thread would; empty: it is not there yet.

        Who looked in vain does not look the next 32 times. Other threads run meanwhile.
        """
        if self._rest:
            self._rest -= 1
            return b""
        for _ in range(LOOKS):
            try:
                return self._socket.recv(LONGEST_ANSWER, socket.MSG_DONTWAIT)
            except BlockingIOError:
                os.sched_yield()
        self._rest = REST
        return b""

    def end(self) -> None:
        """Close, and make sure that nothing is left behind."""
        self._socket.close()
        if self.pid != os.getpid():
            self._process.returncode = 0  # the child of a fork has no business with its parent's children
            return
        self._process.kill()
        self._process.wait()


class Sessions:
    """At most `place.most` sessions, made when needed. Thread-safe; after a fork the child makes its own."""

    def __init__(self, place: Place, pin: PinSource, lock: TokenLock) -> None:
        self.lock = lock
        self._place = place
        self._pin = pin
        self._idle: deque[Session] = deque()
        self._free = FairPlaces(place.most)
        self._failed_at = float("-inf")
        self.about: dict[str, Any] = {}
        self._pid = os.getpid()
        weakref.finalize(self, _end_all, self._idle)

    def call(self, request: bytes) -> bytes:
        """
        What the device answers to a request (pkcs11_worker.py).

        Raises: KeysUnavailable: it is away, or has refused the PIN, or has lost the key; KeyRefused("wrong_algorithm"):
                it cannot do that.
        """
        if self._pid != os.getpid():
            self._forget_all()
        turn = self._free.take(self._place.timeout_seconds, request)
        if turn is None:
            raise _away("every session is busy")
        healthy: Session | None = None
        try:
            session: Session = turn.gift or self._asked(request)
            try:
                answer = session.hear(awake=self._free.is_quiet())
            except OSError as error:
                self._give_up(session)
                raise _away(str(error)) from error
            if answer[:1] in (DONE, MISSING, REFUSED):
                healthy = session
            else:
                self._give_up(session)
        finally:
            self._leave(healthy)
        return _judged(answer)

    def _leave(self, session: Session | None) -> None:
        """Give the place up; whoever comes next finds his request on its way, so the device does not wait for him."""
        if session is None:
            self._free.give_back()
        elif turn := self._free.next_turn():
            try:
                session.send(turn.wish)
                turn.gift = session
            except OSError:
                session.end()
            turn.begin()
        else:
            self._idle.append(session)
            self._free.give_back()

    def _asked(self, request: bytes) -> Session:
        """A session that has the request. Raises: KeysUnavailable."""
        try:
            session = self._idle.pop()
            session.send(request)
            return session
        except IndexError:
            session = self._start()
        except OSError:  # it ended while it was idle: it was asked nothing, so asking another signs nothing twice
            session.end()
            session = self._start()
        try:
            session.send(request)
        except OSError as error:
            self._give_up(session)
            raise _away(str(error)) from error
        return session

    def _start(self) -> Session:
        """
        1. Not more than once a second while the device is away.
        2. Alone: two who log in together might use up two tries of the PIN for one mistake.
        3. A PIN that was refused is not given again.
        """
        if time.monotonic() - self._failed_at < TRY_AGAIN_SECONDS:
            raise _away("tried a moment ago")
        with self.lock.held():
            pin, change = self._pin.read()
            self.lock.check_not_refused(pin, change)
            session = Session(self._place.timeout_seconds)
            try:
                place = self._place
                wanted = {"module": place.module, "label": place.label, "serial": place.serial, "pin": pin}
                session.send(b"O" + orjson.dumps(wanted))
                answer = session.hear()
            except OSError as error:
                self._give_up(session)
                raise _away(str(error)) from error
            if answer[:1] != DONE:
                self._give_up(session)
            if answer[:1] == PIN_REFUSED:
                self.lock.remember_refusal(pin, change)
        self.about = _what_it_is(answer)
        return session

    def _give_up(self, session: Session) -> None:
        """This one and the idle ones: they hold the same lost token."""
        self._failed_at = time.monotonic()
        session.end()
        _end_all(self._idle)

    def _forget_all(self) -> None:
        """In the child of a fork: the processes are the parent's, whose talk with them must not be mixed with ours."""
        self._pid = os.getpid()
        self._free = FairPlaces(self._place.most)
        _end_all(self._idle)


def _judged(answer: bytes) -> bytes:
    """The body of an answer that did what was asked. Raises: KeysUnavailable; KeyRefused("wrong_algorithm")."""
    kind, body = answer[:1], answer[1:]
    if kind == DONE:
        return body
    debug = body.decode("utf-8", "replace")
    if kind == MISSING:
        raise KeysUnavailable("The signing device does not hold this key.", debug=debug)
    if kind == REFUSED:
        raise KeyRefused("wrong_algorithm", debug=debug)
    raise _away(debug)


def _what_it_is(answer: bytes) -> dict[str, Any]:
    """What a device says of itself when it is opened. Raises: KeysUnavailable: it does not open."""
    kind, body = answer[:1], answer[1:].decode("utf-8", "replace")
    if kind == DONE:
        about: dict[str, Any] = orjson.loads(body)
        return about
    if kind == PIN_REFUSED:
        raise pin_refused()
    if kind == PIN_IN_DANGER:
        raise KeysUnavailable(
            "The signing device says that its PIN is locked or has one try left. It is not tried any more.", debug=body
        )
    raise _away(body)


def _end_all(idle: deque[Session]) -> None:
    while idle:
        idle.pop().end()


def _away(debug: str) -> KeysUnavailable:
    return KeysUnavailable("The signing device does not answer. Try again in a moment.", debug=debug)
