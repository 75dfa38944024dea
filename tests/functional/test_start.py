"""`antin run` as people use it: first start, table, clean stop, second start with state kept, refusals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
FIRST_START_SECONDS = 90


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("start")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    return kept | {
        "ANTIN_DATA_DIR": str(home / "var"),
        "ANTIN_ISSUER": f"http://localhost:{three_free_ports()}",
        "ANTIN_WORKERS": "1",
        "PYTHONPATH": str(ROOT),
    }


def three_free_ports() -> int:
    """A port that is free together with the next two, which the demo services take."""
    for port in range(20_000 + os.getpid() % 9_000, 60_000, 3):
        try:
            for offset in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        return port
    raise AssertionError("no free ports")


def antin(
    environment: dict[str, str], *words: str, cwd: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runner", *words],
        env=environment,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=FIRST_START_SECONDS,
    )


class Started(NamedTuple):
    """What an installation printed until it was ready, and its supervisor."""

    said: str
    pid: int


@contextmanager
def running(environment: dict[str, str], home: Path, *options: str) -> Iterator[Started]:
    """A started installation. It is stopped by SIGINT and must end well."""
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "run", *options],
        env=environment | {"PYTHONUNBUFFERED": "1"},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        until = time.monotonic() + FIRST_START_SECONDS
        while "/verify" not in said:
            line = process.stdout.readline()
            assert line, f"it ended: {said}"
            assert time.monotonic() < until, said
            said += line
        yield Started(said, process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(6) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
        return str(answer.read().decode())


def kids(issuer: str) -> set[str]:
    """The names of the published keys."""
    return {key["kid"] for key in json.loads(get(f"{issuer}/jwks"))["keys"]}


def test_start_stop_start(environment: dict[str, str], home: Path) -> None:
    issuer = environment["ANTIN_ISSUER"]
    with running(environment, home, "--demo") as started:
        assert issuer in started.said
        first_keys = kids(issuer)
        assert json.loads(get(f"{issuer}/health/ready"))["status"] == "ready"
        assert json.loads(get(f"{issuer}/.well-known/openid-configuration"))["issuer"] == issuer
        assert "antin_requests" in get(f"{issuer}/metrics")
        for offset in (1, 2):
            get(f"http://localhost:{int(issuer.rpartition(':')[2]) + offset}/health/ready")

        again = antin(environment, "run", cwd=home)
        assert again.returncode == 2
        assert "cannot be used" in again.stderr
        assert len(again.stderr.strip().splitlines()) == 2, "one sentence in each language"

    with running(environment, home, "--demo"):
        assert first_keys <= kids(issuer), "the worker may have made the next keys, none is lost"

    assert not list((home / "var").rglob("*.pid"))
    assert {path.name for path in home.iterdir()} == {"var"}, "nothing is written outside the data folder"
    assert antin(environment, "audit", "verify", cwd=home).returncode == 0
    doctor = antin(environment, "doctor", cwd=home)
    assert doctor.returncode == 0, doctor.stdout


def children_of(pid: int) -> set[int]:
    """Its living children."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.add(int(stat.parent.name))
    return found


def test_each_process_that_is_killed_comes_back(environment: dict[str, str], home: Path) -> None:
    ready = f"{environment['ANTIN_ISSUER']}/health/ready"
    with running(environment | {"ANTIN_WORKERS": "2"}, home) as started:
        for pid in sorted(first := children_of(started.pid)):
            assert len(before := children_of(started.pid)) == 3, "two servers and the worker, and nobody between"
            os.kill(pid, signal.SIGKILL)
            until = time.monotonic() + FIRST_START_SECONDS
            while len(children_of(started.pid) - {pid}) < 3:
                assert time.monotonic() < until, before
                time.sleep(0.05)
        assert not children_of(started.pid) & first
        until = time.monotonic() + FIRST_START_SECONDS
        while not answers(ready):
            assert time.monotonic() < until
            time.sleep(0.05)


def answers(url: str) -> bool:
    """A server process that was just killed takes along who waited for it, and the new one needs a moment."""
    try:
        return bool(get(url))
    except OSError:
        return False


def test_the_data_folder_is_for_its_owner_only(environment: dict[str, str], home: Path) -> None:
    folder = home / "var"
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "keys" / "master.key").stat().st_mode & 0o177 == 0


def test_clients_and_people_by_command(environment: dict[str, str], home: Path) -> None:
    metadata = {"redirect_uris": ["https://service.example.vn/cb"], "client_name": "Service"}
    added = antin(environment, "client", "add", "-", cwd=home, stdin=json.dumps(metadata))
    assert added.returncode == 0, added.stderr
    client = json.loads(added.stdout)
    assert client["client_id"]
    assert client["client_secret"]
    assert client["client_id"] in antin(environment, "client", "list", cwd=home).stdout
    person = antin(
        environment,
        "user",
        "add",
        "--username",
        "hoa",
        "--password-stdin",
        "--totp",
        cwd=home,
        stdin="mua xuan o Hue 27\n",
    )
    assert person.returncode == 0, person.stderr
    assert json.loads(person.stdout)["sub"]
    assert antin(environment, "key", "list", cwd=home).returncode == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ANTIN_COLOUR": "red"}, "Unknown setting"),
        ({"ANTIN_WORKERS": "many"}, "ANTIN_WORKERS"),
        ({"ANTIN_BIND": "nowhere"}, "ANTIN_BIND"),
        ({"ANTIN_DATA_DIR": "/proc/antin"}, "ANTIN_DATA_DIR"),
        ({"ANTIN_DATABASE_URL": "postgresql://127.0.0.1:1/antin"}, "does not answer"),
    ],
)
def test_each_refusal_is_one_clear_sentence(
    environment: dict[str, str], home: Path, changes: dict[str, str], word: str
) -> None:
    refused = antin(environment | changes, "run", cwd=home)
    assert refused.returncode == 2, refused.stderr
    assert word in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) <= 2


def test_verify_needs_no_database(environment: dict[str, str], tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.4 but not really")
    result = antin(
        environment | {"ANTIN_DATA_DIR": str(tmp_path / "none")}, "verify", str(paper), "--json", cwd=tmp_path
    )
    assert result.returncode in (1, 2), result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "none").exists()
