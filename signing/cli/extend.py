"""`antin extend`: keep a signature verifiable for longer than its certificates are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from signing.cli.cades_options import EXISTING, brought
from signing.cli.password import password_options, typed
from signing.errors import SigningError
from signing.flows.extend import ExtensionOrder, extend_document
from signing.flows.own_trust import own_trust
from signing.formats.base import Level
from signing.services import SigningServices
from signing.validation.trust_files import revocation_list_der

LEVELS = [str(level) for level in Level if level is not Level.B_B]


def register(group: click.Group, open_services: Callable[[], SigningServices]) -> None:
    """Add the command."""

    @click.command("extend")
    @click.argument("file", type=EXISTING)
    @click.option("--level", type=click.Choice(LEVELS), default="B-LTA", show_default=True, help="What to reach.")
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
    @click.option(
        "--detached", type=EXISTING, multiple=True, help="The signed data, when FILE holds the signature alone."
    )
    @click.option("--crl", type=EXISTING, multiple=True, help="A revocation list to use (PEM or DER); repeatable.")
    @password_options
    @click.option("--offline", is_flag=True, help="Fetch no revocation lists from the network.")
    def extend(
        file: Path,
        level: str,
        out: Path,
        detached: tuple[Path, ...],
        crl: tuple[Path, ...],
        password: str,
        ask_password: bool,
        offline: bool,
    ) -> None:
        """
        Extend the signed FILE (PDF, CAdES, XAdES, JAdES, ASiC), or renew its archive time stamp.

        B-T adds a time stamp, B-LT certificates and revocation lists, B-LTA an archive time stamp over all of it. Run
        again before the certificate of the last time-stamping unit ends, it stays verifiable.
        """
        if out.exists():
            raise SigningError("out_exists", vi=f"{out} đã có sẵn.", en=f"{out} exists; choose another name.")
        services = open_services()
        order = ExtensionOrder(
            document=file.read_bytes(),
            level=Level(level),
            moment=services.base.clock.now(),
            own=own_trust(services.keys),
            timestamper=services.keys.timestamp,
            beside=replace(brought(detached), password=typed(password, ask_password)),
            lists=tuple(read_list(path) for path in crl),
            http=None if offline else services.base.http,
            policy=services.policy,
        )
        extended = extend_document(order)
        out.write_bytes(extended.content)
        click.echo(f"{out}  {extended.level}  sha256:{hashlib.sha256(extended.content).hexdigest()}")

    group.add_command(extend)


def read_list(path: Path) -> bytes:
    """The DER of a revocation list. Raises: click.BadParameter."""
    try:
        return revocation_list_der(path.read_bytes())
    except ValueError as error:
        raise click.BadParameter(f"{path} cannot be read: {error}") from error
