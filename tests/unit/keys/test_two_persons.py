"""Operations that take two persons: who alone cannot do them, and what an approval does not cover (CA-09)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from keys import models
from keys.api import Keys
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows import approvals, operators, staff
from keys.flows import reseal as reseal_flow
from keys.flows.operators import Operator, identify
from keys.lifecycle.operations import Operation, needs_two_persons, status_of
from keys.sealing import open_master_key

CEREMONY = Operation("ca.ceremony", {"ca": "issuing-2", "years": 10})


@dataclass(frozen=True)
class Staff:
    """A custody where two persons are needed, and two of them."""

    custody: Custody
    first: Operator
    second: Operator


@pytest.fixture
def team(held: Keys) -> Staff:
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    secrets = {name: staff.add_operator(custody, name) for name in ("mot", "hai")}
    return Staff(custody, *(identify(custody, name, secret) for name, secret in secrets.items()))


def carry_out(team: Staff, operation: Operation, approval_id: str = "") -> None:
    with team.custody.base.db.begin() as connection:
        approvals.carry_out(team.custody, connection, operation, approval_id)


def approved(team: Staff, operation: Operation = CEREMONY) -> str:
    approval_id = approvals.propose(team.custody, operation, team.first)
    approvals.approve(team.custody, approval_id, team.second)
    return approval_id


def test_two_persons_carry_it_out_once(team: Staff, services: BaseServices) -> None:
    approval_id = approved(team)
    carry_out(team, CEREMONY, approval_id)
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, CEREMONY, approval_id)
    (found,) = approvals.listed(team.custody)
    assert status_of(found, now=services.clock.now()) == "done"
    audit.verify(services.db)


def test_one_alone_is_refused(team: Staff) -> None:
    with pytest.raises(KeyRefused, match="approval_needed") as refused:
        carry_out(team, CEREMONY)
    assert refused.value.status == 403
    with pytest.raises(KeyRefused, match="approval_refused") as refused:
        carry_out(team, CEREMONY, approvals.propose(team.custody, CEREMONY, team.first))
    assert refused.value.status == 403


def test_the_same_person_twice_is_refused(team: Staff) -> None:
    approval_id = approvals.propose(team.custody, CEREMONY, team.first)
    with pytest.raises(KeyRefused, match="same_person") as refused:
        approvals.approve(team.custody, approval_id, team.first)
    assert refused.value.status == 403
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, CEREMONY, approval_id)


def test_the_database_itself_refuses_the_same_person(team: Staff, services: BaseServices) -> None:
    approval_id = approvals.propose(team.custody, CEREMONY, team.first)
    mine = update(models.approvals).where(models.approvals.c.id == approval_id)
    with pytest.raises(IntegrityError), services.db.begin() as connection:
        connection.execute(mine.values(approved_by=team.first.id, approved_at=1))


@pytest.mark.parametrize(
    "other",
    [
        Operation("ca.ceremony", {"ca": "issuing-2", "years": 11}),
        Operation("ca.ceremony", {"ca": "issuing-2"}),
        Operation("ca.revoke", {"ca": "issuing-2", "years": 10}),
    ],
)
def test_another_operation_than_the_approved_one_is_refused(team: Staff, other: Operation) -> None:
    approval_id = approved(team)
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, other, approval_id)
    carry_out(team, CEREMONY, approval_id)  # what failed has not used it up


def test_it_runs_out(team: Staff, clock: FixedClock) -> None:
    waiting, ready = approvals.propose(team.custody, CEREMONY, team.first), approved(team)
    clock.move(team.custody.settings.approval_seconds)
    with pytest.raises(KeyRefused, match="approval_refused"):
        approvals.approve(team.custody, waiting, team.second)
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, CEREMONY, ready)


def test_refused_is_refused_for_good(team: Staff) -> None:
    approval_id = approved(team)
    approvals.refuse(team.custody, approval_id, team.first)
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, CEREMONY, approval_id)
    with pytest.raises(KeyRefused, match="approval_refused"):
        approvals.refuse(team.custody, approval_id, team.second)


def test_an_approval_dies_with_the_operator_who_gave_it(team: Staff) -> None:
    approval_id, removal = approved(team), approved(team, staff.removing("hai"))
    staff.remove_operator(team.custody, "hai", removal)
    with pytest.raises(KeyRefused, match="approval_refused"):
        carry_out(team, CEREMONY, approval_id)
    with pytest.raises(KeyRefused, match="approval_refused"):  # who signed in before can do nothing more either
        approvals.approve(team.custody, approvals.propose(team.custody, CEREMONY, team.first), team.second)


def test_a_third_operator_takes_two(team: Staff) -> None:
    with pytest.raises(KeyRefused, match="approval_needed"):
        staff.add_operator(team.custody, "ba")
    approval_id = approved(team, staff.adding("ba"))
    with pytest.raises(KeyRefused, match="approval_refused"):
        staff.add_operator(team.custody, "bon", approval_id)
    secret = staff.add_operator(team.custody, "ba", approval_id)
    assert identify(team.custody, "ba", secret).id.startswith("op_")


def test_nobody_is_an_operator_without_the_secret(team: Staff) -> None:
    for name, secret in (("mot", ""), ("mot", "x"), ("nobody", ""), ("", "")):
        with pytest.raises(KeyRefused, match="operator_unknown"):
            identify(team.custody, name, secret)
    with pytest.raises(TypeError):
        Operator(team.first.id)


@pytest.mark.parametrize("name", ["", "A", "Ánh", "a b", "a" * 61, "-a", "a\n"])
def test_names_of_operators_are_plain(held: Keys, name: str) -> None:
    with pytest.raises(KeyRefused, match="operator_refused"):
        staff.add_operator(held.custody, name)


def test_a_name_is_not_given_twice(held: Keys) -> None:
    staff.add_operator(held.custody, "mot")
    with pytest.raises(KeyRefused, match="operator_refused"):
        staff.add_operator(held.custody, "mot")


def test_a_small_installation_needs_one_person(held: Keys) -> None:
    assert not approvals.needed(held.custody)
    with held.custody.base.db.begin() as connection:
        approvals.carry_out(held.custody, connection, CEREMONY)
    assert needs_two_persons("auto", on_this_machine=False)
    assert not needs_two_persons("auto", on_this_machine=True)
    assert needs_two_persons("true", on_this_machine=True)
    assert not needs_two_persons("false", on_this_machine=False)


def test_what_is_rolled_back_leaves_the_approval(team: Staff) -> None:
    approval_id = approved(team)
    with pytest.raises(RuntimeError), team.custody.base.db.begin() as connection:
        approvals.carry_out(team.custody, connection, CEREMONY, approval_id)
        raise RuntimeError("the ceremony failed")
    carry_out(team, CEREMONY, approval_id)


def test_operators_table_holds_no_secret(held: Keys, services: BaseServices) -> None:
    secret = staff.add_operator(held.custody, "mot")
    (stored,) = operators.listed(held.custody)
    assert secret not in repr(stored)
    with pytest.raises(IntegrityError), services.db.begin() as connection:
        row = {"id": "op_x", "name": stored.name, "secret_hash": "x", "created_at": 1}
        connection.execute(insert(models.operators), row)


def test_replacing_the_master_key_takes_two(team: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reseal_flow, "SETTLE_SECONDS", 0.0)
    new = open_master_key(tmp_path / "new.key", may_create=True)
    with pytest.raises(KeyRefused, match="approval_needed"):
        reseal_flow.reseal(team.custody, new, ())
    other = open_master_key(tmp_path / "other.key", may_create=True)
    with pytest.raises(KeyRefused, match="approval_refused"):
        reseal_flow.reseal(team.custody, new, (), approved(team, reseal_flow.resealing(other)))
    reseal_flow.reseal(team.custody, new, (), approved(team, reseal_flow.resealing(new)))
    assert reseal_flow.reseal(team.custody, new, ()) == 0  # what was begun goes on without asking again
