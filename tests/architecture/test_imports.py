"""The import contracts of pyproject.toml hold, and each is proven by breaking it in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, imported_names, product_files, relative

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS = [contract["id"] for contract in CONFIG["contracts"]]
DOORS = {"api", "handles", "settings", "errors"}
BREAKS: dict[str, tuple[str, str]] = {
    "packages": ("idp/flows/zz.py", "import signing.settings"),
    "keys-doors": ("idp/flows/zz.py", "import keys.models"),
    "idp-layers": ("idp/utils.py", ""),
    "signing-layers": ("signing/store/zz.py", "import signing.flows"),
    "keys-layers": ("keys/lifecycle/zz.py", "import keys.store"),
    "pure-rules": ("idp/protocol/zz.py", "import flask"),
    "door-authlib": ("idp/flows/zz.py", "import authlib.oauth2"),
    "door-pyjwt": ("idp/flows/zz.py", "import jwt"),
    "door-joserfc": ("idp/flows/zz.py", "import joserfc.jwe"),
    "door-pyotp": ("idp/flows/zz.py", "import pyotp"),
    "door-argon2": ("idp/flows/zz.py", "import argon2"),
    "door-pyhanko": ("signing/flows/zz.py", "import pyhanko.sign"),
    "door-asn1": ("signing/flows/zz.py", "import asn1crypto.cms"),
    "door-lxml": ("keys/flows/zz.py", "import lxml.etree"),
    "door-pdfium": ("signing/flows/zz.py", "import pypdfium2"),
    "door-pillow": ("idp/flows/zz.py", "import PIL.Image"),
    "door-cryptography": ("idp/flows/zz.py", "from cryptography import x509"),
    "door-requests": ("signing/flows/zz.py", "import requests"),
    "door-devices": ("keys/flows/zz.py", "import pkcs11"),
    "door-granian": ("signing/flows/zz.py", "import granian"),
}


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    if contract:
        command += ["--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment(folder))


def environment(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_proven() -> None:
    assert sorted(BREAKS) == sorted(CONTRACTS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_broken_contract_is_noticed(copy: Path, contract: str) -> None:
    name, code = BREAKS[contract]
    file = copy / name
    assert not file.exists()
    file.write_text(code + "\n", "utf-8")
    try:
        result = lint(copy, contract)
    finally:
        file.unlink()
    assert result.returncode != 0
    assert "BROKEN" in result.stdout or "exhaustive" in result.stdout + result.stderr, result.stdout


def test_the_list_of_what_outsiders_may_not_touch_is_complete() -> None:
    (contract,) = (row for row in CONFIG["contracts"] if row["id"] == "keys-doors")
    inside = {
        path.stem for path in (ROOT / "keys").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {f"keys.{name}" for name in inside - DOORS - {"__init__"}} == set(contract["forbidden_modules"])


def test_only_wsgi_imports_all() -> None:
    """wsgi.py is no package, so the linter does not see it; nobody but runner/ may ask it for anything."""
    users = [relative(path) for path in product_files() if "wsgi" in imported_names(path)]
    assert all(name.startswith(("runner/", "wsgi.py")) for name in users)
