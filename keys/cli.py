"""`antin key …`: the life of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import orjson

from base.clock import shown
from keys import ca_cli, certificate_cli, seal_cli, staff_cli, status_cli, trust_cli
from keys.api import Keys
from keys.flows import end_key, hand_over, show_key
from keys.flows.reseal import end_reseal, reseal, resealing
from keys.handles import REVOKING, KeyFacts, KeyHandle, RevocationReason, SealedColumn
from keys.lifecycle.states import ENCRYPTION_ALGORITHMS, ON_DEMAND_ALGORITHMS, TOKEN_ALGORITHMS
from keys.sealing import open_master_key

ALGORITHMS = [str(one) for one in (*TOKEN_ALGORITHMS, *ON_DEMAND_ALGORITHMS, *ENCRYPTION_ALGORITHMS)]
Open = Callable[[], Keys]


def register(group: click.Group, open_keys: Open, sealed: Callable[[], Sequence[SealedColumn]]) -> None:
    """Add the `key`, `operator` and `approval` commands."""
    staff_cli.register(group, open_keys)
    ca_cli.register(group, open_keys)
    certificate_cli.register(group, open_keys)
    seal_cli.register(group, open_keys)

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
    @click.option("--ca", "issuer", default="", help="Authority that certifies the time-stamping unit.")
    @click.option("--backend", default="", help="Where its key is made: software, pkcs11, kms.")
    def rotate(purpose: str, alg: str, force: bool, issuer: str, backend: str) -> None:
        """Let the next key take over; prints the handle of the key that is now active."""
        click.echo(open_keys().rotate(purpose, alg, force=force, issuer=issuer, backend=backend))

    status_cli.register(group, open_keys)
    trust_cli.register(group, open_keys)
    _add_ends(key, open_keys)
    _add_views(key, open_keys)
    _add_reseal(key, open_keys, sealed)
    _add_custody(key, open_keys)


def _add_ends(key: click.Group, open_keys: Open) -> None:
    @key.command("revoke")
    @click.argument("handle")
    @click.option("--reason", type=click.Choice([one.value for one in REVOKING]), required=True)
    def revoke(handle: str, reason: str) -> None:
        """
        Revoke a key at once, with its certificate if it has one.

        What a token key signed is refused from now on, everywhere within a second, and the next key takes over.
        """
        open_keys().revoke(handle, RevocationReason(reason))
        click.echo(f"{handle} revoked")

    @key.command("destroy")
    @click.argument("handle")
    @click.option("--force", is_flag=True, help="Even if what it signed may still be in use.")
    def destroy(handle: str, force: bool) -> None:
        """Erase a key that was retired or revoked; its row stays for the audit trail."""
        end_key.destroy(open_keys().custody, KeyHandle(handle), force=force)
        click.echo(f"{handle} destroyed")

    @key.command("limit")
    @click.argument("handle")
    @click.option("--most", type=click.IntRange(0), help="How many signatures it may make in all.")
    @click.option("--until", type=click.IntRange(0), help="When it stops signing, in epoch seconds.")
    @click.option("--approval", default="", help="Identifier of the approval; needed for authorities.")
    @click.option("--propose", "proposed", is_flag=True, help="Only propose it, with --as, for another to approve.")
    @click.option("--as", "acting", default="", help="Name of the operator who proposes.")
    @click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")
    def limit(
        handle: str, most: int | None, until: int | None, approval: str, proposed: bool, acting: str, secret_stdin: bool
    ) -> None:
        """Limit how often and how long a key of a person or an authority signs; without options: no limit."""
        custody = open_keys().custody
        if proposed:
            wanted = end_key.limiting(KeyHandle(handle), most, until)
            staff_cli.propose(custody, wanted, acting, secret_stdin)
            return
        end_key.limit(custody, KeyHandle(handle), most=most, until=until, approval_id=approval)
        click.echo(f"{handle} limited")


def _add_views(key: click.Group, open_keys: Open) -> None:
    @key.command("show")
    @click.argument("handle")
    def show(handle: str) -> None:
        """Show one key as JSON: state, limits, public key."""
        click.echo(orjson.dumps(show_key.show(open_keys().custody, KeyHandle(handle)), option=orjson.OPT_INDENT_2))

    @key.command("inventory")
    def inventory() -> None:
        """Print the cryptography in use as JSON."""
        click.echo(orjson.dumps(show_key.inventory(open_keys().custody), option=orjson.OPT_INDENT_2))


def _add_custody(key: click.Group, open_keys: Open) -> None:
    @key.command("custody")
    @click.argument("handle")
    @click.option("--to", "holder", default="", help="Hand the key over: who answers for it from now on.")
    @click.option("--place", default="", help="Where it is kept from now on.")
    @click.option("--minutes", default="", help="Number of the record of the hand-over.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def custody_of(handle: str, holder: str, place: str, minutes: str, as_json: bool) -> None:
        """Show who held the key of a person or an agency, where, and each use; with --to, hand it over."""
        custody = open_keys().custody
        if holder or place or minutes:
            hand_over.hand_over(custody, KeyHandle(handle), to=holder, place=place, minutes=minutes)
        found = hand_over.log_of(custody, KeyHandle(handle))
        if as_json:
            click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
            return
        for one in found:
            words = (one.digest,) if one.digest else (one.holder, one.place, one.minutes)
            click.echo(f"{one.number:5}  {shown(one.at)}  {one.kind:11}  {'  '.join(word for word in words if word)}")


def _add_reseal(key: click.Group, open_keys: Open, sealed: Callable[[], Sequence[SealedColumn]]) -> None:
    @key.command("reseal")
    @click.option("--new-master-key-file", "new_file", type=click.Path(path_type=Path), help="Made if it is absent.")
    @click.option("--end", is_flag=True, help="Let the old key go; every process has the new one.")
    @ca_cli.two_persons
    def reseal_all(
        new_file: Path | None, end: bool, approval: str, proposed: bool, acting: str, secret_stdin: bool
    ) -> None:
        """
        Seal everything under a new master key while the service runs.

        First with the new file; then configure that file, restart every process, and call it with --end. Interrupted,
        the same command goes on.
        """
        if end == (new_file is not None):
            raise click.UsageError("Give either --new-master-key-file or --end.")
        if new_file is None:
            end_reseal(open_keys().custody, sealed())
            click.echo("the old master key opens nothing any more")
            return
        custody, new = open_keys().custody, open_master_key(new_file, may_create=True)
        if proposed:
            staff_cli.propose(custody, resealing(new), acting, secret_stdin)
            return
        count = reseal(custody, new, sealed(), approval)
        click.echo(f"{count} values sealed anew; now configure {new_file}, restart, then: antin key reseal --end")


def line_of(facts: KeyFacts) -> str:
    """One line of the table."""
    since = shown(facts.activated_at or facts.created_at)
    return f"{facts.handle}  {facts.purpose:10} {facts.algorithm:14} {facts.state:8} {facts.backend:9} {since}"
