"""
A city whose clock is moved under it (libfaketime), beside a time server that stays right: TS-02.

The library answers for the clock of every process of the city, worker included, and reads from a file what it shall
say; timers go on as they do. Stamps are asked for and read by OpenSSL.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.city import City, running_city
from tests.interop.base import Counterpart, say
from tests.time_server import TimeServer

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
ALARM_SECONDS, MOST_WAIT_SECONDS = 10.0, 60.0
MOVES = ("+1.5s", "-1.5s", "+3600s")
ALARM = 'antin_alarms_total{kind="clock_off"}'


def missing() -> str:
    return "" if LIBRARIES else "libfaketime is not installed"


@contextmanager
def moved_city(folder: Path) -> Iterator[tuple[City, Callable[[str], None]]]:
    """A city, and what moves its clock: `move("+1.5s")`."""
    says = folder / "clock"
    says.write_text("+0s\n")
    fake = {
        "LD_PRELOAD": str(LIBRARIES[-1]),
        "FAKETIME_TIMESTAMP_FILE": str(says),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }

    def move(offset: str) -> None:
        written = says.with_suffix(".new")
        written.write_text(offset + "\n")
        written.rename(says)

    server = TimeServer()
    os.environ.update(fake)
    try:
        with running_city(folder / "city", time_reference=f"ntp://127.0.0.1:{server.port}") as city:
            for name in fake:
                os.environ.pop(name)
            yield city, move
    finally:
        for name in fake:
            os.environ.pop(name, None)
        server.close()


class Stamps:
    """Asks the time-stamping unit of a city, as OpenSSL writes and reads it."""

    def __init__(self, city: City, folder: Path) -> None:
        self._city, self._folder = city, folder

    def ask(self) -> str:
        """Granted. | what the answer calls the failure."""
        (self._folder / "data").write_bytes(b"a document")
        self._openssl("-query", "-data", "data", "-sha256", "-cert", "-out", "q")
        request = urllib.request.Request(
            f"{self._city.issuer}/pki/tsa",
            (self._folder / "q").read_bytes(),
            {"Content-Type": "application/timestamp-query"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                (self._folder / "r").write_bytes(answer.read())
        except urllib.error.HTTPError as error:
            (self._folder / "r").write_bytes(error.read())
        text = self._openssl("-reply", "-in", "r", "-text")
        return "granted" if "Status: Granted." in text else text

    def alarms(self) -> int:
        with urllib.request.urlopen(f"{self._city.issuer}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(ALARM)))

    def _openssl(self, *words: str) -> str:
        done = subprocess.run(
            ["openssl", "ts", *words], cwd=self._folder, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout + done.stderr


def seconds_until(is_so: Callable[[], bool]) -> float:
    """How long it took. Raises: AssertionError: not within a minute."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < MOST_WAIT_SECONDS
        time.sleep(0.1)
    return time.monotonic() - began


def run(_city: City) -> bool:
    """A city of its own, because nobody else could work in one whose clock moves."""
    with tempfile.TemporaryDirectory(prefix="antin-faketime-") as name, moved_city(Path(name)) as (city, move):
        return all([*_moves(Stamps(city, Path(name)), move)])


def _moves(stamps: Stamps, move: Callable[[str], None]) -> Iterator[bool]:
    say("libfaketime")
    seconds_until(lambda: stamps.ask() == "granted")
    yield _passed("the clock is right: stamps", True)
    for offset in MOVES:
        is_told = partial(_more_alarms, stamps, stamps.alarms())
        move(offset)
        refused = seconds_until(lambda: "time source is not available" in stamps.ask())
        alarmed = refused + seconds_until(is_told)
        good = alarmed <= ALARM_SECONDS
        yield _passed(f"{offset}: no stamp after {refused:.1f} s, alarm after {alarmed:.1f} s", good)
        move("+0s")
        back = seconds_until(lambda: stamps.ask() == "granted")
        yield _passed(f"{offset}: right again, stamps after {back:.1f} s", back <= ALARM_SECONDS)


def _more_alarms(stamps: Stamps, before: int) -> bool:
    return stamps.alarms() > before


def _passed(what: str, good: bool) -> bool:
    say(f"  {'✓' if good else '✗'} {what}")
    return good


COUNTERPART = Counterpart("faketime", missing, run)
