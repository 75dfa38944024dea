"""Initial access tokens: what lets somebody register a client, a counted number of times."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from idp.models import initial_access_tokens as table


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a token allows: the policy by name, and the organisation whose client it will be."""

    policy: str
    organisation_id: str | None


def add_invitation(
    connection: Connection, token_hash: str, invitation: Invitation, *, uses: int, expires_at: int, now: int
) -> None:
    """Keep a new token by its hash."""
    connection.execute(
        insert(table),
        {
            "token_hash": token_hash,
            "policy": invitation.policy,
            "organisation_id": invitation.organisation_id,
            "uses_left": uses,
            "expires_at": expires_at,
            "created_at": now,
        },
    )


def find_invitation(connection: Connection, token_hash: str, now: int) -> Invitation | None:
    """What a token allows now; None: unknown, expired or used up. To be spent when it is acted on."""
    row = connection.execute(
        select(table.c.policy, table.c.organisation_id).where(
            table.c.token_hash == token_hash, table.c.uses_left > 0, table.c.expires_at > now
        )
    ).first()
    return None if row is None else Invitation(row.policy, row.organisation_id)


def spend_invitation(connection: Connection, token_hash: str, now: int) -> bool:
    """Use it once, before anything is made. False: of two at once the other one got the last use."""
    spent = connection.execute(
        update(table)
        .where(table.c.token_hash == token_hash, table.c.uses_left > 0, table.c.expires_at > now)
        .values(uses_left=table.c.uses_left - 1)
        .returning(table.c.token_hash)
    ).first()
    return spent is not None
