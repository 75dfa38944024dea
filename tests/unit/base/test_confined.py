"""Work under limits: what goes over one is an error for whoever asked, and nobody else notices."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.run.confined import BeyondLimits, Confinement, Limits, Standing, TaskFailed

MEBIBYTE = 1024 * 1024
GENEROUS = Limits(cpu_seconds=20, memory_bytes=256 * MEBIBYTE, wall_seconds=120)
BRIEF = Limits(cpu_seconds=1, memory_bytes=256 * MEBIBYTE, wall_seconds=120)
NOTHING = Standing(None, lambda: b"")


@pytest.fixture(scope="module")
def confinement() -> Iterator[Confinement]:
    yield Confinement("tests.confined_tasks:act")
    gc.collect()


def run(confinement: Confinement, *parts: bytes, limits: Limits = GENEROUS) -> bytes:
    return confinement.run(NOTHING, parts, limits)


def test_a_task_is_done(confinement: Confinement) -> None:
    large = os.urandom(MEBIBYTE)
    assert run(confinement, b"echo", b"a", large, b"") == b"|a|" + large + b"|"


def test_what_stands_is_sent_once(confinement: Confinement) -> None:
    made: list[str] = []

    def data() -> bytes:
        made.append("made")
        return b"standing"

    for _ in range(3):
        assert confinement.run(Standing("key", data), (b"echo", b"x"), GENEROUS) == b"standing|x"
    assert made == ["made"]
    assert confinement.run(Standing("other", lambda: b"new"), (b"echo", b"x"), GENEROUS) == b"new|x"


def test_a_task_may_ask(confinement: Confinement) -> None:
    asked: list[bytes] = []

    def answer(question: bytes) -> bytes:
        asked.append(question)
        return b"<" + question + b">"

    assert confinement.run(NOTHING, (b"ask",), GENEROUS, answer) == b"<one?><two?>"
    assert asked == [b"one?", b"two?"]


def test_the_worker_is_kept(confinement: Confinement) -> None:
    assert run(confinement, b"pid") == run(confinement, b"pid") != str(os.getpid()).encode()


@pytest.mark.slow
def test_a_task_that_burns_the_processor_is_ended(confinement: Confinement) -> None:
    with pytest.raises(BeyondLimits, match="fell"):
        run(confinement, b"burn", limits=BRIEF)
    assert run(confinement, b"echo", b"next") == b"|next"


def test_a_task_that_waits_for_nothing_is_ended(confinement: Confinement) -> None:
    with pytest.raises(BeyondLimits, match="too slow"):
        run(confinement, b"wait", limits=Limits(20, 256 * MEBIBYTE, 0.5))
    assert run(confinement, b"echo", b"next") == b"|next"


def test_a_task_that_swallows_memory_is_ended(confinement: Confinement) -> None:
    with pytest.raises(BeyondLimits, match="memory"):
        run(confinement, b"swallow")
    assert run(confinement, b"swallow", limits=Limits(20, 600 * MEBIBYTE, 120)) == str(300 * MEBIBYTE).encode()


def test_a_process_that_falls_takes_nobody_along(confinement: Confinement) -> None:
    with pytest.raises(BeyondLimits, match="fell"):
        run(confinement, b"fall")
    assert run(confinement, b"echo", b"next") == b"|next"


@pytest.mark.parametrize(("task", "said"), [(b"recurse", "RecursionError"), (b"raise", "ValueError")])
def test_an_error_comes_back_without_the_strangers_words(confinement: Confinement, task: bytes, said: str) -> None:
    with pytest.raises(TaskFailed, match=f"{said} confined_tasks.py:") as caught:
        run(confinement, task)
    assert "stranger" not in str(caught.value)


@pytest.mark.slow
def test_others_are_served_meanwhile(confinement: Confinement) -> None:
    ended: list[str] = []

    def burn() -> None:
        try:
            run(confinement, b"burn", limits=BRIEF)
        except BeyondLimits as error:
            ended.append(str(error))

    burning = threading.Thread(target=burn)
    burning.start()
    while burning.is_alive() and not ended:
        assert run(confinement, b"echo", b"meanwhile") == b"|meanwhile"
    burning.join()
    assert ended == ["its process fell"]


def test_a_worker_that_has_grown_does_no_other_task(confinement: Confinement) -> None:
    pids = [run(confinement, b"keep") for _ in range(10)]
    assert len(set(pids)) == 2
    assert pids[0] != pids[-1]


def test_an_idle_worker_that_somebody_ended_is_replaced(confinement: Confinement) -> None:
    pid = int(run(confinement, b"pid"))
    os.kill(pid, signal.SIGKILL)
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.01)
    assert int(run(confinement, b"pid")) != pid


def test_the_process_that_forks_is_begun_again() -> None:
    confinement = Confinement("tests.confined_tasks:act")
    worker = int(run(confinement, b"pid"))
    forker = int(Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(forker, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    assert int(run(confinement, b"pid")) not in (worker, forker)


def test_it_can_be_made_ready_before_there_is_a_task() -> None:
    others = forkers()
    confinement = Confinement("tests.confined_tasks:act")
    confinement.expect()
    (forker,) = forkers() - others
    confinement.expect()
    assert forkers() - others == {forker}, "once"
    assert parent_of(int(run(confinement, b"pid"))) == forker


def test_an_absent_library_is_named_and_not_loaded() -> None:
    confinement = Confinement("tests.confined_tasks:act", absent=("aiohttp",))
    assert run(confinement, b"absent") == b"a class of it may be derived from; RuntimeError"


def forkers() -> set[int]:
    """The processes that this one has begun."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if parent_of(int(folder.name)) == os.getpid():
                found.add(int(folder.name))
        except OSError:
            continue  # it has just ended
    return found


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_nothing_of_the_environment_goes_along(confinement: Confinement, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIN_SECRET", "x")
    assert run(Confinement("tests.confined_tasks:act"), b"environment") in (b"['LC_ALL']", b"['LC_ALL', 'LC_CTYPE']")


def test_with_the_confinement_its_processes_end() -> None:
    confinement = Confinement("tests.confined_tasks:act")
    worker = int(run(confinement, b"pid"))
    del confinement
    gc.collect()
    for _ in range(1000):
        if not os.path.exists(f"/proc/{worker}"):
            return
        time.sleep(0.02)
    pytest.fail("it is still there")
