"""`antin issuer add FILE|-` and `antin issuer list`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

import click

from idp.cli.described import described
from idp.flows.assertions import trust
from idp.protocol.trusted_issuers import TrustedIssuer
from idp.services import IdpServices
from idp.store.trusted_issuers import load_trusted_issuers


def register_issuers(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add the commands."""

    @group.group()
    def issuer() -> None:
        """Trusted issuers: others whose assertions bring a token (RFC 7523)."""

    @issuer.command()
    @click.argument("file", type=click.File("r", encoding="utf-8"))
    def add(file: TextIO) -> None:
        """Trust the issuer described by FILE: JSON with issuer, jwks or jwks_uri, clients, scope, subject; - reads
        standard input."""
        click.echo(json.dumps(_row(trust(open_services(), described(file))), ensure_ascii=False, indent=2))

    @issuer.command(name="list")
    def list_() -> None:
        """Print every trusted issuer as one line of JSON."""
        services = open_services()
        with services.base.db.read() as connection:
            for found in load_trusted_issuers(connection).values():
                click.echo(json.dumps(_row(found), ensure_ascii=False))


def _row(issuer: TrustedIssuer) -> dict[str, Any]:
    return {
        "issuer": issuer.issuer,
        "clients": sorted(issuer.clients),
        "scope": " ".join(sorted(issuer.scope)),
        "acts_for": "itself" if issuer.claim is None else "people",
    }
