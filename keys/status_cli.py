"""`antin certificate …`: revoke, suspend, resume. NAME is a serial number (hexadecimal) or the handle of a key."""

from __future__ import annotations

from collections.abc import Callable

import click

from keys.api import Keys
from keys.handles import REVOKING, RevocationReason

REASONS = [reason.value for reason in REVOKING]


def register(group: click.Group, open_keys: Callable[[], Keys]) -> None:
    """Add the group `certificate` where there is none yet, and its commands about status."""
    found = group.commands.get("certificate")
    certificate = found if isinstance(found, click.Group) else click.Group("certificate", help="Certificates.")
    group.add_command(certificate)

    @certificate.command("revoke")
    @click.argument("name")
    @click.option("--reason", type=click.Choice(REASONS), required=True)
    def revoke(name: str, reason: str) -> None:
        """End a certificate for good; a key that has no other ends with it."""
        open_keys().revoke(name, RevocationReason(reason))
        click.echo(f"{name} revoked")

    @certificate.command("suspend")
    @click.argument("name")
    def suspend(name: str) -> None:
        """Let a certificate rest: its key signs nothing until it is resumed or revoked."""
        open_keys().suspend(name)
        click.echo(f"{name} suspended")

    @certificate.command("resume")
    @click.argument("name")
    def resume(name: str) -> None:
        """Let a suspended certificate count again."""
        open_keys().resume(name)
        click.echo(f"{name} resumed")
