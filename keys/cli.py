"""`antin key …`: list, rotate, revoke."""

from __future__ import annotations

from collections.abc import Callable

import click
import orjson

from base.clock import shown
from keys import staff_cli
from keys.api import Keys
from keys.handles import KeyFacts, KeyHandle, RevocationReason
from keys.lifecycle.states import ENCRYPTION_ALGORITHMS, TOKEN_ALGORITHMS

ALGORITHMS = [str(algorithm) for algorithm in (*TOKEN_ALGORITHMS, *ENCRYPTION_ALGORITHMS)]
Open = Callable[[], Keys]


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `key`, `operator` and `approval` commands."""
    staff_cli.register(group, open_keys)

    @group.group("key")
    def key() -> None:
        """Keys and certificates."""

    @key.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def list_keys(as_json: bool) -> None:
        """List the keys of this service; those of persons are not shown."""
        facts = open_keys().list_keys()
        if as_json:
            click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
            return
        for one in facts:
            click.echo(line_of(one))

    @key.command("rotate")
    @click.option("--purpose", type=click.Choice(["token", "encryption", "tsu"]), default="token", show_default=True)
    @click.option("--alg", type=click.Choice(ALGORITHMS), default="ES256", show_default=True)
    @click.option("--force", is_flag=True, help="Even if the next key was published only just now.")
    def rotate(purpose: str, alg: str, force: bool) -> None:
        """Let the next key take over; prints the handle of the key that is now active."""
        click.echo(open_keys().rotate(purpose, alg, force=force))

    @key.command("revoke")
    @click.argument("handle")
    @click.option("--reason", type=click.Choice([one.value for one in RevocationReason]), required=True)
    def revoke(handle: str, reason: str) -> None:
        """Revoke the certificate of a key and destroy the key."""
        open_keys().revoke(KeyHandle(handle), RevocationReason(reason))
        click.echo(f"{handle} revoked")


def line_of(facts: KeyFacts) -> str:
    """One line of the table."""
    since = shown(facts.activated_at or facts.created_at)
    return f"{facts.handle}  {facts.purpose:10} {facts.algorithm:14} {facts.state:8} {facts.backend:9} {since}"
