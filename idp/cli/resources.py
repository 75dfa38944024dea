"""`antin resource add FILE|-` and `antin resource list`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

import click

from idp.cli.described import described
from idp.flows.register_resource import register_resource
from idp.protocol.resources import Resource
from idp.services import IdpServices
from idp.store.resources import load_resources


def register_resources(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add the commands."""

    @group.group()
    def resource() -> None:
        """Resource servers: the services that access tokens are for."""

    @resource.command()
    @click.argument("file", type=click.File("r", encoding="utf-8"))
    def add(file: TextIO) -> None:
        """Register the resource server described by FILE, JSON with resource, name and scopes; - reads standard input.

        From then on tokens for it carry only its own scopes, and people are shown their names.
        """
        click.echo(json.dumps(_row(register_resource(open_services(), described(file))), ensure_ascii=False, indent=2))

    @resource.command(name="list")
    def list_() -> None:
        """Print every resource server as one line of JSON."""
        services = open_services()
        with services.base.db.read() as connection:
            for found in load_resources(connection).values():
                click.echo(json.dumps(_row(found), ensure_ascii=False))


def _row(resource: Resource) -> dict[str, Any]:
    scopes = {word: {"vi": said.vi, "en": said.en} for word, said in resource.scopes.items()}
    title = resource.title
    return {"resource": resource.identifier, "name": title.vi, "name#en": title.en, "scopes": scopes}
