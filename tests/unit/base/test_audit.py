"""The audit chain: gapless, and every kind of tampering is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import delete, update

from base.audit import AuditBroken, Event, append, audit_events, verify
from base.services import BaseServices


@dataclass(frozen=True, slots=True)
class Happened(Event):
    kind: ClassVar[str] = "test.thing.happened"
    number: int


@pytest.fixture
def base(make_base: Callable[..., BaseServices]) -> BaseServices:
    services = make_base()
    for number in range(20):
        with services.db.begin() as connection:
            append(connection, services.clock, Happened(number=number))
    return services


def test_a_clean_chain_verifies(base: BaseServices) -> None:
    assert verify(base.db) == 20


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("audit_gap", delete(audit_events).where(audit_events.c.position == 7)),
        ("audit_altered", update(audit_events).where(audit_events.c.position == 7).values(data='{"number":8}')),
        ("audit_altered", update(audit_events).where(audit_events.c.position == 7).values(at=1)),
        ("audit_truncated", delete(audit_events).where(audit_events.c.position > 15)),
    ],
)
def test_tampering_is_found(base: BaseServices, code: str, statement: object) -> None:
    with base.db.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # either kind of statement
    with pytest.raises(AuditBroken) as caught:
        verify(base.db)
    assert caught.value.code == code


def test_a_rolled_back_act_leaves_no_event(base: BaseServices) -> None:
    with pytest.raises(ZeroDivisionError), base.db.begin() as connection:
        append(connection, base.clock, Happened(number=99))
        raise ZeroDivisionError
    assert verify(base.db) == 20
