"""What a person has allowed an agency's service to receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select, update

from idp.models import consents

TEXT_VERSION = "1"
"""Version of the wording of the consent page; raised when its meaning changes, and then everybody is asked again."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A standing consent: scopes, names of single claims, when it was given (epoch seconds)."""

    client_id: str
    scope: frozenset[str]
    claims: frozenset[str]
    text_version: str
    granted_at: int

    def covers(self, scope: frozenset[str], claims: frozenset[str]) -> bool:
        """Whether nothing is asked for that was not allowed, under the wording of today."""
        return self.text_version == TEXT_VERSION and scope <= self.scope and claims <= self.claims


_COLUMNS = (consents.c.client_id, consents.c.scope, consents.c.claims, consents.c.text_version, consents.c.granted_at)
ONE_CONSENT = tuple(column.label(f"consent_{column.name}") for column in _COLUMNS)
"""What a query that also reads something else selects of a consent, for consent_in()."""
_LIVE = select(*_COLUMNS).where(consents.c.user_id == bindparam("user_id"), consents.c.revoked_at.is_(None))
_ONE = _LIVE.where(consents.c.client_id == bindparam("client_id"))


def standing(user_id: ColumnElement[str]) -> ColumnElement[bool]:
    """On which row a query joins the consent of that person for the client that it binds as `client_id`."""
    return and_(
        consents.c.user_id == user_id, consents.c.client_id == bindparam("client_id"), consents.c.revoked_at.is_(None)
    )


def granted(connection: Connection, user_id: str, client_id: str) -> Consent | None:
    """The standing consent of a person for a client; None when never given or taken back."""
    row = connection.execute(_ONE, {"user_id": user_id, "client_id": client_id}).first()
    return None if row is None else _consent(*row)


def consent_in(row: Any) -> Consent | None:
    """The consent in a row that holds ONE_CONSENT; None where the outer join found none."""
    if row.consent_client_id is None:
        return None
    return _consent(
        row.consent_client_id,
        row.consent_scope,
        row.consent_claims,
        row.consent_text_version,
        row.consent_granted_at,
    )


def granted_by(connection: Connection, user_id: str) -> list[Consent]:
    """Every standing consent of a person, newest first."""
    rows = connection.execute(_LIVE.order_by(consents.c.granted_at.desc()), {"user_id": user_id})
    return [_consent(*row) for row in rows]


def grant(
    connection: Connection, user_id: str, client_id: str, scope: frozenset[str], claims: frozenset[str], now: int
) -> None:
    """
    Allow scope and claims from now on, besides what was allowed before under the same wording.

    Given twice it has the same effect as once. Raises: IntegrityError: somebody gave it in the same moment for the
    first time; the caller repeats (idp/flows/consent.py).
    """
    before = granted(connection, user_id, client_id)
    if before is not None and before.text_version == TEXT_VERSION:
        scope, claims = scope | before.scope, claims | before.claims
    values = {
        "scope": " ".join(sorted(scope)),
        "claims": orjson.dumps(sorted(claims)).decode(),
        "text_version": TEXT_VERSION,
        "granted_at": now,
        "revoked_at": None,
    }
    moved = connection.execute(
        update(consents)
        .where(consents.c.user_id == user_id, consents.c.client_id == client_id)
        .values(**values)
        .returning(consents.c.client_id)
    ).first()
    if moved is None:
        connection.execute(insert(consents), {"user_id": user_id, "client_id": client_id, **values})


def revoke(connection: Connection, user_id: str, client_id: str, now: int) -> bool:
    """Take a consent back. False: there was none."""
    taken = connection.execute(
        update(consents)
        .where(consents.c.user_id == user_id, consents.c.client_id == client_id, consents.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(consents.c.client_id)
    ).first()
    return taken is not None


def _consent(client_id: str, scope: str, claims: str, text_version: str, granted_at: int) -> Consent:
    return Consent(client_id, frozenset(scope.split()), frozenset(orjson.loads(claims)), text_version, granted_at)
