"""
GET, PUT and DELETE /register/<client_id>: a client reads, replaces and deletes its own registration (RFC 7592).

A registration access token counts for its own client alone: both are looked up together. Opening or closing
registration changes nothing here.

Source: RFC 7592 §2, §3, §5; OpenID Connect Registration §4.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from base import audit
from base.ids import hash_secret, new_secret
from idp.errors import RegistrationRefused, RegistrationThrottled
from idp.events import ClientDeleted, ClientReplaced
from idp.flows.fetch_logo import want_logo
from idp.flows.register_client import answer_of, digest_of, judged, secret_for
from idp.flows.register_dynamically import check_not_ours, management_of, refused_token
from idp.flows.spend_fetch import spend_fetch
from idp.flows.visitor import registration_bucket
from idp.protocol.registration import is_client_id
from idp.protocol.registration_policies import policy_named
from idp.services import IdpServices
from idp.store import clients, endings, throttle
from idp.store.clients import ManagedClient

OURS = frozenset(
    {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
)
"""What a replacement must not hold (RFC 7592 §2.2)."""

FETCHED = frozenset({"sector_identifier_uri", "logo_uri"})
"""What a registration makes us fetch."""


def read_client(services: IdpServices, unverified_id: str, token: str | None) -> dict[str, Any]:
    """
    The registration as it stands, with the token that was shown. Its secret is kept only as a hash and not told again.

    Raises:  OAuthError("invalid_token").
    """
    found, shown = _found(services, unverified_id, token)
    return {**answer_of(found.metadata, found.created_at, None), **management_of(services, unverified_id, shown)}


def replace_client(
    services: IdpServices, unverified_id: str, token: str | None, unverified: Mapping[str, Any], address: str
) -> dict[str, Any]:
    """
    Put new metadata in the place of the old ones, all of them; what is left out falls back to its default.

    The answer holds a new registration access token, and a secret where one was made: the client did not have one, or
    now has one. Of two replacements with one token, one is refused.

    address: the peer's. Every replacement counts into what its network may register, unless it was right and makes us
    fetch nothing.
    Raises:  OAuthError("invalid_token"), RegistrationRefused, RegistrationThrottled, FetchesThrottled.

    1. Gather the client by its token. 2. Judge as at registration, under the same policy and organisation.
    3. Act: one conditional UPDATE by the token at hand.
    """
    bucket, now = registration_bucket(services, address), services.base.clock.now()
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, [bucket], now)
    if blocked_until:
        raise RegistrationThrottled(blocked_until - now)
    answer = _replaced(services, unverified_id, token, unverified, address)
    if FETCHED.isdisjoint(unverified):
        with services.base.db.begin() as connection:
            throttle.give_back(connection, [bucket])
    return answer


def _replaced(
    services: IdpServices, unverified_id: str, token: str | None, unverified: Mapping[str, Any], address: str
) -> dict[str, Any]:
    found, shown = _found(services, unverified_id, token)
    _check_replacement(unverified, unverified_id, found)
    check_not_ours(unverified)
    if "sector_identifier_uri" in unverified:
        spend_fetch(services, address)
    given = {name: value for name, value in unverified.items() if name != "client_secret"}
    valid = judged(services, given, organisation_id=found.organisation_id, policy=policy_named(found.policy))
    secret, secret_hash = None, None
    if valid["token_endpoint_auth_method"].startswith("client_secret_"):
        secret = secret_for(valid) if found.secret_hash is None else None
        secret_hash = found.secret_hash if secret is None else hash_secret(secret)
    fresh = new_secret()
    with services.base.db.begin() as connection:
        if not clients.replace_client(
            connection,
            valid,
            secret_hash=secret_hash,
            token_hash=hash_secret(shown),
            new_token_hash=hash_secret(fresh),
        ):
            raise refused_token()
        want_logo(connection, services, valid, found.metadata)
        audit.append(connection, services.base.clock, ClientReplaced(unverified_id, digest_of(valid)))
    return {**answer_of(valid, found.created_at, secret), **management_of(services, unverified_id, fresh)}


def delete_client(services: IdpServices, unverified_id: str, token: str | None) -> None:
    """
    Delete a registration: it is unknown from here on, and every authorization and consent it had has ended.

    Raises:  OAuthError("invalid_token").
    """
    _, shown = _found(services, unverified_id, token)
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        if not clients.delete_client(connection, unverified_id, hash_secret(shown), now):
            raise refused_token()
        ended = endings.revoke_everything_of(connection, unverified_id, now)
        audit.append(connection, services.base.clock, ClientDeleted(unverified_id, ended))


def _found(services: IdpServices, unverified_id: str, token: str | None) -> tuple[ManagedClient, str]:
    if token is None or not is_client_id(unverified_id):
        raise refused_token()
    with services.base.db.read() as connection:
        found = clients.managed_client(connection, unverified_id, hash_secret(token))
    if found is None:
        raise refused_token()
    return found, token


def _check_replacement(unverified: Mapping[str, Any], client_id: str, found: ManagedClient) -> None:
    """Raises: RegistrationRefused. Source: RFC 7592 §2.2."""
    excess = OURS & unverified.keys()
    if excess:
        raise RegistrationRefused("invalid_client_metadata", f"{', '.join(sorted(excess))} must not be sent")
    if unverified.get("client_id") != client_id:
        raise RegistrationRefused("invalid_client_metadata", "client_id must be the client's own")
    secret = unverified.get("client_secret")
    if secret is None:
        return
    known = found.secret_hash or ""
    if not isinstance(secret, str) or not hmac.compare_digest(hash_secret(secret), known):
        raise RegistrationRefused("invalid_client_metadata", "client_secret cannot be chosen")
