"""Counters of several server processes are added up in /metrics."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COUNT = "from base.metrics import SIGN_INS; SIGN_INS.labels('ok').inc(3)"
READ = """
import pathlib, sys
from base.services import open_base
from base.settings import BaseSettings, Settings
from base.web.shell import make_app
services = open_base(Settings({BaseSettings: BaseSettings(data_dir=pathlib.Path(sys.argv[1]))}))
app = make_app(services, name="x", roads=(), cookie_key=b"k" * 32)
sys.stdout.write(app.test_client().get("/metrics").text)
"""


def test_counters_of_all_processes_are_added(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COUNT], env=environ, check=True)
    page = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)], env=environ, check=True, capture_output=True, text=True
    ).stdout
    assert 'antin_sign_ins_total{result="ok"} 6.0' in page
