"""The seal of an agency in custody: who may let it be used, how often, and that nothing else opens its key."""

from __future__ import annotations

import copy
import pickle

import click
import pytest
from click.testing import CliRunner

import keys.cli
from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys, SealPermit
from keys.ca.order import Profile
from keys.errors import KeyRefused
from keys.flows import agency_seal, approvals, sign_digest
from keys.flows.operators import Operator
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import KeyHandle
from keys.lifecycle.activation import ActivationFacts
from keys.lifecycle.seal_grant import DAY_SECONDS, granting
from keys.sole_control import grant
from tests.seals import AGENCY, CLIENT, approved, granted, operators_of, seal_of, terms_for

DIGEST = "ab" * 32


@pytest.fixture
def team(held: Keys) -> tuple[Operator, Operator]:
    return operators_of(held)


@pytest.fixture
def seal(held: Keys) -> KeyHandle:
    return seal_of(held)


def spend(held: Keys, seal: KeyHandle) -> SealPermit:
    return held.spend_seal(seal, client_id=CLIENT, document_digest=DIGEST)


def test_one_operator_grants_nothing(held: Keys, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    terms = terms_for(held, seal)
    with pytest.raises(KeyRefused, match="approval_needed"):
        agency_seal.grant_seal(held.custody, terms, "")
    proposal = approvals.propose(held.custody, granting(terms), team[0])
    with pytest.raises(KeyRefused, match="approval_refused"):
        agency_seal.grant_seal(held.custody, terms, proposal)
    with pytest.raises(KeyRefused, match="same_person"):
        approvals.approve(held.custody, proposal, team[0])
    assert agency_seal.grants(held.custody) == []


def test_an_approval_is_for_these_terms_alone_and_once(
    held: Keys, team: tuple[Operator, Operator], seal: KeyHandle
) -> None:
    terms = terms_for(held, seal)
    approval = approved(held, terms, team)
    for other in (
        terms_for(held, seal, most=6),
        terms_for(held, seal, client_id="other"),
        terms_for(held, seal_of(held)),
    ):
        with pytest.raises(KeyRefused, match="approval_refused"):
            agency_seal.grant_seal(held.custody, other, approval)
    first = agency_seal.grant_seal(held.custody, terms, approval)
    agency_seal.end_grant(held.custody, first)
    with pytest.raises(KeyRefused, match="approval_refused"):
        agency_seal.grant_seal(held.custody, terms, approval)
    with pytest.raises(KeyRefused, match="unknown_grant"):
        agency_seal.end_grant(held.custody, first)


def test_one_grant_stands_at_a_time(held: Keys, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(held, terms_for(held, seal), team)
    more = terms_for(held, seal, most=50)
    approval = approved(held, more, team)
    with pytest.raises(KeyRefused, match="grant_exists"):
        agency_seal.grant_seal(held.custody, more, approval)
    (standing,) = agency_seal.grants(held.custody)
    agency_seal.end_grant(held.custody, standing.id)
    agency_seal.grant_seal(held.custody, more, approval)


@pytest.mark.parametrize("wrong", [{"most": 0}, {"per_day": 0}, {"per_day": 6}, {"until": 1}, {"client_id": ""}])
def test_terms_that_make_no_sense(
    held: Keys, team: tuple[Operator, Operator], seal: KeyHandle, wrong: dict[str, object]
) -> None:
    terms = terms_for(held, seal, **wrong)
    with pytest.raises(KeyRefused, match="terms_refused"):
        agency_seal.grant_seal(held.custody, terms, approved(held, terms, team))


def test_the_key_of_an_agency_that_needs_approvals_is_no_seal(held: Keys, team: tuple[Operator, Operator]) -> None:
    handle = issue_inside(held.custody, Subscription(Profile.LEGAL_PERSON, AGENCY)).handle
    terms = terms_for(held, handle)
    with pytest.raises(KeyRefused, match="unknown_key"):
        agency_seal.grant_seal(held.custody, terms, approved(held, terms, team))


def test_no_approval_of_a_person_opens_a_seal(held: Keys, seal: KeyHandle) -> None:
    now = held.now()
    facts = ActivationFacts(seal, AGENCY.owner, "j" * 20, DIGEST, "urn:vn:xt:2", now, now, now + 60)
    with pytest.raises(KeyRefused, match="wrong_purpose"):
        sign_digest.sign_message(held.custody, seal, message=b"m", activation=grant(facts))


def test_a_permit_is_used_once_and_for_its_seal(held: Keys, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(held, terms_for(held, seal), team)
    permit = spend(held, seal)
    with pytest.raises(KeyRefused, match="seal_refused"):
        held.seal_message(seal_of(held), message=b"m", permit=permit)
    assert held.seal_message(seal, message=b"m", permit=permit)
    with pytest.raises(KeyRefused, match="seal_refused"):
        held.seal_message(seal, message=b"m", permit=permit)
    with pytest.raises(KeyRefused, match="seal_refused"):
        held.seal_message(seal, message=b"m", permit=object())  # type: ignore[arg-type]  # no permit
    with pytest.raises(TypeError):
        SealPermit(seal, DIGEST, "sgt_x")
    for copied in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(permit)


def test_no_more_than_was_granted(held: Keys, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(held, terms_for(held, seal, most=2, per_day=2), team)
    spend(held, seal)
    spend(held, seal)
    with pytest.raises(KeyRefused, match="seal_limit_reached"):
        spend(held, seal)
    (found,) = agency_seal.grants(held.custody)
    assert (found.used, found.used_today) == (2, 2)


def test_each_day_has_its_own_amount_and_the_whole_its_end(
    held: Keys, team: tuple[Operator, Operator], seal: KeyHandle, clock: FixedClock
) -> None:
    granted(held, terms_for(held, seal, most=3, per_day=2), team)
    spend(held, seal)
    spend(held, seal)
    with pytest.raises(KeyRefused, match="seal_limit_reached"):
        spend(held, seal)
    clock.move(DAY_SECONDS)
    spend(held, seal)
    with pytest.raises(KeyRefused, match="seal_limit_reached"):  # the third of three
        spend(held, seal)
    clock.move(30 * DAY_SECONDS)
    with pytest.raises(KeyRefused, match="no_seal_grant"):
        spend(held, seal)


def test_the_digest_is_one(held: Keys, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(held, terms_for(held, seal), team)
    for digest in ("", "ab", "AB" * 32, "zz" * 32):
        with pytest.raises(KeyRefused, match="seal_refused"):
            held.spend_seal(seal, client_id=CLIENT, document_digest=digest)


def test_the_commands(held: Keys, services: BaseServices) -> None:
    group = click.Group()
    keys.cli.register(group, lambda: held, lambda: ())
    runner = CliRunner()

    def run(*words: str, given: str = "") -> str:
        done = runner.invoke(group, words, input=given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    made = runner.invoke(
        group,
        ["seal", "make", "--owner", "H17.12", "--organisation", AGENCY.organisation, "--identifier", AGENCY.identifier],
    )
    assert made.exit_code == 0, made.output
    assert "BEGIN CERTIFICATE" in made.stdout
    handle = made.stderr.strip()
    secrets = {name: run("operator", "add", name).strip() for name in ("mot", "hai")}
    until = str(held.now() + 1000)
    words = ["seal", "grant", handle, "--client", CLIENT, "--most", "9", "--per-day", "3", "--until", until]
    said = run(*words, "--propose", "--as", "mot", "--secret-stdin", given=secrets["mot"])
    approval = said.split()[1].rstrip(":")
    run("approval", "approve", approval, "--as", "hai", "--secret-stdin", given=secrets["hai"])
    grant_id = run(*words, "--approval", approval).strip()
    assert f"{grant_id}  standing {handle}  {CLIENT}  0/9, 0/3 today" in run("seal", "list")
    run("seal", "end", grant_id)
    assert "ended" in run("seal", "list")
    assert '"most": 9' in run("seal", "list", "--json")
