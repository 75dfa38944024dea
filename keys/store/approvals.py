"""Rows of `operators` and `approvals`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from base.ids import SecretHash
from keys.lifecycle.operations import Approval, Operation
from keys.models import approvals, operators

_COLUMNS = (
    approvals.c.id,
    approvals.c.operation,
    approvals.c.parameters,
    approvals.c.parameters_sha256,
    approvals.c.proposed_by,
    approvals.c.proposed_at,
    approvals.c.expires_at,
    approvals.c.approved_by,
    approvals.c.refused_by,
    approvals.c.carried_out_at,
)


@dataclass(frozen=True, slots=True)
class StoredOperator:
    """A row; removed_at is None while the operator may act."""

    id: str
    name: str
    secret_hash: str
    created_at: int
    removed_at: int | None


def add_operator(connection: Connection, operator_id: str, name: str, secret_hash: SecretHash, *, now: int) -> None:
    """Raises: IntegrityError: the name is taken (also by a removed operator: names are not given twice)."""
    row = {"id": operator_id, "name": name, "secret_hash": secret_hash, "created_at": now}
    connection.execute(insert(operators), row)


def find_operator(connection: Connection, name: str) -> StoredOperator | None:
    """One operator by name, removed or not."""
    row = connection.execute(select(operators).where(operators.c.name == name)).first()
    return None if row is None else StoredOperator(*row)


def all_operators(connection: Connection) -> list[StoredOperator]:
    """Every operator, oldest first."""
    return [
        StoredOperator(*row)
        for row in connection.execute(select(operators).order_by(operators.c.created_at, operators.c.id))
    ]


def acting_operators(connection: Connection) -> int:
    """How many operators may act."""
    wanted = select(func.count()).select_from(operators).where(operators.c.removed_at.is_(None))
    return int(connection.execute(wanted).scalar_one())


def remove_operator(connection: Connection, operator_id: str, *, now: int) -> bool:
    """Whether this call did it."""
    mine = update(operators).where(operators.c.id == operator_id, operators.c.removed_at.is_(None))
    return connection.execute(mine.values(removed_at=now).returning(operators.c.id)).first() is not None


def propose(
    connection: Connection, approval_id: str, operation: Operation, *, by: str, now: int, expires_at: int
) -> None:
    """A new row that nobody has approved."""
    connection.execute(
        insert(approvals),
        {
            "id": approval_id,
            "operation": operation.name,
            "parameters": operation.text,
            "parameters_sha256": operation.digest,
            "proposed_by": by,
            "proposed_at": now,
            "expires_at": expires_at,
        },
    )


def find(connection: Connection, approval_id: str) -> Approval | None:
    """One proposal by its identifier."""
    row = connection.execute(select(*_COLUMNS).where(approvals.c.id == approval_id)).first()
    return None if row is None else _read(row)


def newest(connection: Connection, *, most: int) -> list[Approval]:
    """The latest proposals, newest first."""
    wanted = select(*_COLUMNS).order_by(approvals.c.proposed_at.desc(), approvals.c.id).limit(most)
    return [_read(row) for row in connection.execute(wanted)]


def approve(connection: Connection, approval_id: str, *, by: str, now: int) -> bool:
    """Whether this call approved it: once, in its time, by somebody else than the proposer who may still act."""
    mine = _open(approval_id, now).where(approvals.c.approved_by.is_(None), approvals.c.proposed_by != by, _acts(by))
    return _moved(connection, mine.values(approved_by=by, approved_at=now))


def refuse(connection: Connection, approval_id: str, *, by: str, now: int) -> bool:
    """Whether this call refused it; the proposer may withdraw his own, and an approval can be taken back."""
    return _moved(connection, _open(approval_id, now).where(_acts(by)).values(refused_by=by, refused_at=now))


def carry_out(connection: Connection, approval_id: str, operation: Operation, *, now: int) -> bool:
    """
    Whether this call may carry it out: approved by another acting operator, exactly these parameters, in time, once.

    The operators' standing is looked at again: an approval dies with the account that gave it.
    """
    mine = _open(approval_id, now).where(
        approvals.c.operation == operation.name,
        approvals.c.parameters_sha256 == operation.digest,
        approvals.c.approved_by.is_not(None),
        approvals.c.approved_by != approvals.c.proposed_by,
        approvals.c.approved_by.in_(_acting()),
        approvals.c.proposed_by.in_(_acting()),
    )
    return _moved(connection, mine.values(carried_out_at=now))


def _open(approval_id: str, now: int) -> Any:
    return update(approvals).where(
        approvals.c.id == approval_id,
        approvals.c.carried_out_at.is_(None),
        approvals.c.refused_by.is_(None),
        approvals.c.expires_at > now,
    )


def _acting() -> Any:
    return select(operators.c.id).where(operators.c.removed_at.is_(None))


def _acts(operator_id: str) -> Any:
    return _acting().where(operators.c.id == operator_id).exists()


def _moved(connection: Connection, statement: Any) -> bool:
    return connection.execute(statement.returning(approvals.c.id)).first() is not None


def _read(row: Any) -> Approval:
    return Approval(*row)
