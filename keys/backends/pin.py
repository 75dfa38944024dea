"""
Where the PIN of a device comes from, and that a refused one is not tried again.

Tokens lock after a few wrong PINs. Several processes each trying once, or a service manager starting them again and
again, would use the tries up: so a refusal is written down for all of them, and holds until the source changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import StartError
from keys.errors import KeysUnavailable
from keys.sealing import MasterKey

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd shows a service its credentials (systemd.exec, LoadCredential=)."""


@dataclass(frozen=True, slots=True)
class PinSource:
    """
    file: read each time; a name without a slash is a systemd credential. value: the PIN itself, without a file.

    Neither is ever part of an argument or of the environment of another process.
    """

    file: str = ""
    value: str = field(default="", repr=False)

    def read(self) -> tuple[str, str]:
        """
        The PIN, and a word that changes whenever the source does. Raises: KeysUnavailable: it cannot be read.

        Touching the file is a change too: the PIN may have been set anew on the device instead.
        """
        if not self.file:
            return self.value, "value"
        try:
            pin = self.path.read_text("utf-8").rstrip("\r\n")
            return pin, str(self.path.stat().st_mtime_ns)
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnavailable("The PIN of the signing device cannot be read.", debug=str(error)) from error

    @property
    def path(self) -> Path:
        """Raises: StartError: a credential is named, and systemd gives none."""
        if "/" in self.file:
            return Path(self.file)
        folder = os.environ.get(CREDENTIALS)
        if not folder:
            raise StartError(
                f"The PIN file {self.file!r} names a systemd credential, but the service has none "
                f"(LoadCredential={self.file}:…). Give a path to name an ordinary file."
            )
        return Path(folder) / self.file


class TokenLock:
    """
    One process at a time logs in to a token or generates in it; and the memory of a PIN that was refused.

    folder: of this installation, shared by its processes. The kernel lets go of the lock when a process dies.
    """

    def __init__(self, folder: Path, token: str, master: MasterKey) -> None:
        name = hashlib.sha256(token.encode()).hexdigest()[:16]
        self._lock = folder / f"pkcs11-{name}.lock"
        self._refused = folder / f"pkcs11-{name}.refused"
        self._token = token
        self._master = master
        self._mine = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the others, then be alone. Who holds it may ask again."""
        if getattr(self._mine, "held", False):
            yield
            return
        self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._mine.held = True
            try:
                yield
            finally:
                self._mine.held = False

    def check_not_refused(self, pin: str, change: str) -> None:
        """Raises: KeysUnavailable: the device has refused this very PIN before."""
        if self._refused.exists() and self._refused.read_text("ascii") == self._mark(pin, change):
            raise pin_refused()

    def remember_refusal(self, pin: str, change: str) -> None:
        """Keep a MAC of the PIN, from which nobody without the master key learns anything."""
        self._refused.write_text(self._mark(pin, change), "ascii")

    def _mark(self, pin: str, change: str) -> str:
        return self._master.mac("keys.pkcs11.pin", self._token, pin, change).hex()


def pin_refused() -> KeysUnavailable:
    """The error for a PIN that must not be tried again."""
    return KeysUnavailable(
        "The signing device has refused its PIN. It is not tried again until the PIN is changed where it comes from.",
        debug="wrong PIN",
    )
