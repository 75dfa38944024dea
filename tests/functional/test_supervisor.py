"""The supervisor with real children: ready, restarted, given up on, stopped in time, never orphaned."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Start = Callable[[str, int], "subprocess.Popen[str]"]
ROOT = Path(__file__).parent.parent.parent
PROGRAM = """
import sys
from base.run.children import ChildSpec
from base.run.supervisor import Supervisor
child, port = sys.argv[1], int(sys.argv[2])
ready = ("127.0.0.1", port, "/") if port else None
spec = ChildSpec("child", lambda: exec(child, {"__name__": "child"}), ready)
sys.exit(Supervisor([spec]).run(lambda: print("READY", flush=True)))
"""
PATIENCE_SECONDS = 30
"""A test waits this long for what takes a moment, or the four seconds that a stubborn child gets."""
ANSWERING = """
import http.server, os
print("PID", os.getpid(), flush=True)
class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", {port}), Quiet).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start() -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def run(child: str, port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, child, str(port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.append(process)
        return process

    yield run
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def lines_until(process: subprocess.Popen[str], word: str) -> list[str]:
    assert process.stdout is not None
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line.strip())
        if word in line:
            return seen
    raise AssertionError(f"{word} was never said: {seen}")


def pid_of(lines: list[str]) -> int:
    return int(next(line for line in lines if line.startswith("PID")).split()[1])


def gone(pid: int, within: float = PATIENCE_SECONDS) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_ready_and_stops_on_a_signal(start: Start, port: int, number: int) -> None:
    process = start(ANSWERING.format(port=port), port)
    child = pid_of(lines_until(process, "READY"))
    begun = time.monotonic()
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert not alive(child)


def test_a_child_that_ignores_the_signal_is_ended_in_time(start: Start, port: int) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ANSWERING.format(port=port)
    process = start(stubborn, port)
    child = pid_of(lines_until(process, "READY"))
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not alive(child)


def test_a_crashed_child_is_started_again(start: Start, port: int) -> None:
    process = start(ANSWERING.format(port=port), port)
    first = pid_of(lines_until(process, "READY"))
    os.kill(first, signal.SIGKILL)
    second = pid_of(lines_until(process, "PID"))
    assert second != first
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0


def test_a_child_that_cannot_start_ends_everything_with_an_error(start: Start) -> None:
    process = start("raise SystemExit(7)", 0)
    assert process.wait(PATIENCE_SECONDS) == 1
    assert process.stdout is not None
    assert "giving up" in process.stdout.read()


def test_children_do_not_outlive_a_killed_supervisor(start: Start, port: int) -> None:
    process = start(ANSWERING.format(port=port), port)
    child = pid_of(lines_until(process, "READY"))
    process.kill()
    process.wait()
    assert gone(child)
