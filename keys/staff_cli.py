"""`antin operator …` and `antin approval …`: the people of the command line, and what takes two of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
import orjson

from base.clock import shown
from keys.api import Keys
from keys.custody import Custody
from keys.flows import approvals, operators, staff
from keys.flows.operators import Operator
from keys.lifecycle.operations import Operation, status_of

Open = Callable[[], Keys]


def as_operator(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options by which a command learns who calls it; the secret is asked for, never an argument."""
    named = click.option("--as", "acting", required=True, help="Name of the operator who gives this command.")
    how = click.option("--secret-stdin", is_flag=True, help="Read the secret from standard input instead of asking.")
    return named(how(command))


def who(custody: Custody, acting: str, secret_stdin: bool) -> Operator:
    """The operator of a command. Raises: KeyRefused("operator_unknown")."""
    if secret_stdin:
        secret = sys.stdin.readline().strip()
    else:
        secret = str(click.prompt("Operator's secret", hide_input=True))
    return operators.identify(custody, acting, secret)


def propose(custody: Custody, operation: Operation, acting: str, secret_stdin: bool) -> None:
    """Propose an operation and say how it goes on."""
    approval_id = approvals.propose(custody, operation, who(custody, acting, secret_stdin))
    click.echo(f"proposed {approval_id}: {operation.name} {operation.text}")
    click.echo(f"another operator: antin approval approve {approval_id} --as NAME", err=True)
    click.echo(f"then the same command again with --approval {approval_id}", err=True)


def register(group: click.Group, open_keys: Open) -> None:
    """Add the `operator` and `approval` commands."""
    _add_operator_commands(group, open_keys)
    _add_approval_commands(group, open_keys)


def _add_operator_commands(group: click.Group, open_keys: Open) -> None:
    @group.group("operator")
    def operator() -> None:
        """Operators: who may propose and approve."""

    @operator.command("add")
    @click.argument("name")
    @click.option("--approval", default="", help="Identifier of the approval; the first two operators need none.")
    def add(name: str, approval: str) -> None:
        """Add an operator and print the secret, once."""
        click.echo(staff.add_operator(open_keys().custody, name, approval))

    @operator.command("remove")
    @click.argument("name")
    @click.option("--approval", default="", help="Identifier of the approval.")
    def remove(name: str, approval: str) -> None:
        """Remove an operator; what he approved is void."""
        staff.remove_operator(open_keys().custody, name, approval)
        click.echo(f"{name} removed")

    @operator.command("propose")
    @click.argument("what", type=click.Choice(["add", "remove"]))
    @click.argument("name")
    @as_operator
    def propose_change(what: str, name: str, acting: str, secret_stdin: bool) -> None:
        """Propose adding or removing an operator."""
        wanted = staff.adding(name) if what == "add" else staff.removing(name)
        propose(open_keys().custody, wanted, acting, secret_stdin)

    @operator.command("list")
    def list_operators() -> None:
        """List the operators."""
        for one in operators.listed(open_keys().custody):
            state = "acting" if one.removed_at is None else "removed"
            click.echo(f"{one.name:30} {state:8} {shown(one.created_at)}")


def _add_approval_commands(group: click.Group, open_keys: Open) -> None:
    @group.group("approval")
    def approval() -> None:
        """Operations that take two persons."""

    @approval.command("list")
    @click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
    def list_approvals(as_json: bool) -> None:
        """List what was proposed, newest first."""
        custody = open_keys().custody
        found, now = approvals.listed(custody), custody.base.clock.now()
        if as_json:
            click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
            return
        for one in found:
            click.echo(f"{one.id}  {status_of(one, now=now):8} {one.operation:20} {one.parameters}")

    @approval.command("approve")
    @click.argument("approval_id")
    @as_operator
    def approve(approval_id: str, acting: str, secret_stdin: bool) -> None:
        """Approve what another operator proposed."""
        custody = open_keys().custody
        approvals.approve(custody, approval_id, who(custody, acting, secret_stdin))
        click.echo(f"{approval_id} approved")

    @approval.command("refuse")
    @click.argument("approval_id")
    @as_operator
    def refuse(approval_id: str, acting: str, secret_stdin: bool) -> None:
        """Refuse a proposal, withdraw one's own, or take an approval back."""
        custody = open_keys().custody
        approvals.refuse(custody, approval_id, who(custody, acting, secret_stdin))
        click.echo(f"{approval_id} refused")
