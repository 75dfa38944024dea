"""`antin trust …`: the anchors that verification trusts, by domain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import orjson

from base.clock import as_utc
from keys import staff_cli, trust_list_cli
from keys.api import Keys
from keys.errors import KeyRefused
from keys.flows import trust_anchors
from keys.trust.anchor import CHOSEN, Domain

DOMAINS = [str(domain) for domain in CHOSEN]
Open = Callable[[], Keys]
_APPROVAL = click.option("--approval", default="", help="Identifier of the approval, where there are operators.")
_PROPOSE = click.option("--propose", "proposed", is_flag=True, help="Only propose it, for another to approve.")
_ACTING = click.option("--as", "acting", default="", help="Name of the operator who proposes.")
_SECRET = click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `trust` commands."""

    @group.group("trust")
    def trust() -> None:
        """Whom verification trusts."""

    @trust.group("list", invoke_without_command=True)
    @click.option("--domain", type=click.Choice([str(domain) for domain in Domain]), help="Only this domain.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    @click.pass_context
    def list_anchors(context: click.Context, domain: str | None, as_json: bool) -> None:
        """List the anchors; those of `own` are our roots. Its commands are about lists that others publish."""
        if context.invoked_subcommand is not None:
            return
        found = [one for one in open_keys().anchors() if domain in (None, one.domain)]
        if as_json:
            rows = [
                {"domain": one.domain, "sha256": one.sha256, "subject": one.subject, "not_after": one.not_after}
                for one in found
            ]
            click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
            return
        for one in found:
            click.echo(f"{one.domain:10}  {as_utc(one.not_after):%Y-%m-%d}  {one.sha256}  {one.subject}")

    trust_list_cli.register(list_anchors, open_keys)
    _add_changes(trust, open_keys)


def _add_changes(trust: click.Group, open_keys: Open) -> None:
    @trust.command("add")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--domain", type=click.Choice(DOMAINS), required=True)
    @_APPROVAL
    @_PROPOSE
    @_ACTING
    @_SECRET
    def add(file: Path, domain: str, approval: str, proposed: bool, acting: str, secret_stdin: bool) -> None:
        """Trust the authority whose certificate is in FILE (PEM)."""
        keys, chosen = open_keys(), Domain(domain)
        for der in _certificates(keys, file):
            if proposed:
                staff_cli.propose(keys.custody, trust_anchors.adding(der, chosen), acting, secret_stdin)
                continue
            facts = trust_anchors.add_anchor(keys.custody, der, chosen, approval_id=approval)
            click.echo(f"{facts.sha256}  {facts.subject}")

    @trust.command("remove")
    @click.argument("sha256")
    @_APPROVAL
    @_PROPOSE
    @_ACTING
    @_SECRET
    def remove(sha256: str, approval: str, proposed: bool, acting: str, secret_stdin: bool) -> None:
        """Trust it no longer; SHA256 as `trust list` shows it."""
        custody = open_keys().custody
        if proposed:
            staff_cli.propose(custody, trust_anchors.removing(sha256), acting, secret_stdin)
            return
        trust_anchors.remove_anchor(custody, sha256, approval_id=approval)
        click.echo(f"{sha256} removed")


def _certificates(keys: Keys, file: Path) -> tuple[bytes, ...]:
    try:
        return keys.authorities_in(file.read_bytes())
    except ValueError as error:
        raise KeyRefused("anchor_refused", en="The file holds no certificate in PEM.", status=422) from error
