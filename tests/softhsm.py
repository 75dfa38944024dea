"""
A PKCS#11 token of its own for a test: SoftHSM 2 with its folder under tmp.

`make setup-dev` installs SoftHSM where it can; elsewhere these tests say that they are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from keys.settings import KeysSettings

PIN, SO_PIN, LABEL = "1234-test", "5678-test", "antin"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
CONFIGURATION = "SOFTHSM2_CONF"


@dataclass(frozen=True)
class Token:
    """folder: with the token in `tokens`, its PIN in `pin`."""

    folder: Path
    module: str

    @property
    def settings(self) -> KeysSettings:
        """RSA keys small enough for a test to wait for."""
        return KeysSettings(
            rsa_key_bits=2048,
            key_backend="pkcs11",
            pkcs11_module=self.module,
            pkcs11_token_label=LABEL,
            pkcs11_pin_file=str(self.pin_file),
        )

    def with_settings(self, **changes: object) -> KeysSettings:
        return replace(self.settings, **changes)  # type: ignore[arg-type]  # names and types are the test's

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    def unplug(self) -> None:
        (self.folder / "tokens").rename(self.folder / "in a drawer")

    def plug_in(self) -> None:
        (self.folder / "in a drawer").rename(self.folder / "tokens")


@contextmanager
def soft_token(folder: Path) -> Iterator[Token]:
    """A new token; SoftHSM of this process and its children looks into it until the end. Skips without SoftHSM."""
    module = next((place for place in _PLACES if Path(place).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM 2 is not installed (softhsm2)")
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    (folder / "pin").write_text(PIN + "\n")
    before = os.environ.get(CONFIGURATION)
    os.environ[CONFIGURATION] = str(folder / "softhsm2.conf")
    try:
        words = ["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", SO_PIN]
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
        yield Token(folder, module)
    finally:
        if before is None:
            del os.environ[CONFIGURATION]
        else:
            os.environ[CONFIGURATION] = before
