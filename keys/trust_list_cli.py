"""`antin trust list …`: following the trust lists (ETSI TS 119 612) of scheme operators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import orjson

from base.clock import shown
from keys import staff_cli
from keys.api import Keys
from keys.errors import KeyRefused
from keys.peers import authorities_in, pem_of
from keys.store.trust_lists import StoredList
from keys.trust.anchor import CHOSEN, Domain

Open = Callable[[], Keys]
A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DOMAINS = [str(domain) for domain in CHOSEN]


def register(group: click.Group, open_keys: Open) -> None:
    """Add the commands below `trust list`. Each loads what reads XML only when it runs."""
    _add_import(group, open_keys)
    _add_update(group, open_keys)
    _add_show(group, open_keys)
    _add_own(group, open_keys)


def _add_import(group: click.Group, open_keys: Open) -> None:
    @group.command("import")
    @click.argument("name")
    @click.argument("file", type=A_FILE, required=False)
    @click.option("--domain", "kind", type=click.Choice(DOMAINS), required=True)
    @click.option("--signer", "signers", type=A_FILE, multiple=True, required=True, help="Of the operator; PEM.")
    @click.option("--url", default="", help="Where it is published; updates are fetched there.")
    @click.option("--approval", default="", help="Identifier of the approval, where there are operators.")
    @click.option("--propose", "proposed", is_flag=True, help="Only propose it, for another to approve.")
    @click.option("--as", "acting", default="", help="Name of the operator who proposes.")
    @click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")
    def import_one(name: str, file: Path | None, **options: Any) -> None:
        """Follow the list NAME, beginning with FILE or what is at its address."""
        from keys.flows import trust_lists

        keys = open_keys()
        source = trust_lists.ListSource(name, Domain(options["kind"]), options["url"], _signers(options["signers"]))
        if options["proposed"]:
            staff_cli.propose(keys.custody, trust_lists.adding(source), options["acting"], options["secret_stdin"])
            return
        raw = file.read_bytes() if file else b""
        _print(trust_lists.add_list(keys.custody, source, raw, approval_id=options["approval"]), keys.now())


def _add_update(group: click.Group, open_keys: Open) -> None:
    @group.command("update")
    @click.argument("name")
    @click.argument("file", type=A_FILE, required=False)
    def update_one(name: str, file: Path | None) -> None:
        """Take the next list of NAME: FILE, or what is at its address."""
        from keys.flows import trust_lists

        keys = open_keys()
        if not trust_lists.update_list(keys.custody, name, file.read_bytes() if file else b""):
            click.echo("It is the list that is held.")
        for held in trust_lists.held_lists(keys.custody):
            if held.name == name:
                _print(held, keys.now())

    @group.command("remove")
    @click.argument("name")
    @click.option("--approval", default="", help="Identifier of the approval, where there are operators.")
    @click.option("--propose", "proposed", is_flag=True, help="Only propose it, for another to approve.")
    @click.option("--as", "acting", default="", help="Name of the operator who proposes.")
    @click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")
    def remove_one(name: str, approval: str, proposed: bool, acting: str, secret_stdin: bool) -> None:
        """Follow it no longer; what only it vouches for is trusted no more."""
        from keys.flows import trust_lists

        custody = open_keys().custody
        if proposed:
            staff_cli.propose(custody, trust_lists.removing(name), acting, secret_stdin)
            return
        trust_lists.remove_list(custody, name, approval_id=approval)
        click.echo(f"{name} removed")


def _add_show(group: click.Group, open_keys: Open) -> None:
    @group.command("show")
    @click.argument("name", required=False)
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def show(name: str | None, as_json: bool) -> None:
        """Show the lists that are followed, and the services of NAME with their history."""
        from keys.flows import trust_lists

        keys = open_keys()
        held = [one for one in trust_lists.held_lists(keys.custody) if name in (None, one.name)]
        if as_json:
            rows = [_facts(one, keys.now(), with_services=name is not None) for one in held]
            click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
            return
        for one in held:
            _print(one, keys.now())
            for service in _services(one) if name else ():
                spells = ", ".join(f"{spell['status']} {shown(spell['since'])}" for spell in service["spells"])
                click.echo(f"  {service['kind']}  {service['name_vi']}: {spells}")


def _add_own(group: click.Group, open_keys: Open) -> None:
    @group.command("signer")
    def signer() -> None:
        """Print the certificate (PEM) that signs our own list at /pki/tsl.xml, for those who follow us to pin."""
        from keys.flows.publish_list import list_signer

        click.echo(pem_of(list_signer(open_keys().custody)), nl=False)

    @group.command("publish")
    def publish() -> None:
        """Make our next list now if anything in it has changed or it is due; prints the one that stands."""
        from keys.flows.publish_list import publish_due, published_list

        custody = open_keys().custody
        publish_due(custody)
        click.echo(published_list(custody).content.decode())


def _print(held: StoredList, now: int) -> None:
    late = "  LATE" if held.next_update <= now else ""
    click.echo(
        f"{held.name}  {held.domain}  #{held.sequence}  {shown(held.issued_at)} – {shown(held.next_update)}{late}"
    )


def _facts(held: StoredList, now: int, *, with_services: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": held.name,
        "domain": held.domain,
        "url": held.url,
        "sequence": held.sequence,
        "issued_at": held.issued_at,
        "next_update": held.next_update,
        "is_late": held.next_update <= now,
        "signed_at": held.signed_at,
        "signer_sha256": held.signer_sha256,
        "content_sha256": held.content_sha256,
        "taken_at": held.taken_at,
    }
    return facts | ({"services": _services(held)} if with_services else {})


def _services(held: StoredList) -> list[dict[str, Any]]:
    from keys.trust.lists.reading import read_content

    return [
        {
            "kind": service.kind.rpartition("/Svctype/")[2],
            "name_vi": service.name.vi,
            "name_en": service.name.en,
            "spells": [{"status": spell.status.rpartition("/")[2], "since": spell.since} for spell in service.spells],
        }
        for provider in read_content(held.content).providers
        for service in provider.services
    ]


def _signers(files: tuple[Path, ...]) -> tuple[bytes, ...]:
    try:
        return tuple(der for file in files for der in authorities_in(file.read_bytes()))
    except ValueError as error:
        raise KeyRefused("trust_list_refused", en="A signer's file holds no certificate in PEM.", status=422) from error
