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

from sqlalchemy import event, select

import wsgi
from base.services import open_base
from base.settings import BaseSettings, Settings
from keys import models
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.ca.ceremony import AuthorityPlan, CeremonyScript
from keys.ca.order import Profile
from keys.flows import reseal
from keys.flows.ceremony import hold_ceremony
from keys.flows.revoke_authority import revoke_authority
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import KeyHandle, LegalSubject, RevocationReason
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


def _rotate_unit(keys: Keys, _folder: Path) -> None:
    keys.rotate("tsu", "ES256")


def _issue(keys: Keys, _folder: Path) -> None:
    subject = LegalSubject("org-1", "Ủy ban nhân dân phường Bến Nghé", "GO:VN-H29")
    issue_inside(keys.custody, Subscription(Profile.LEGAL_PERSON, subject))


def _hold_ceremony(keys: Keys, _folder: Path) -> None:
    plans = (AuthorityPlan(f"{one}-2", f"{one} 2", Algorithm.ES256, 10) for one in ("root", "issuing"))
    hold_ceremony(keys.custody, CeremonyScript(next(plans), tuple(plans), "", "", ()))


def _end_authority(keys: Keys, _folder: Path) -> None:
    revoke_authority(keys.custody, "issuing-2", RevocationReason.CA_COMPROMISE)


ACTIONS: dict[str, Callable[[Keys, Path], None]] = {
    "reseal": _reseal,
    "rotate": _rotate,
    "revoke": _revoke,
    "rotate-unit": _rotate_unit,
    "issue": _issue,
    "ceremony": _hold_ceremony,
    "end-authority": _end_authority,
}


def state_of(keys: Keys) -> list[Any]:
    """Every key, certificate, authority and list there is, as far as an act can change them."""
    wanted = (
        select(models.keys.c.handle, models.keys.c.state).order_by(models.keys.c.handle),
        select(models.certificates.c.serial, models.certificates.c.revoked_at).order_by(models.certificates.c.serial),
        select(models.authorities.c.name).order_by(models.authorities.c.name),
        select(models.crls.c.issuer, models.crls.c.number).order_by(models.crls.c.issuer),
        select(models.ceremonies.c.id).order_by(models.ceremonies.c.id),
    )
    with keys.custody.base.db.read() as connection:
        return [tuple(row) for statement in wanted for row in connection.execute(statement)]


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
