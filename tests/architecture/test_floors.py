"""
Installed versions are not older than the last known fixes, and the locks hold names, versions and hashes only.

An audit service that cannot be reached reports "nothing found"; this table is what stops an old version.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.architecture.tree import ROOT, imported_names, product_files, relative

FLOORS = {
    "authlib": "1.9.9",
    "pyjwt": "2.15.0",
    "cryptography": "46.0.7",
    "flask": "3.1.3",
    "werkzeug": "3.1.6",
    "jinja2": "3.1.6",
    "requests": "2.32.4",
    "urllib3": "2.6.3",
    "pillow": "12.1.1",
    "lxml": "6.0.2",
}
BANNED = ("python-jose", "jose", "pycrypto", "m2crypto", "pyopenssl")
LOCKS = ("requirements.lock", "requirements-dev.lock")
NPM_LOCKS = sorted(ROOT.glob("bench/*/package-lock.json")) + sorted(ROOT.glob("tests/interop/*/package-lock.json"))
PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*==[^\s;]+(?: ; [^\\]+)? \\$", re.IGNORECASE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
COMMENT = re.compile(r"^\s*#[\w .()\[\]/-]*:?$")
"""Who needs a package; no address fits in it."""


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text("utf-8")
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_installed_versions_reach_the_floor(package: str, floor: str) -> None:
    assert Version(importlib.metadata.version(package)) >= Version(floor)


@pytest.mark.parametrize("lock", LOCKS)
def test_locked_versions_reach_the_floor_and_none_is_banned(lock: str) -> None:
    locked = pins(lock)
    assert not {name: locked[name] for name, floor in FLOORS.items() if Version(locked[name]) < Version(floor)}
    assert not set(BANNED) & set(locked)


@pytest.mark.parametrize("lock", [*LOCKS, "tests/interop/requests-oauth2client/requirements.lock"])
def test_a_lock_holds_names_versions_and_hashes_only(lock: str) -> None:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    strange = [line for line in lines if line and not any(rule.match(line) for rule in (PIN, HASH, COMMENT))]
    assert not strange


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_an_npm_lock_holds_no_address(lock: Path) -> None:
    """deploy/npm-lock.sh writes them so."""
    assert "://" not in lock.read_text("utf-8")


def test_the_locks_cover_what_pyproject_asks_for_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    for lines, locked in ((project["dependencies"], run), (project["optional-dependencies"]["dev"], dev)):
        for requirement in map(Requirement, lines):
            assert requirement.specifier.contains(locked[requirement.name.lower()]), requirement
    assert {name: dev[name] for name in run} == run


def test_the_deprecated_jose_module_is_not_used() -> None:
    users = [path for path in product_files() if any(name.startswith("authlib.jose") for name in imported_names(path))]
    assert not [relative(path) for path in users]
