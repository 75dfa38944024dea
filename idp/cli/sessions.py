"""`antin session list` and `antin session end`: what an administrator can see and end of people's sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import click
import orjson

from idp.cli.people import person_named
from idp.flows.end_session import end_all, end_session
from idp.services import IdpServices
from idp.store import endings


def register_sessions(group: click.Group, open_services: Callable[[], IdpServices]) -> None:
    """Add `session` and its commands to `antin`."""

    @group.group()
    def session() -> None:
        """Sign-ins of people."""

    @session.command(name="list")
    @click.option("--user", "username", required=True, help="Sign-in name.")
    def list_(username: str) -> None:
        """Print the sessions of a person, newest first, each as one line of JSON."""
        services = open_services()
        user_id = person_named(services, username)
        with services.base.db.read() as connection:
            for row in endings.sessions_of(connection, user_id):
                click.echo(orjson.dumps(asdict(row)).decode())

    @session.command()
    @click.argument("session_id", required=False)
    @click.option("--user", "username", help="Sign-in name; ends every session of this person.")
    def end(session_id: str | None, username: str | None) -> None:
        """
        End one session by its id, or all of a person. Their services are told by the worker.

        Prints how many ended; exit status 1 when there was none.
        """
        if (session_id is None) == (username is None):
            raise click.UsageError("give a session id or --user, one of the two")
        services = open_services()
        if session_id is not None:
            ended = int(end_session(services, session_id, "administrator"))
        else:
            ended = end_all(services, person_named(services, username or ""), "administrator")
        click.echo(orjson.dumps({"ended": ended}).decode())
        if not ended:
            raise SystemExit(1)
