"""Native SSO: what the device secret and the ID token really are, and the second app's own authorization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from base import audit
from idp.errors import OAuthError
from idp.events import SignInShared
from idp.oauth.device_secrets import grant_of
from idp.oauth.grants.base import Entitlement
from idp.oauth.subjects import sid_elsewhere_for, sid_for
from idp.protocol.authorization import Authorization
from idp.protocol.client import Client
from idp.protocol.id_token import half_hash
from idp.protocol.native_sso import NativeEvidence
from idp.services import IdpServices
from idp.store.consents import TEXT_VERSION, granted
from idp.store.grants import add_grant, find_in_living_session, note_client, note_elsewhere
from idp.store.refresh_tokens import add_refresh_token
from keys.api import TokenType
from keys.errors import JoseError


def gather(services: IdpServices, client: Client, form: Mapping[str, str], now: int) -> NativeEvidence:
    """Two queries: the authorization with its session, and the consent for the asking app."""
    secret = form.get("actor_token", "")
    authorization = _authorization(services, secret, now)
    if authorization is None:
        return NativeEvidence(None, None, "", None, frozenset(), None)
    with services.base.db.read() as connection:
        consent = granted(connection, authorization.user_id, client.client_id)
    current = consent is not None and consent.text_version == TEXT_VERSION
    first = services.clients.get(authorization.client_id)
    return NativeEvidence(
        authorization=authorization,
        id_token=_id_token(services, form.get("subject_token", "")),
        ds_hash=half_hash(secret, first.id_token_alg if first else "ES256"),
        first=None if first is None or first.disabled else first,
        allowed=consent.scope if consent is not None and current else frozenset(),
        sid=(sid_elsewhere_for if _elsewhere(services, first, authorization) else sid_for)(
            services.keys, client, authorization.session_id or ""
        ),
    )


def _elsewhere(services: IdpServices, app: Client | None, authorization: Authorization) -> bool:
    """Whether this app was signed in by another device's session; then those that share the sign-in are, too."""
    return app is not None and authorization.proof.sid == sid_elsewhere_for(
        services.keys, app, authorization.session_id or ""
    )


def _authorization(services: IdpServices, secret: str, now: int) -> Authorization | None:
    grant_id = grant_of(services.keys, secret)
    if grant_id is None:
        return None
    with services.base.db.read() as connection:
        return find_in_living_session(connection, grant_id, now)


def _id_token(services: IdpServices, unverified: str) -> Mapping[str, object] | None:
    try:
        return services.keys.verify_own_jwt(unverified, typ=TokenType.ID, issuer=services.issuer, allow_expired=True)
    except JoseError:
        return None


def write(services: IdpServices, entitlement: Entitlement, evidence: NativeEvidence, now: int) -> None:
    """
    Add the authorization, in a session that is still living, and its refresh token; before anything is minted.

    Raises:  OAuthError("invalid_request"): the session ended a moment ago.
    """
    authorization, successor = entitlement.authorization, entitlement.successor
    assert authorization is not None and evidence.authorization is not None  # noqa: PT018 - the grant saw to it
    session_id, client_id = authorization.session_id or "", authorization.client_id
    event = SignInShared(
        user_id=authorization.user_id,
        session_id=session_id,
        grant_id=authorization.id,
        client_id=client_id,
        from_client_id=evidence.authorization.client_id,
        scope=" ".join(sorted(authorization.scope)),
    )
    with services.base.db.begin() as connection:
        if not add_grant(connection, replace(authorization, session_id=session_id), now):
            raise OAuthError("invalid_request", "the session has ended")
        if successor is not None:
            add_refresh_token(
                connection,
                token=successor.token,
                grant_id=authorization.id,
                client_id=client_id,
                now=now,
                expires_at=successor.expires_at,
                dpop_jkt=successor.dpop_jkt,
                x5t=successor.x5t,
            )
        note = note_elsewhere if _elsewhere(services, entitlement.client, authorization) else note_client
        note(connection, session_id, client_id, authorization.proof.sid or "", now)
        audit.append(connection, services.base.clock, event)
