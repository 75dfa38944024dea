"""Token exchange: what the tokens that are sent really are, and the record of who got what for whom."""

from __future__ import annotations

from collections.abc import Mapping

from base import audit
from idp.events import TokenExchanged
from idp.flows import native_sso
from idp.flows.access_tokens import genuine_claims, is_access_token
from idp.oauth.grants.base import Entitlement
from idp.protocol.client import Client
from idp.protocol.exchange import ExchangeEvidence, ProvenToken
from idp.protocol.native_sso import NativeEvidence, is_native
from idp.services import IdpServices
from idp.store.grants import find_authorization, token_is_live


def gather(
    services: IdpServices, client: Client, form: Mapping[str, str], now: int
) -> ExchangeEvidence | NativeEvidence:
    """One query for each token; two for an opaque one."""
    if is_native(form):
        return native_sso.gather(services, client, form, now)
    subject = _proven(services, form.get("subject_token", ""), now)
    actor = _proven(services, form["actor_token"], now) if "actor_token" in form else None
    return ExchangeEvidence(subject, actor)


def _proven(services: IdpServices, unverified: str, now: int) -> ProvenToken | None:
    claims = genuine_claims(services, unverified) if is_access_token(unverified) else None
    if claims is None:
        return None
    grant_id = claims.get("gid")
    with services.base.db.read() as connection:
        if grant_id is None:
            return ProvenToken(claims, None) if token_is_live(connection, None, claims["jti"], now) else None
        authorization = find_authorization(connection, grant_id, claims["jti"], now)
    return None if authorization is None else ProvenToken(claims, authorization)


def record(
    services: IdpServices, entitlement: Entitlement, evidence: ExchangeEvidence | NativeEvidence, now: int
) -> None:
    """Who acts for whom, where and with what: the one trace of a token that is not stored."""
    if isinstance(evidence, NativeEvidence):
        native_sso.write(services, entitlement, evidence, now)
        return
    authorization, aim, subject = entitlement.authorization, entitlement.aim, evidence.subject
    assert authorization is not None and aim is not None and subject is not None  # noqa: PT018 - the grant saw to it
    event = TokenExchanged(
        grant_id=authorization.id,
        user_id=authorization.user_id,
        client_id=entitlement.client.client_id,
        from_client_id=subject.claims["client_id"],
        subject_token_id=subject.claims["jti"],
        resource_id=aim.audience or "",
        scope=sorted(aim.scope),
        by_actor_token=evidence.actor is not None,
    )
    with services.base.db.begin() as connection:
        audit.append(connection, services.base.clock, event)
