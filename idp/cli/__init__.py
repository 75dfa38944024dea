"""Commands of the identity provider: `antin client …`, `antin resource …`, `antin user …`, `antin session …`."""

from __future__ import annotations

from collections.abc import Callable

import click

from idp.cli import clients, issuers, resources, sessions, users
from idp.services import IdpServices


def register(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add the commands to `antin`; services are opened when one of them runs."""
    clients.register(group, open_services)
    resources.register_resources(group, open_services)
    issuers.register_issuers(group, open_services)
    users.register_users(group, open_services)
    sessions.register_sessions(group, open_services)
