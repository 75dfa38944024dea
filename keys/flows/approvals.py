"""
Two persons for operations on authorities and policies: one operator proposes, another approves, then it is done, once.

A flow that carries out such an operation builds an `Operation` (name and every parameter the outcome depends on) and
calls `carry_out(custody, connection, operation, approval_id)` inside its own transaction, before it changes anything;
a command line calls `propose` when `needed(custody)` and no approval was given.

Source: ETSI EN 319 401 §7.4; EN 319 411-1 §6.5.1; OWASP ASVS 5.0 §2.3.5. ADR 0010.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import Connection

from base.audit import append
from base.ids import new_id
from base.settings import THIS_MACHINE
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import OperationCarriedOut, OperationJudged, OperationProposed
from keys.flows.operators import Operator
from keys.lifecycle.operations import Approval, Operation, needs_two_persons
from keys.store import approvals

MOST_LISTED = 100


def needed(custody: Custody) -> bool:
    """Whether this installation asks for a second person."""
    here = urlsplit(custody.issuer).hostname in THIS_MACHINE
    return needs_two_persons(custody.settings.two_person, on_this_machine=here)


def propose(custody: Custody, operation: Operation, operator: Operator) -> str:
    """Put an operation before the others. Returns the identifier of the approval to come (`apr_…`)."""
    now, approval_id = custody.base.clock.now(), new_id("apr")
    with custody.base.db.begin() as connection:
        approvals.propose(
            connection,
            approval_id,
            operation,
            by=operator.id,
            now=now,
            expires_at=now + custody.settings.approval_seconds,
        )
        append(
            connection,
            custody.base.clock,
            OperationProposed(approval_id, operation.name, operation.digest, operator.id),
        )
    return approval_id


def approve(custody: Custody, approval_id: str, operator: Operator) -> None:
    """
    Approve what another operator proposed.

    Raises: KeyRefused("same_person" | "approval_refused"): unknown, expired, refused, or approved before.
    """
    with custody.base.db.begin() as connection:
        if not approvals.approve(connection, approval_id, by=operator.id, now=custody.base.clock.now()):
            found = approvals.find(connection, approval_id)
            same = found is not None and found.proposed_by == operator.id
            raise KeyRefused("same_person" if same else "approval_refused")
        append(connection, custody.base.clock, OperationJudged(approval_id, operator.id, "approved"))


def refuse(custody: Custody, approval_id: str, operator: Operator) -> None:
    """Refuse it, withdraw one's own, or take an approval back. Raises: KeyRefused("approval_refused")."""
    with custody.base.db.begin() as connection:
        if not approvals.refuse(connection, approval_id, by=operator.id, now=custody.base.clock.now()):
            raise KeyRefused("approval_refused", status=409)
        append(connection, custody.base.clock, OperationJudged(approval_id, operator.id, "refused"))


def carry_out(custody: Custody, connection: Connection, operation: Operation, approval_id: str = "") -> None:
    """
    Use an approval up, in the transaction of the operation itself; call it before anything is changed or signed.

    Raises: KeyRefused("approval_needed"): none was given and this installation asks for one;
            KeyRefused("approval_refused"): not approved by a second person, for other parameters, expired, used.
    """
    if not approval_id and needed(custody):
        raise KeyRefused("approval_needed")
    if approval_id and not approvals.carry_out(connection, approval_id, operation, now=custody.base.clock.now()):
        raise KeyRefused("approval_refused")
    append(connection, custody.base.clock, OperationCarriedOut(approval_id, operation.name, operation.digest))


def listed(custody: Custody) -> list[Approval]:
    """The latest proposals, newest first."""
    with custody.base.db.read() as connection:
        return approvals.newest(connection, most=MOST_LISTED)
