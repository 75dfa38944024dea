"""
POST /register: a client registers itself (RFC 7591, OpenID Connect Dynamic Client Registration).

1. Charge the attempt to its network, so that nobody fills the table or has addresses fetched by the thousand.
2. Gather: the invitation behind the initial access token, where one came.
3. Judge: the metadata, under the policy of the invitation or of open registration.
4. Act, in one transaction: spend the token, then add the client. A token whose last use somebody else took in the same
   moment leaves nothing behind.

Source: RFC 7591 §3; OpenID Connect Registration §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from base import audit
from base.ids import hash_secret, new_id, new_secret
from idp.errors import OAuthError, RegistrationRefused, RegistrationThrottled
from idp.events import ClientRegistered
from idp.flows.fetch_logo import want_logo
from idp.flows.register_client import NO_PURPOSE, answer_of, digest_of, judged, secret_for
from idp.flows.spend_fetch import spend_fetch
from idp.flows.visitor import registration_bucket
from idp.protocol import endpoints
from idp.protocol.registration_policies import policy_named
from idp.services import IdpServices
from idp.store import clients, throttle
from idp.store.initial_access_tokens import Invitation, find_invitation, spend_invitation

BEARER = 'Bearer realm="antin-registration"'


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody may register. by: token or open; token_hash: what is spent, "" for open registration."""

    by: str
    invitation: Invitation
    token_hash: str


def register_dynamically(
    services: IdpServices, unverified: Mapping[str, Any], token: str | None, address: str
) -> dict[str, Any]:
    """
    The client information response.

    token: of the Authorization header, unchecked. address: the peer's.
    Raises:  OAuthError("access_denied" | "invalid_token"), RegistrationRefused, RegistrationThrottled,
             FetchesThrottled.
    """
    bucket, now = registration_bucket(services, address), services.base.clock.now()
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, [bucket], now)
    if blocked_until:
        raise RegistrationThrottled(blocked_until - now)
    way = _way(services, token, now)
    if "sector_identifier_uri" in unverified:
        spend_fetch(services, address)
    answer = _register(services, unverified, way, now)
    if way.by == "token":
        with services.base.db.begin() as connection:
            throttle.give_back(connection, [bucket])
    return answer


def _way(services: IdpServices, token: str | None, now: int) -> Way:
    """A token counts wherever registration is not closed: with it, an agency's policy also where anybody may come."""
    mode = services.settings.registration
    if mode == "closed":
        raise OAuthError("access_denied", "registration is closed", status=403)
    if token is None:
        if mode == "token":
            raise OAuthError("invalid_token", "an initial access token is needed", status=401, challenge=BEARER)
        return Way("open", Invitation(services.settings.registration_policy, None), "")
    token_hash = hash_secret(token)
    with services.base.db.read() as connection:
        invitation = find_invitation(connection, token_hash, now)
    if invitation is None:
        raise refused_token()
    return Way("token", invitation, token_hash)


def _register(services: IdpServices, unverified: Mapping[str, Any], way: Way, now: int) -> dict[str, Any]:
    check_not_ours(unverified)
    client_id, manage = new_id("client"), new_secret()
    invitation = way.invitation
    given = {name: value for name, value in unverified.items() if name != "client_id"}
    valid = judged(
        services,
        {**given, "client_id": client_id},
        organisation_id=invitation.organisation_id,
        policy=policy_named(invitation.policy),
    )
    secret = secret_for(valid)
    with services.base.db.begin() as connection:
        if way.token_hash and not spend_invitation(connection, way.token_hash, now):
            raise refused_token()
        clients.add_client(
            connection,
            valid,
            secret_hash=hash_secret(secret) if secret else None,
            organisation_id=invitation.organisation_id,
            purpose=NO_PURPOSE,
            trusted=False,
            now=now,
            registered=clients.Registered(way.by, invitation.policy, hash_secret(manage)),
        )
        want_logo(connection, services, valid)
        audit.append(connection, services.base.clock, ClientRegistered(client_id, digest_of(valid)))
    return {**answer_of(valid, now, secret), **management_of(services, client_id, manage)}


def management_of(services: IdpServices, client_id: str, token: str) -> dict[str, str]:
    """Where and by what the client manages itself: always both. Source: OpenID Connect Registration §3.2."""
    return {
        "registration_client_uri": f"{services.issuer}{endpoints.REGISTER}/{client_id}",
        "registration_access_token": token,
    }


def check_not_ours(unverified: Mapping[str, Any]) -> None:
    """
    A software statement would be somebody's signed word about the client, and we know nobody whose word counts; to
    leave it out in silence would be to act against it.

    Raises:  RegistrationRefused. Source: RFC 7591 §2.3, §3.2.2.
    """
    if "software_statement" in unverified:
        raise RegistrationRefused("unapproved_software_statement", "software statements are not accepted")


def refused_token() -> OAuthError:
    """Unknown, expired, used up and another client's look alike. Source: RFC 6750 §3.1."""
    why = "the token does not count here"
    return OAuthError("invalid_token", why, status=401, challenge=f'{BEARER}, error="invalid_token"')
