"""
Token exchange: the rules. A service that received a person's access token gets one for the next service in its place.

The new token never goes further than the old one: its scope is within it, it ends with it, it belongs to the same
authorization and dies with that. `act` says who acts, and who acted before.

Source: RFC 8693 §2.1, §2.2.2, §4.1, §4.4; RFC 9700 §2.2.1, §2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.errors import OAuthError
from idp.protocol.authorization import Authorization
from idp.protocol.client import Client
from idp.protocol.profiles import TOKEN_EXCHANGE
from idp.protocol.resources import invalid_target, named_resources

GRANT = TOKEN_EXCHANGE
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
MOST_ACTORS = 4
"""How many services one behind the other may act; a longer chain is a mistake or a circle."""


@dataclass(frozen=True, slots=True)
class ProvenToken:
    """
    An access token of ours that counts at this moment.

    authorization: what it came from; None: a machine's.
    """

    claims: Mapping[str, Any]
    authorization: Authorization | None


@dataclass(frozen=True, slots=True)
class ExchangeEvidence:
    """What subject_token and actor_token turned out to be; None: missing, or nothing that counts."""

    subject: ProvenToken | None
    actor: ProvenToken | None = None


def check_types(form: Mapping[str, str], *, opaque: bool) -> None:
    """
    The tokens that are sent and the one that is wanted are of kinds we know.

    Raises:  OAuthError("invalid_request").
    Source:  RFC 8693 §2.1.
    """
    for name in ("subject_token", "subject_token_type"):
        if name not in form:
            raise _refused(f"{name} is missing")
    if ("actor_token" in form) != ("actor_token_type" in form):
        raise _refused("actor_token and actor_token_type belong together")
    for name in ("subject_token_type", "actor_token_type"):
        if form.get(name, ACCESS_TOKEN) not in (ACCESS_TOKEN, JWT):
            raise _refused(f"{name} is not supported")
    wanted = form.get("requested_token_type", ACCESS_TOKEN)
    if wanted != ACCESS_TOKEN and (wanted != JWT or opaque):
        raise _refused("requested_token_type is not one this client gets")


def check_subject(
    subject: ProvenToken | None, client: Client, confirmation: Mapping[str, str]
) -> tuple[Mapping[str, Any], Authorization]:
    """
    The subject token is a person's, and was sent to this very client as the place it is for.

    That client cannot hold the key the token may be bound to: its holder proved it on delivery. But the protection does
    not end here either: what a bound token is exchanged for is bound to a key of this client.

    Raises:  OAuthError("invalid_request").
    Source:  RFC 8693 §2.2.2, §5; RFC 9700 §2.2.1 (no downgrade).
    """
    if subject is None:
        raise _refused("the subject token is not one that counts")
    if client.resource is None or subject.claims["aud"] != client.resource:
        raise _refused("the subject token was not meant for this client")
    if subject.authorization is None:
        raise _refused("the subject token is no person's")
    if "cnf" in subject.claims and not confirmation:
        raise _refused("the subject token is bound to a key: prove one, so that the new one is bound too")
    return subject.claims, subject.authorization


def actor_of(
    evidence: ExchangeEvidence, form: Mapping[str, str], client: Client, confirmation: Mapping[str, str]
) -> dict[str, Any]:
    """
    The `act` of the new token: the client, or who is named by an actor token of the client's own, and before them
    whoever acted already.

    Raises:  OAuthError("invalid_request"): the actor token is not the client's own or not from this sender, the chain
             is too long, or the subject token says that others may act.
    Source:  RFC 8693 §4.1, §4.4.
    """
    act: dict[str, Any] = {"sub": client.client_id}
    if "actor_token" in form:
        actor = evidence.actor
        if actor is None or actor.claims["client_id"] != client.client_id or "act" in actor.claims:
            raise _refused("the actor token is not one of this client's own that counts")
        if actor.claims.get("cnf", confirmation) != confirmation:
            raise _refused("the actor token is bound to another key")
        act = {"sub": actor.claims["sub"], "client_id": client.client_id}
    subject = evidence.subject.claims if evidence.subject is not None else {}
    before = subject.get("act")
    if before is not None:
        act["act"] = before
    if _length(act) > MOST_ACTORS:
        raise _refused(f"more than {MOST_ACTORS} would act one behind the other")
    allowed = subject.get("may_act")
    if allowed is not None and not _allows(allowed, act, client):
        raise _refused("the subject token may be used by another actor only")
    return act


def _length(act: Mapping[str, Any]) -> int:
    length, link = 1, act
    while isinstance(link.get("act"), dict) and length <= MOST_ACTORS:
        length, link = length + 1, link["act"]
    return length


def _allows(allowed: Any, act: Mapping[str, Any], client: Client) -> bool:
    """Whether every member of may_act is met, and there is one. A member that we do not know is met by nobody."""
    known = {"sub": act["sub"], "client_id": client.client_id}
    return isinstance(allowed, dict) and bool(allowed) and all(known.get(name) == it for name, it in allowed.items())


def target_of(form: Mapping[str, str], client: Client) -> str:
    """
    The one place the new token is for, of those an operator has allowed this client to reach.

    Raises:  OAuthError("invalid_target").
    Source:  RFC 8693 §2.1, §2.2.2.
    """
    named = {*named_resources(form), *named_resources(form, "audience")}
    possible = named or set(client.exchange_audiences)
    if len(possible) != 1:
        raise invalid_target("name the one resource that the token is to be for")
    (target,) = possible
    if target not in client.exchange_audiences:
        raise invalid_target("this client may not exchange tokens for that resource")
    return target


def _refused(why: str) -> OAuthError:
    """Source: RFC 8693 §2.2.2: invalid_request, whatever is wrong with a token."""
    return OAuthError("invalid_request", why)
