"""
What a client may be that registers itself, as data: one named policy is one line. Pure.

A client that an administrator adds by command stands under no policy. Whoever registers by HTTP stands under the policy
of the initial access token, or under that of open registration; no policy makes a client part of this system itself
(`trusted`), so the person is always asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp.errors import RegistrationRefused
from idp.protocol.claims import SCOPES
from idp.protocol.registration import OPERATOR_ONLY

ANY: frozenset[str] | None = None
"""Whatever the profile and the server allow."""
PERSONAL_SCOPES = frozenset(SCOPES) - {"official"}
"""All but a person's office: that is for services of the administration."""


@dataclass(frozen=True, slots=True)
class Policy:
    """
    profiles, grant_types, response_types, scope, subject_types: what may be registered; ANY: nothing is excluded here.
    pkce:       whether it must use PKCE (S256) in any case.
    details:    whether it may ask for authorization details (RFC 9396).
    unverified: nobody has looked at it: the consent page says so.
    """

    name: str
    profiles: frozenset[str] | None
    grant_types: frozenset[str] | None
    response_types: frozenset[str] | None
    scope: frozenset[str] | None
    subject_types: frozenset[str] | None
    pkce: bool
    details: bool
    unverified: bool


_BY_BROWSER = frozenset({"authorization_code", "refresh_token"})

AGENCY = Policy("agency", ANY, ANY, ANY, ANY, ANY, pkce=False, details=True, unverified=False)
"""A service of the administration, invited by name."""
STANDARD = Policy(
    name="standard",
    profiles=frozenset({"oidc", "fapi2"}),
    grant_types=_BY_BROWSER,
    response_types=frozenset({"code"}),
    scope=PERSONAL_SCOPES,
    subject_types=ANY,
    pkce=True,
    details=False,
    unverified=False,
)
"""An invited partner: people sign in to it, nothing else."""
OPEN = Policy(
    name="open",
    profiles=frozenset({"oidc"}),
    grant_types=_BY_BROWSER,
    response_types=frozenset({"code"}),
    scope=PERSONAL_SCOPES,
    subject_types=frozenset({"pairwise"}),
    pkce=True,
    details=False,
    unverified=True,
)
"""Anybody: the code flow, and subjects nobody else can match."""
DOCUMENT = replace(OPEN, name="document")
"""Anybody who has a web address to be known by (flows/client_documents.py)."""
CERTIFICATION = Policy("certification", ANY, ANY, ANY, ANY, ANY, pkce=False, details=False, unverified=True)
"""What the official test plans register; for a test system."""

POLICIES: Mapping[str, Policy] = {policy.name: policy for policy in (AGENCY, STANDARD, OPEN, DOCUMENT, CERTIFICATION)}
DEFAULT_POLICY = STANDARD.name
"""Of an initial access token that names none."""


def policy_named(name: str) -> Policy:
    """Raises: RegistrationRefused: there is none of that name."""
    found = POLICIES.get(name)
    if found is None:
        raise RegistrationRefused("invalid_client_metadata", f"policy must be one of {', '.join(POLICIES)}")
    return found


def is_unverified(name: str | None) -> bool:
    """Whether people must be told; None: added by an administrator. A policy that is gone vouches for nobody."""
    return name is not None and (name not in POLICIES or POLICIES[name].unverified)


def check_policy(valid: Mapping[str, Any], policy: Policy) -> None:
    """
    Complete metadata (registration.py) must lie within the policy.

    Raises:  RegistrationRefused: names the field and what the policy does not allow.
    """
    asked = {
        "profile": ({valid["profile"]}, policy.profiles),
        "grant_types": (set(valid["grant_types"]), policy.grant_types),
        "response_types": (set(valid["response_types"]), policy.response_types),
        "scope": (set(valid["scope"].split()), policy.scope),
        "subject_type": ({valid["subject_type"]}, policy.subject_types),
    }
    for name, (wanted, allowed) in asked.items():
        if allowed is not None and not wanted <= allowed:
            words = ", ".join(sorted(wanted - allowed))
            raise RegistrationRefused("invalid_client_metadata", f"{name}: {words} is not open to this registration")
    excess = sorted(OPERATOR_ONLY & valid.keys())
    if valid.get("authorization_details_types") and not policy.details:
        excess.append("authorization_details_types")
    if policy.pkce and valid.get("require_pkce") is False:
        excess.append("require_pkce")
    if excess:
        raise RegistrationRefused("invalid_client_metadata", f"{', '.join(excess)}: not open to this registration")
