"""Finding a person by the sign-in name that an administrator typed."""

from __future__ import annotations

import click

from idp.accounts.usernames import BadUsername, canonical_username
from idp.services import IdpServices
from idp.store import users


def person_named(services: IdpServices, typed: str) -> str:
    """The internal identifier. Raises: ClickException: nobody has that name."""
    try:
        name = canonical_username(typed)
    except BadUsername:
        raise click.ClickException("nobody has that sign-in name") from None
    with services.base.db.read() as connection:
        facts = users.by_username(connection, name, "")
    if facts is None:
        raise click.ClickException("nobody has that sign-in name")
    return facts.user_id
