"""
Processes that issue certificates and are killed: no certificate without its row, no serial number twice, a clean start.

A certificate counts as issued once somebody has it, that is once the process has said so. `make faults` kills 50.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from base.audit import verify
from base.services import open_base
from base.settings import BaseSettings, Settings
from keys.models import certificates, keys
from keys.services import open_keys
from keys.settings import KeysSettings
from migrations.upgrade import upgrade

KILLS = max(3, int(os.environ.get("ANTIN_TEST_ROUNDS", "3")) // 20)
FIRST_SECONDS = 60
ISSUER = """
import sys
from pathlib import Path
from base.services import open_base
from base.settings import BaseSettings, Settings
from keys.ca.order import Profile
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import LegalSubject
from keys.services import open_keys
from keys.settings import KeysSettings
groups = {BaseSettings: BaseSettings(data_dir=Path(sys.argv[1])), KeysSettings: KeysSettings(rsa_key_bits=2048)}
base = open_base(Settings(groups))
held = open_keys(base)
while True:
    order = Subscription(Profile.LEGAL_PERSON, LegalSubject("org", "UBND", "GO:VN-H29"))
    print(issue_inside(held.custody, order).serial, flush=True)
"""


def test_killed_while_issuing(tmp_path: Path) -> None:
    settings = Settings({BaseSettings: BaseSettings(data_dir=tmp_path), KeysSettings: KeysSettings(rsa_key_bits=2048)})
    base = open_base(settings)
    upgrade(base.db)
    open_keys(base)
    told: list[str] = []
    for round_ in range(KILLS):
        told += killed(tmp_path, after=random.Random(round_).uniform(0.0, 0.3))
    assert len(told) >= KILLS
    with base.db.read() as connection:
        columns = select(certificates.c.serial, certificates.c.handle).where(certificates.c.profile == "legal-person")
        written = {row.serial: row.handle for row in connection.execute(columns.order_by(certificates.c.serial))}
        owned = select(func.count()).select_from(keys).where(keys.c.owner == "org")
        assert connection.execute(owned).scalar_one() == len(written)  # no key without its certificate either
    assert len(set(told)) == len(told)
    assert set(told) <= set(written)
    assert len(written) - len(told) <= KILLS  # at most the one that was written and not yet told
    verify(base.db)
    again = open_keys(base)
    assert again.ready()
    base.db.close()


def killed(folder: Path, *, after: float) -> list[str]:
    """Start a process that issues, kill it some time after its first certificate, return what it told of."""
    process = subprocess.Popen(
        [sys.executable, "-c", ISSUER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=FIRST_SECONDS)
    whole = [line for line in (first + rest).split("\n")[:-1] if line]  # a line that was cut off was not told
    assert whole, "the process ended before it issued anything"
    return whole
