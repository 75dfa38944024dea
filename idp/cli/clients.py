"""`antin client add FILE|-`, `antin client disable CLIENT_ID`, `antin client list` and `antin client logouts`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

import click

from base.texts import Text
from idp.cli.described import described
from idp.flows.disable_client import disable_client
from idp.flows.invite_client import invite_client
from idp.flows.register_client import register as register_client
from idp.protocol import endpoints
from idp.protocol.registration_policies import DEFAULT_POLICY, POLICIES
from idp.services import IdpServices
from idp.store.clients import list_clients
from idp.store.notices import list_notices


def register(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add the commands."""

    @group.group()
    def client() -> None:
        """Relying parties: the services that people sign in to."""

    @client.command()
    @click.argument("file", type=click.File("r", encoding="utf-8"))
    @click.option("--organisation", "organisation_code", help="Code of the agency that runs it.")
    @click.option("--purpose", "purpose_vi", default="", help="Why it asks for personal data, in Vietnamese.")
    @click.option("--purpose-en", default="", help="The same in English.")
    def add(file: TextIO, organisation_code: str | None, purpose_vi: str, purpose_en: str) -> None:
        """Register the client described by FILE, RFC 7591 metadata in JSON; - reads standard input.

        Prints JSON with client_id and client_secret. The secret is shown this one time.
        """
        purpose = Text(purpose_vi, purpose_en or purpose_vi)
        added = register_client(open_services(), described(file), organisation_code=organisation_code, purpose=purpose)
        click.echo(json.dumps(added, ensure_ascii=False, indent=2))

    @client.command()
    @click.argument("client_id")
    def disable(client_id: str) -> None:
        """Disable a client: it gets no more tokens, and those it holds count no more within a second."""
        if not disable_client(open_services(), client_id):
            raise click.ClickException("there is no such client, or it is disabled already")
        click.echo("disabled")

    @client.command()
    @click.option("--uses", default=1, type=click.IntRange(1, 1000), show_default=True, help="How many clients.")
    @click.option(
        "--expires", "seconds", default=86_400, type=click.IntRange(60), show_default=True, help="Seconds it counts."
    )
    @click.option("--policy", default=DEFAULT_POLICY, show_default=True, help=f"One of {', '.join(POLICIES)}.")
    @click.option("--organisation", "organisation_code", help="Code of the agency whose clients they will be.")
    def invite(uses: int, seconds: int, policy: str, organisation_code: str | None) -> None:
        """Make an initial access token, with which somebody registers clients by HTTP.

        Prints JSON with the token, shown this one time, and the address to use it at.
        """
        services = open_services()
        token = invite_client(
            services, uses=uses, lifetime_seconds=seconds, policy=policy, organisation_code=organisation_code
        )
        address = services.issuer + endpoints.REGISTER
        click.echo(json.dumps({"initial_access_token": token, "registration_endpoint": address}, indent=2))

    @client.command(name="list")
    def list_() -> None:
        """Print every client as one line of JSON."""
        services = open_services()
        with services.base.db.read() as connection:
            for found in list_clients(connection):
                row = {
                    "client_id": found.client_id,
                    "client_name": found.name,
                    "redirect_uris": found.redirect_uris,
                    "grant_types": sorted(found.grant_types),
                    "scope": " ".join(sorted(found.scope)),
                    "disabled": found.disabled,
                }
                click.echo(json.dumps(row, ensure_ascii=False))

    @client.command()
    @click.option("--client", "client_id", help="Of this client alone.")
    @click.option("--state", type=click.Choice(["due", "delivered", "failed"]), help="In this state alone.")
    @click.option("--most", default=100, show_default=True, type=click.IntRange(1), help="How many, newest first.")
    def logouts(client_id: str | None, state: str | None, most: int) -> None:
        """Print the back-channel logout notices of the last week, each as one line of JSON.

        A notice is due (it will be tried, again at next_at), delivered, or failed (given up after many attempts).
        """
        services = open_services()
        with services.base.db.read() as connection:
            for notice in list_notices(connection, client_id=client_id, state=state, most=most):
                click.echo(json.dumps(notice.as_json()))
