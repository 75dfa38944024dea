"""A folder kept verifiable: what is due, what is left alone, what a process that dies leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from signing.errors import SigningError
from signing.flows.preserve import Outcome, Result
from signing.formats.base import Level, Packaging
from signing.store.archive_folder import ArchiveFolder, opened_folder
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from tests import signing_asic, signing_cms
from tests.preserving import keep, order_for, written
from tests.signing_asic import EXTENDED, SIMPLE
from tests.signing_pki import DAY, NOW, shared_city

MOMENT = NOW + 3600
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    written(shared_city(), MOMENT, tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Three signatures that are due, in a folder and below it."""
    folder = tmp_path / "archive"
    (folder / "năm 2025").mkdir(parents=True)
    (folder / "a.asice").write_bytes(signing_asic.sign())
    (folder / "năm 2025" / "b.asics").write_bytes(signing_asic.sign(asic=SIMPLE))
    (folder / "c.txt").write_bytes(signing_cms.CONTENT)
    (folder / "c.txt.p7s").write_bytes(signing_cms.sign(packaging=Packaging.DETACHED))
    return folder


SIGNED = {"a.asice", "c.txt.p7s", "năm 2025/b.asics"}


def outcomes(results: dict[str, Result]) -> dict[str, Outcome]:
    return {name: result.outcome for name, result in results.items()}


def level_of(path: Path) -> str:
    """As its report says; the verdict must be that it passed."""
    content = path.read_bytes()
    beside = ALONE if path.suffix != ".p7s" else Beside(content=signing_cms.CONTENT)
    report = signing_cms.verify(content, beside=beside, moment=MOMENT + 60)
    assert report.indication is Indication.TOTAL_PASSED, report.as_json()
    return report.signatures[0].level


def test_what_is_due_is_done_once(files: Path, keys: Path) -> None:
    order = order_for(keys, MOMENT)
    before = {name: (files / name).read_bytes() for name in SIGNED}
    (files / "a.asice").chmod(0o640)
    dry = keep(files, order, dry=True)
    assert {name for name, result in dry.items() if result.outcome is Outcome.DUE} == SIGNED
    assert {name: (files / name).read_bytes() for name in SIGNED} == before
    results = keep(files, order)
    assert outcomes(results) == dict.fromkeys(SIGNED, Outcome.DONE) | {"c.txt": Outcome.SKIPPED}
    assert {level_of(files / name) for name in SIGNED} == {"B-LTA"}
    assert (files / "a.asice").stat().st_mode & 0o777 == 0o640
    again = keep(files, order)
    assert outcomes(again) == dict.fromkeys(SIGNED, Outcome.CURRENT) | {"c.txt": Outcome.SKIPPED}


def test_what_ends_soon_is_renewed_in_time(files: Path, keys: Path) -> None:
    order = order_for(keys, MOMENT)
    keep(files, order)
    assert outcomes(keep(files, order, within=300 * DAY))["a.asice"] is Outcome.CURRENT
    results = keep(files, order, within=400 * DAY)
    assert {results[name].why for name in SIGNED} == {"certificate-ends"}
    assert {level_of(files / name) for name in SIGNED} == {"B-LTA"}


def test_what_fails_is_named_and_stays_as_it_was(files: Path, keys: Path) -> None:
    broken = bytearray((files / "a.asice").read_bytes())
    broken[len(broken) // 2] ^= 1
    (files / "a.asice").write_bytes(broken)
    (files / "c.txt").write_bytes(b"other")
    (files / "link.asice").symlink_to(files / "a.asice")
    (files / ".hidden.asice").write_bytes(signing_asic.sign())
    results = keep(files, order_for(keys, MOMENT))
    assert results["a.asice"].outcome is Outcome.FAILED
    assert (results["c.txt.p7s"].outcome, results["c.txt.p7s"].why) == (Outcome.FAILED, "HASH_FAILURE")
    assert results["năm 2025/b.asics"].outcome is Outcome.DONE
    assert not {"link.asice", ".hidden.asice"} & results.keys()
    assert (files / "a.asice").read_bytes() == bytes(broken)


def test_a_silent_authority_changes_nothing(files: Path, keys: Path) -> None:
    def silent(_imprint: bytes) -> bytes:
        raise ConnectionError

    before = {name: (files / name).read_bytes() for name in SIGNED}
    results = keep(files, replace(order_for(keys, MOMENT), timestamper=silent))
    assert {results[name].why for name in SIGNED} == {"ConnectionError"}
    assert {name: (files / name).read_bytes() for name in SIGNED} == before
    assert not list(files.rglob(".antin-preserve-*"))


def test_one_process_at_a_time(files: Path) -> None:
    with opened_folder(files), pytest.raises(SigningError) as refused, opened_folder(files):
        pass
    assert refused.value.code == "folder_busy"


def test_what_another_program_wrote_meanwhile_is_not_lost(files: Path) -> None:
    folder = ArchiveFolder(files)
    found = folder.read(Path("c.txt"), 1000)
    assert found is not None
    found.path.write_bytes(b"written meanwhile")
    with pytest.raises(SigningError) as refused:
        folder.replace(found, b"ours")
    assert refused.value.code == "changed_meanwhile"
    assert found.path.read_bytes() == b"written meanwhile"
    assert folder.read(Path("c.txt"), 3) is None


@pytest.mark.slow
def test_killed_at_any_step_no_file_is_half_and_the_next_run_finishes(files: Path, keys: Path) -> None:
    before = {name: (files / name).read_bytes() for name in SIGNED}
    command = [sys.executable, "-m", "tests.preserving", str(files), str(keys), str(MOMENT)]
    killed = done = 0
    for steps in (0, 2, 3, 5, 99):
        run = subprocess.run([*command, str(steps)], cwd=ROOT, capture_output=True, text=True, timeout=120)
        if run.returncode == -signal.SIGKILL:
            killed += 1
        else:
            assert run.stdout.strip() == "done", run.stderr
            done += 1
        for name in SIGNED:
            assert (files / name).read_bytes() == before[name] or level_of(files / name) == "B-LTA"
    assert killed == 4
    assert done == 1
    assert {level_of(files / name) for name in SIGNED} == {"B-LTA"}
    assert not list(files.rglob(".antin-preserve-*[!k]"))
    assert os.listdir(files / "năm 2025") == ["b.asics"]


def test_each_level_below_is_brought_up(files: Path, keys: Path) -> None:
    (files / "a.asice").write_bytes(signing_asic.extend(signing_asic.sign(), Level.B_LT, EXTENDED))
    assert keep(files, order_for(keys, MOMENT))["a.asice"].why == "not-kept"
    assert level_of(files / "a.asice") == "B-LTA"
