"""
POST /backchannel_authentication: a service asks a person it names, who answers on her own account page.

1. Authenticate the client and the key it sends from, as at the token endpoint.
2. Gather and judge: what it signed, then the table of protocol/steps.py.
3. Find the person. One that does not exist and one whose account is out of use get the same answer after the same
   query; a service that asks for many such is not answered any more.
4. Act, in one transaction: the signed request's identifier is used up, one row, one audit event.

Source: OpenID Connect CIBA Core 1.0 §7, §13.
"""

from __future__ import annotations

from typing import Any

import orjson

from base import audit
from base.ids import letters_of, new_id, new_secret
from idp.errors import OAuthError
from idp.events import BackchannelRequested
from idp.flows.authenticate_client import authenticate_sender
from idp.flows.backchannel_facts import SignedRequest, gather_backchannel, person_hinted
from idp.flows.judge_deferred import judged, kept
from idp.oauth.client_auth.base import Presented
from idp.protocol.deferred import CIBA
from idp.protocol.request import AuthorizeRequest
from idp.services import IdpServices
from idp.store import throttle
from idp.store.deferred_requests import NewRequest, add_deferred, count_waiting
from idp.store.revoked import AlreadySpent, spend_identifier
from idp.store.sealed import notice_context
from idp.store.throttle import Bucket


def authenticate_elsewhere(services: IdpServices, presented: Presented) -> dict[str, Any]:
    """
    The answer with `auth_req_id`.

    Raises:  OAuthError: of the client's authentication, of the first rule that refuses, `unknown_user_id`, or
             `access_denied` (too many requests of this service).
    """
    sender = authenticate_sender(services, presented)
    client = sender.client
    if CIBA not in client.grant_types:
        raise OAuthError("unauthorized_client", "the client is not registered for the backchannel")
    parameters = kept(presented.form)
    signed, facts = gather_backchannel(services, client, parameters)
    request = judged(services, client, parameters, "ciba", facts)
    user_id = _person(services, request)
    auth_req_id, request_id, now = new_secret(), new_id("dfr"), services.base.clock.now()
    lifetime = services.settings.ciba_lifetime_seconds
    lifetime = min(lifetime, request.elsewhere.expires_in or lifetime)
    new = NewRequest(
        id=request_id,
        kind="ciba",
        secret=auth_req_id,
        user_code_mac=None,
        client_id=client.client_id,
        user_id=user_id,
        parameters=_without_secrets(request),
        dpop_jkt=sender.jkt,
        sealed_notice=_sealed_notice(services, request, request_id, auth_req_id),
        interval_seconds=services.settings.poll_interval_seconds,
        created_at=now,
        expires_at=now + lifetime,
    )
    _write(services, new, signed)
    return {"auth_req_id": auth_req_id, "expires_in": lifetime, "interval": new.interval_seconds}


def _person(services: IdpServices, request: AuthorizeRequest) -> str:
    """Charged before anything is looked up, and given back for a person who exists."""
    client_id, now = request.client.client_id, services.base.clock.now()
    key = letters_of(services.keys.mac("idp.throttle", "ciba", client_id))
    buckets = [Bucket(key, services.settings.ciba_unknown_people, services.settings.throttle_window_seconds)]
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, buckets, now)
        user_id = None if blocked_until else person_hinted(services, connection, request)
        if user_id is not None:
            throttle.give_back(connection, buckets)
            most = services.settings.ciba_waiting_most
            crowded = count_waiting(connection, user_id, client_id, now) >= most
    if blocked_until:
        raise OAuthError("access_denied", "too many people asked for who do not exist", status=403)
    if user_id is None:
        raise OAuthError("unknown_user_id", "nobody can be asked by that hint")
    if crowded:
        raise OAuthError("access_denied", "too many requests wait for this person", status=403)
    return user_id


def _write(services: IdpServices, new: NewRequest, signed: SignedRequest | None) -> None:
    try:
        with services.base.db.begin() as connection:
            if signed is not None:
                spend_identifier(connection, "ciba_request", f"{new.client_id}\0{signed.jti}", signed.expires_at + 60)
            add_deferred(connection, new)
            event = BackchannelRequested(new.id, new.client_id, new.user_id or "")
            audit.append(connection, services.base.clock, event)
    except AlreadySpent:
        raise OAuthError("invalid_request", "the signed request was used before") from None


def _without_secrets(request: AuthorizeRequest) -> dict[str, str]:
    """What is kept in clear: what the person will be shown, and nothing that opens anything."""
    secret = {"client_notification_token", "id_token_hint"}
    return {name: value for name, value in request.parameters.items() if name not in secret}


def _sealed_notice(services: IdpServices, request: AuthorizeRequest, request_id: str, auth_req_id: str) -> bytes | None:
    """What a ping needs: the id that is otherwise only a hash here, and the client's token."""
    token = request.elsewhere.notification_token
    if not token:
        return None
    return services.keys.seal(orjson.dumps([auth_req_id, token]), notice_context(request_id))
