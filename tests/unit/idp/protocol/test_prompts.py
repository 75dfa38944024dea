"""The policies on their own; whole journeys are in tests/functional/test_oauth_prompts.py."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from idp.accounts import assurance
from idp.errors import OAuthError
from idp.protocol import acr
from idp.protocol.claims import parse_claims
from idp.protocol.details import parse_details
from idp.protocol.prompts import POLICIES, Need, Person, Situation, next_need
from tests.unit.idp.protocol.requests import client, request
from tests.unit.idp.protocol.test_details import item

BEGAN, NOW = 1000, 1100
ESSENTIAL = '{"id_token": {"acr": {"essential": true, "values": ["urn:vn:xt:2"]}}}'


def situation(
    *, factors: dict[str, int] | None = None, done: str = "", consented: bool = True, **asked: Any
) -> Situation:
    ledger = {"pwd": 900} if factors is None else factors
    person = None
    if ledger:
        person = Person("u", "sub", ledger, assurance.acr_of(ledger), assurance.auth_time_of(ledger))
    bent = dataclasses.replace(request(asked.pop("client", None)), **asked)
    return Situation(bent, person, consented, BEGAN, NOW, frozenset(done.split()))


def test_levels_are_those_of_the_accounts() -> None:
    assert acr.ACR_VALUES == assurance.ACR_VALUES


def test_a_quiet_request_needs_nobody() -> None:
    assert next_need(situation()) is None


CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("new_account_wanted", "create", {"prompts": frozenset({"create"}), "factors": {}}),
    ("new_account_wanted", "create", {"prompts": frozenset({"create", "login"})}),
    ("no_session", "login", {"factors": {}}),
    ("login_requested", "login", {"prompts": frozenset({"login"})}),
    ("login_requested", "login", {"prompts": frozenset({"login"}), "factors": {"pwd": BEGAN}}),
    ("sign_in_too_old", "login", {"max_age": 199}),
    ("other_person_hinted", "login", {"hinted_subject": "other"}),
    ("account_choice_requested", "select", {"prompts": frozenset({"select_account"})}),
    ("second_factor_wished", "code", {"acr_values": ("urn:vn:xt:2", "urn:vn:xt:1")}),
    ("second_factor_essential", "code", {"claims": parse_claims(ESSENTIAL)}),
    ("consent_requested", "consent", {"prompts": frozenset({"consent"})}),
    ("consent_missing", "consent", {"consented": False}),
]


@pytest.mark.parametrize(("reason", "page", "asked"), CASES)
def test_reasons_and_pages(reason: str, page: str, asked: dict[str, Any]) -> None:
    assert next_need(situation(**asked)) == Need(page, reason)  # type: ignore[arg-type]  # one of the pages


def test_every_policy_is_tried_here() -> None:
    tried = {reason for reason, _, _ in CASES} | {"second_factor_for_details", "details_not_approved"}
    assert {policy.applies.__name__ for policy in POLICIES} == tried


@pytest.mark.parametrize(
    "asked",
    [
        {"prompts": frozenset({"login"}), "factors": {"pwd": BEGAN + 1}},
        {"prompts": frozenset({"login"}), "factors": {"pwd": BEGAN}, "done": "login"},
        {"max_age": 200},
        {"max_age": 0, "factors": {"pwd": BEGAN + 1}},
        {"hinted_subject": "sub"},
        {"prompts": frozenset({"select_account"}), "done": "select"},
        {"prompts": frozenset({"create"}), "done": "create"},
        {"prompts": frozenset({"create"}), "factors": {"pwd": BEGAN + 1}},
        {"acr_values": ("urn:vn:xt:1", "urn:vn:xt:2")},
        {"acr_values": ("urn:vn:xt:2",), "done": "no_code"},
        {"acr_values": ("urn:vn:xt:2",), "factors": {"pwd": 900, "otp": 900}},
        {"claims": parse_claims(ESSENTIAL), "factors": {"pwd": 900, "otp": 900}},
        {"prompts": frozenset({"consent"}), "done": "consent"},
        {"consented": False, "done": "consent"},
        {"consented": False, "client": dataclasses.replace(client(), trusted=True)},
    ],
)
def test_what_satisfies_them(asked: dict[str, Any]) -> None:
    assert next_need(situation(**asked)) is None


def test_details_are_never_remembered_and_never_exempt() -> None:
    import json

    details = parse_details(json.dumps([item()]))
    trusted = dataclasses.replace(client(), trusted=True)
    old = situation(details=details, client=trusted, factors={"pwd": 900, "otp": 999})
    assert next_need(old) == Need("code", "second_factor_for_details")
    elsewhere = situation(details=details, client=trusted, factors={"pwd": 900, "otp": BEGAN + 1})
    assert next_need(elsewhere) == Need("code", "second_factor_for_details")
    fresh = situation(details=details, client=trusted, factors={"pwd": 900, "otp": BEGAN + 1}, done="code")
    assert next_need(fresh) == Need("consent", "details_not_approved")
    approved = situation(details=details, factors={"pwd": 900, "otp": BEGAN + 1}, done="code consent")
    assert next_need(approved) is None
    with pytest.raises(OAuthError) as caught:
        next_need(situation(details=details, done="no_code"))
    assert caught.value.code == "unmet_authentication_requirements"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"factors": {}}, "login_required"),
        ({"max_age": 1}, "login_required"),
        ({"hinted_subject": "other"}, "login_required"),
        ({"claims": parse_claims(ESSENTIAL)}, "interaction_required"),
        ({"consented": False}, "consent_required"),
    ],
)
def test_prompt_none(asked: dict[str, Any], error: str) -> None:
    with pytest.raises(OAuthError) as caught:
        next_need(situation(prompts=frozenset({"none"}), **asked))
    assert caught.value.code == error
    assert next_need(situation(prompts=frozenset({"none"}), acr_values=("urn:vn:xt:2",))) is None
