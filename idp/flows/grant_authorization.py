"""The act of the authorization endpoint: one transaction that grants, with a code where the response type has one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from base.ids import new_id
from idp.accounts.assurance import acr_of, amr_of, auth_time_of
from idp.events import AuthorizationGranted
from idp.flows.present import Present
from idp.oauth.subjects import sid_elsewhere_for, sid_for
from idp.protocol.authorization import Authorization, Proof
from idp.protocol.claims import PERSONAL
from idp.protocol.interaction import Interaction
from idp.protocol.request import AuthorizeRequest
from idp.services import IdpServices
from idp.store.codes import code_row
from idp.store.granting import grant
from idp.store.pushed_requests import use_pushed
from idp.store.revoked import spend_identifier
from idp.store.sessions import SessionFacts


class Ended(Exception):
    """The session, or the consent, ended between the look at it and the act; nothing was granted."""


class PushedUsed(Exception):
    """Something was granted on this pushed request a moment ago; nothing was granted on it now."""


def grant_authorization(
    services: IdpServices, request: AuthorizeRequest, interaction: Interaction, present: Present, code: str | None
) -> Authorization:
    """
    Write the authorization and its code. Returns what was granted; tokens are minted of it only now. Somebody is
    present.

    Raises:  Ended; PushedUsed; AlreadySpent: the consent given in this interaction has been used. Nothing is written
             then.

    1. Use up the pushed request, if it came as one; of many tabs one gets through.
    2. Spend the consent of this interaction, if it rests on one: the unique key lets one of many requests through.
    3. Add the grant, in a session that is still living; the code by its hash, if there is one; the service to the
       session; and last, because the audit head is locked from here to the commit, the event.

    What has nothing to use up is, on PostgreSQL, one statement and its own transaction; the statement that begins the
    session of somebody who just signed in travels with it.
    """
    session, beginning, consent = present.session, present.beginning, present.consent
    assert session is not None
    now = services.base.clock.now()
    authorization = authorization_for(services, request, session, now)
    row = None if code is None else _code_row(services, request, code, now)
    database, uses_up = services.base.db, request.pushed is not None or "consent" in interaction.done
    if uses_up and beginning is not None:
        beginning.finish()
    with database.begin() if uses_up or database.is_sqlite else database.once() as connection:
        if request.pushed is not None and not use_pushed(connection, request.pushed, now):
            raise PushedUsed
        if "consent" in interaction.done:
            ends_at = interaction.started_at + services.settings.interaction_lifetime_seconds
            spend_identifier(connection, "consent", interaction.id, ends_at)
        if beginning is not None:
            beginning.travel(connection)
        event, consented_at = granted_event(authorization), None if consent is None else consent.granted_at
        is_granted = grant(connection, services.base.clock, authorization, row, event, now, consented_at)
        if beginning is not None:
            beginning.arrived()
        if not is_granted:
            raise Ended
    return authorization


def _code_row(services: IdpServices, request: AuthorizeRequest, code: str, now: int) -> dict[str, Any]:
    return code_row(
        code=code,
        client_id=request.client.client_id,
        redirect_uri=request.target.redirect_uri,
        code_challenge=request.code_challenge,
        now=now,
        expires_at=now + min(services.settings.code_lifetime_seconds, 60),
        dpop_jkt=request.dpop_jkt,
    )


def authorization_for(
    services: IdpServices, request: AuthorizeRequest, session: SessionFacts, now: int, *, elsewhere: bool = False
) -> Authorization:
    """What a judged request becomes when the person of this session grants it; elsewhere: to another device."""
    sid = sid_elsewhere_for if elsewhere else sid_for
    lasting = now + services.settings.offline_grant_lifetime_seconds
    return Authorization(
        id=new_id("grt"),
        client_id=request.client.client_id,
        user_id=session.user_id,
        session_id=session.id,
        scope=request.scope,
        proof=Proof(
            acr=acr_of(session.factors),
            amr=tuple(amr_of(session.factors)),
            auth_time=auth_time_of(session.factors),
            otp_time=session.factors.get("otp"),
            sid=sid(services.keys, request.client, session.id),
        ),
        nonce=request.nonce,
        userinfo_claims=tuple(sorted(PERSONAL & request.claims.userinfo.keys())),
        id_token_claims=tuple(sorted(PERSONAL & request.claims.id_token.keys())),
        details=tuple(detail.as_json() for detail in request.details),
        expires_at=lasting if "offline_access" in request.scope else session.expires_at,
        resources=request.resources,
    )


def granted_event(authorization: Authorization) -> AuthorizationGranted:
    """The audit event of a grant."""
    digest = ""
    if authorization.details:
        canonical = json.dumps(authorization.details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
    return AuthorizationGranted(
        grant_id=authorization.id,
        client_id=authorization.client_id,
        user_id=authorization.user_id,
        session_id=authorization.session_id or "",
        scope=" ".join(sorted(authorization.scope)),
        acr=authorization.proof.acr,
        details_digest=digest,
    )
