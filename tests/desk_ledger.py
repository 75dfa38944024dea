"""What the desk wrote down, read back for tests: evidence, audit events, reasons of refusals."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from base.audit import audit_events, verify
from signing.flows.upload import folder
from signing.models import documents, signature_evidence, signature_requests
from tests.desk_city import DeskCity


def evidence(city: DeskCity) -> list[Any]:
    with city.base.db.read() as connection:
        return list(
            connection.execute(
                select(signature_evidence).order_by(signature_evidence.c.signing_time, signature_evidence.c.id)
            ).all()
        )


def events(city: DeskCity) -> list[tuple[str, dict[str, Any]]]:
    with city.base.db.read() as connection:
        rows = connection.execute(
            select(audit_events.c.kind, audit_events.c.data).order_by(audit_events.c.position)
        ).all()
    return [(kind, json.loads(data)) for kind, data in rows]


def reasons(city: DeskCity) -> list[str]:
    with city.base.db.read() as connection:
        return list(
            connection.execute(select(signature_requests.c.reason).order_by(signature_requests.c.created_at)).scalars()
        )


def untouched(city: DeskCity, content: bytes) -> None:
    """No signature, no evidence, the document as it was."""
    assert evidence(city) == []
    with city.base.db.read() as connection:
        row = connection.execute(select(documents)).one()
    assert row.signed_sha256 is None
    assert folder(city.services).read(row.id, row.sha256) == content
    assert verify(city.base.db) > 0
