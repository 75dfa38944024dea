"""
A process that does one thing to the keys and dies by SIGKILL at its n-th writing statement (or when it commits).

    python -m tests.dying <database url> <data folder> <action> <n>

Prints "done" when it gets through. Statements before the action began do not count.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

import wsgi
from base.services import open_base
from base.settings import BaseSettings, Settings
from keys.api import Keys
from keys.flows import reseal
from keys.handles import KeyHandle, RevocationReason
from keys.sealing import open_master_key
from keys.services import open_keys
from keys.settings import KeysSettings


def open_here(url: str, folder: Path, **settings: Any) -> Keys:
    """Keys as a server process has them."""
    groups = (BaseSettings(database_url=url, data_dir=folder), KeysSettings(rsa_key_bits=2048, **settings))
    base = open_base(Settings({type(group): group for group in groups}))
    try:
        return open_keys(base)
    except BaseException:
        base.db.close()  # a process that does not start leaves no connection behind
        raise


def _reseal(keys: Keys, folder: Path) -> None:
    reseal.SETTLE_SECONDS = 0.0  # nobody else runs
    reseal.BATCH = 3
    reseal.reseal(keys.custody, open_master_key(folder / "new.key", may_create=True), wsgi.sealed_columns())


def _rotate(keys: Keys, _folder: Path) -> None:
    keys.rotate("token", "ES256", force=True)


def _revoke(keys: Keys, _folder: Path) -> None:
    keys.revoke(KeyHandle(keys.custody.ring.current().signer("ES256").kid), RevocationReason.KEY_COMPROMISE)


ACTIONS: dict[str, Callable[[Keys, Path], None]] = {"reseal": _reseal, "rotate": _rotate, "revoke": _revoke}


def die_at(keys: Keys, number: int) -> None:
    """Let this process end without a word at that writing statement, counting commits as statements too."""
    left = [number]

    def step(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(_connection: object, _cursor: object, text: str, *_: object) -> None:
        if text.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            step()

    event.listen(keys.custody.base.db.engine, "before_cursor_execute", statement)
    event.listen(keys.custody.base.db.engine, "commit", step)


def main(url: str, folder: str, action: str, number: str) -> None:
    keys = open_here(url, Path(folder))
    die_at(keys, int(number))
    ACTIONS[action](keys, Path(folder))
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
