"""`antin preserve`: keep a whole folder of signed files verifiable."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from base.audit import append
from signing.cli.cades_options import EXISTING
from signing.cli.extend import read_list
from signing.events import ArchivedFileRenewed
from signing.flows.extend import ExtensionOrder
from signing.flows.own_trust import own_trust
from signing.flows.preserve import Campaign, Outcome, Result, preserve
from signing.formats.base import Level
from signing.services import SigningServices
from signing.store.archive_folder import opened_folder

DAY_SECONDS = 86_400
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SOME_FAILED = 1


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the command."""

    @click.command("preserve")
    @click.argument("folder", type=FOLDER)
    @click.option("--within", "days", type=click.IntRange(0, 3650), default=90, show_default=True,
                  help="Renew what would stop to count within that many days.")  # fmt: skip
    @click.option("--dry-run", "dry", is_flag=True, help="Say what is due, and change nothing.")
    @click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Add a JSON line for each file.")
    @click.option("--crl", type=EXISTING, multiple=True, help="A revocation list to use (PEM or DER); repeatable.")
    @click.option("--offline", is_flag=True, help="Fetch no revocation lists from the network.")
    def preserve_command(
        folder: Path, days: int, dry: bool, report: Path | None, crl: tuple[Path, ...], offline: bool
    ) -> None:
        """
        Extend or renew (B-LTA) every signed file in FOLDER whose time has come. Exit code 0: all well, 1: some failed.

        A detached signature `name.p7s` finds its content beside it, as `name`. Each file is replaced whole or not at
        all. If the command is interrupted, run it again: what is done is not done twice.
        """
        services = open_services()
        order = ExtensionOrder(
            document=b"",
            level=Level.B_LTA,
            moment=services.base.clock.now(),
            own=own_trust(services.keys),
            timestamper=services.keys.timestamp,
            lists=tuple(read_list(path) for path in crl),
            http=None if offline else services.base.http,
            policy=services.policy,
        )
        campaign = Campaign(order, order.moment + days * DAY_SECONDS, _recorder(services), dry)
        with opened_folder(folder) as archive:
            count = len(archive.names())
            told = Counter(
                _tell(result, number, count, report) for number, result in enumerate(preserve(archive, campaign), 1)
            )
        click.echo(", ".join(f"{outcome}: {told[outcome]}" for outcome in Outcome))
        raise SystemExit(SOME_FAILED if told[Outcome.FAILED] else 0)

    group.add_command(preserve_command)


def _recorder(services: SigningServices) -> Callable[[Result], None]:
    def record(result: Result) -> None:
        with services.base.db.begin() as connection:
            append(connection, services.base.clock, ArchivedFileRenewed(result.before, result.after, result.why))

    return record


def _tell(result: Result, number: int, count: int, report: Path | None) -> Outcome:
    """Progress for whoever watches, a line for whoever reads later; on the disk before the next file is begun."""
    click.echo(f"[{number}/{count}] {result.outcome:8}{result.name}{' ' if result.why else ''}{result.why}", err=True)
    if report is not None:
        with report.open("a", encoding="utf-8") as out:
            _write(out, result)
    return result.outcome


def _write(out: IO[str], result: Result) -> None:
    out.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    out.flush()
    os.fsync(out.fileno())
