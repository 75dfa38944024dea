"""Who may be an operator is itself a policy: after the first two, adding and removing one takes two persons."""

from __future__ import annotations

from base.versions import raise_version
from keys.custody import Custody
from keys.flows import approvals, operators
from keys.flows.operators import FREE_OPERATORS
from keys.lifecycle.operations import Operation
from keys.store.approvals import acting_operators


def adding(name: str) -> Operation:
    """The operation that adds an operator."""
    return Operation("operator.add", {"operator": name})


def removing(name: str) -> Operation:
    """The operation that removes an operator."""
    return Operation("operator.remove", {"operator": name})


def add_operator(custody: Custody, name: str, approval_id: str = "") -> str:
    """
    Add an operator; returns the secret.

    Raises: KeyRefused("operator_refused" | "approval_needed" | "approval_refused").
    The counter is raised first, which locks its row: of two commands at once, one sees what the other has added.
    """
    with custody.base.db.begin() as connection:
        raise_version(connection, "operators")
        if approval_id or acting_operators(connection) >= FREE_OPERATORS:
            approvals.carry_out(custody, connection, adding(name), approval_id)
        return operators.enter(custody, connection, name, approval_id)


def remove_operator(custody: Custody, name: str, approval_id: str = "") -> None:
    """
    Remove an operator; what he approved and nobody carried out is void.

    Raises: KeyRefused("operator_unknown" | "approval_needed" | "approval_refused").
    """
    with custody.base.db.begin() as connection:
        approvals.carry_out(custody, connection, removing(name), approval_id)
        operators.take_out(custody, connection, name, approval_id)
