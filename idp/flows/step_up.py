"""
Has the person shown enough for the data that an installation guards with a strong sign-in (`step_up_scopes`)? One
answer for every way such data leaves: userinfo refuses with a challenge, ID tokens leave it out.

Source: RFC 9470 §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.protocol.authorization import Authorization
from idp.protocol.claims import claims_of_scopes
from idp.protocol.step_up import missing_authentication
from idp.services import IdpServices


def authentication_missing(
    services: IdpServices, claims: Mapping[str, Any], scope: frozenset[str], now: int
) -> Mapping[str, str]:
    """What the sign-in behind these claims (acr, auth_time) lacks for that scope; empty: nothing."""
    settings = services.settings
    if scope.isdisjoint(settings.step_up_scopes):
        return {}
    return missing_authentication(
        claims, acr=settings.step_up_acr, max_age=settings.step_up_max_age_seconds or None, now=now
    )


def withheld_claims(services: IdpServices, authorization: Authorization, now: int) -> frozenset[str]:
    """Personal claims that an ID token of this authorization must not hold: nobody could be challenged for them."""
    guarded, proof = frozenset(services.settings.step_up_scopes), authorization.proof
    shown = {"acr": proof.acr, "auth_time": proof.auth_time}
    return claims_of_scopes(guarded) if authentication_missing(services, shown, guarded, now) else frozenset()
