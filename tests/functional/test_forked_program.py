"""What is built once and forked: nothing that belongs to one process alone crosses the fork (docs/adr/0019)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from base.audit import audit_events
from base.services import BaseServices
from keys.settings import KeysSettings
from tests.ready_keys import open_ready_keys

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def told(make_base: Callable[..., BaseServices], db_url: str, tmp_path: Path) -> dict[str, Any]:
    """What a parent and two children of it say; the keys are there, as `antin run` has them made first."""
    services = make_base(KeysSettings(rsa_key_bits=2048))
    open_ready_keys(services)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANTIN_")}
    environ |= {
        "ANTIN_ISSUER": "http://localhost:9",
        "ANTIN_DATA_DIR": str(tmp_path / "var"),
        "ANTIN_DATABASE_URL": db_url,
        "ANTIN_RSA_KEY_BITS": "2048",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    (tmp_path / "metrics").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.forked_program"],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    with services.db.read() as connection:
        uses = select(audit_events.c.data).where(audit_events.c.kind == "keys.key.uses")
        found["uses"] = [data for data in connection.execute(uses).scalars() if "key_forked" in data]
    return found


def test_nothing_of_one_process_crosses_the_fork(told: dict[str, Any]) -> None:
    before, children = told["before"], told["children"]
    assert before["open"] == [], "no connection and no database file"
    assert before["threads"] == [1, 1]
    assert before["children"] == [], "nothing that belongs to it is shared either"
    assert before["opened"] == 0, "no private key was opened"
    assert before["written"] == [], "the rehearsal reads"
    assert before["counters"] == 0, "and is not counted"
    assert all(child["counters"] for child in children), "what the children answer is"
    assert all(child["opened"] for child in children), "each opened its own keys"
    assert all(child["kids"] for child in children)
    assert all(child["open"] for child in children), "over its own connection"
    assert not children[0]["who"] or children[0]["who"] != children[1]["who"]
    assert len(told["uses"]) == 2, "each wrote down how often it used a key, before it ended"
    drawn = [told["parent"], *(child["chances"] for child in children)]
    for same_kind in zip(*drawn, strict=True):
        assert len(set(same_kind)) == 3, "chance is each one's own"
    assert [status for status in told["statuses"] if status[0] not in "234"] == [], "what is rehearsed is answered"
    assert len({status[:3] for status in told["statuses"]}) >= 3
