"""
Native SSO: several apps of one agency on one device share one sign-in, without a browser.

The first app asks for `device_sso` and gets a device secret along with its tokens; the ID token holds its hash. Another
app of the same agency exchanges the two for tokens of its own, under its own pairwise `sub`.

Source: OpenID Connect Native SSO for Mobile Apps 1.0, §3 and §4; RFC 8693 §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import OAuthError
from idp.protocol.authorization import Authorization
from idp.protocol.client import Client
from idp.protocol.resources import invalid_target

SCOPE = "device_sso"
DEVICE_SECRET = "urn:openid:params:token-type:device-secret"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"


@dataclass(frozen=True, slots=True)
class NativeEvidence:
    """
    What a device secret and an ID token turned out to be.

    authorization: the one the secret belongs to, in a session that goes on; None: the secret is nothing that counts.
    id_token:      claims of an ID token of ours, whatever its age; None: it is none.
    ds_hash:       what the ID token must hold for that secret.
    first:         the app that got them; None: it is gone or disabled.
    allowed:       what the person has allowed the asking app.
    sid:           how the asking app knows the session.
    """

    authorization: Authorization | None
    id_token: Mapping[str, Any] | None
    ds_hash: str
    first: Client | None
    allowed: frozenset[str]
    sid: str | None


def is_native(form: Mapping[str, str]) -> bool:
    """Whether a token exchange is one of this kind."""
    return form.get("actor_token_type") == DEVICE_SECRET


def check_native(evidence: NativeEvidence, form: Mapping[str, str], client: Client, issuer: str) -> Authorization:
    """
    1. The request: an ID token as subject, for us.
    2. The secret counts, and the ID token is the one that came with it: same hash, same app, same session.
    3. Both apps are the same agency's, and registered for this.

    Returns: the authorization of the first app.
    Raises:  OAuthError("invalid_request" | "invalid_target" | "unauthorized_client").
    Source:  Native SSO §4.2, §4.3; RFC 8693 §2.2.2.
    """
    if form.get("subject_token_type") != ID_TOKEN or "subject_token" not in form or "actor_token" not in form:
        raise _refused("an ID token is needed as subject_token, and the device secret as actor_token")
    if form.get("audience") != issuer:
        raise invalid_target("audience must be our issuer")
    authorization, claims = evidence.authorization, evidence.id_token
    if authorization is None or evidence.first is None or SCOPE not in authorization.scope:
        raise _refused("the device secret is not one that counts, or its session has ended")
    if claims is None or claims.get("ds_hash") != evidence.ds_hash:
        raise _refused("the ID token does not belong to the device secret")
    if claims.get("aud") != authorization.client_id or claims.get("sid") != authorization.proof.sid:
        raise _refused("the ID token is of another app or session")
    if SCOPE not in client.scope or not _same_agency(client, evidence.first):
        raise OAuthError("unauthorized_client", "this app does not share sign-ins with the one that got the secret")
    return authorization


def scope_of(evidence: NativeEvidence, first: Authorization, client: Client, asked: str | None) -> frozenset[str]:
    """
    What the second app gets: what it asks for, or all that it may have. Nobody is there to be asked for consent, so it
    is what the person has allowed it before; access while she is away only if the first app has it.

    Raises:  OAuthError("invalid_scope").
    """
    possible = client.scope & (evidence.allowed if not client.trusted else client.scope)
    if not first.is_offline or "refresh_token" not in client.grant_types:
        possible -= {"offline_access"}
    scope = possible if asked is None else frozenset(asked.split())
    if not scope or not scope <= possible:
        raise OAuthError("invalid_scope", "the person has not allowed this app that scope: send her to sign in once")
    return scope


def _same_agency(one: Client, other: Client) -> bool:
    return one.organisation_id is not None and one.organisation_id == other.organisation_id


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_request", why)
