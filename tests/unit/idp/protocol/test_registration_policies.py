"""What each policy lets a client be that registers itself."""

from __future__ import annotations

from typing import Any

import pytest

from idp.errors import RegistrationRefused
from idp.protocol.details import DETAIL_TYPES
from idp.protocol.profiles import PROFILES
from idp.protocol.registration import validated
from idp.protocol.registration_policies import (
    DEFAULT_POLICY,
    POLICIES,
    check_policy,
    is_unverified,
    policy_named,
)
from idp.settings import IdpSettings

BY_BROWSER: dict[str, Any] = {"client_id": "c", "redirect_uris": ["https://portal.example.vn/cb"]}
MACHINE: dict[str, Any] = {"client_id": "c", "profile": "machine", "scope": "records.read"}


def allowed(policy: str, metadata: dict[str, Any]) -> bool:
    try:
        check_policy(validated(metadata, has_organisation=False), POLICIES[policy])
    except RegistrationRefused:
        return False
    return True


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_takes_a_plain_relying_party(name: str) -> None:
    assert policy_named(name).name == name
    assert allowed(name, BY_BROWSER)


CLOSED: list[tuple[str, dict[str, Any], str]] = [
    ("a machine", MACHINE, "agency certification"),
    ("a machine with a resource", {**MACHINE, "resource": "https://records.example.vn"}, ""),
    ("a resource", {**BY_BROWSER, "resource": "https://records.example.vn"}, ""),
    ("details", {**BY_BROWSER, "authorization_details_types": [next(iter(DETAIL_TYPES))]}, "agency"),
    ("an office", {**BY_BROWSER, "scope": "openid official"}, "agency certification"),
    ("a scope of its own", {**BY_BROWSER, "scope": "openid records.read"}, "agency certification"),
    ("no PKCE", {**BY_BROWSER, "require_pkce": False}, "agency certification"),
    ("public subjects", {**BY_BROWSER, "subject_type": "public"}, "agency standard certification"),
]


@pytest.mark.parametrize(("changes", "open_to"), [row[1:] for row in CLOSED], ids=[row[0] for row in CLOSED])
def test_what_each_policy_is_closed_to(changes: dict[str, Any], open_to: str) -> None:
    validated(changes, has_organisation=False)
    assert {name for name in POLICIES if allowed(name, changes)} == set(open_to.split())


def test_people_are_told_of_those_nobody_has_looked_at() -> None:
    assert not is_unverified(None)
    assert is_unverified("open")
    assert not is_unverified("agency")
    assert is_unverified("a policy that was removed")


def test_names_used_elsewhere_exist() -> None:
    assert DEFAULT_POLICY in POLICIES
    chosen = IdpSettings.__dataclass_fields__["registration_policy"].metadata["choices"]
    assert set(chosen) <= POLICIES.keys()
    assert all(POLICIES[name].unverified for name in chosen)
    named = {name for policy in POLICIES.values() for name in policy.profiles or ()}
    assert named <= PROFILES.keys()
    with pytest.raises(RegistrationRefused):
        policy_named("everything")
