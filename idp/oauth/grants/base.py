"""
The phases every grant shares; a grant plugs in what differs. Nobody can forget a shared step: run() has them all.

The order that matters: a ticket (code, refresh token) is spent in the database before a token is minted, by a
statement that only one of any number of parallel requests can win. Who comes second has presented a spent ticket: that
is theft or a client that lost count, and ends the whole family either way (RFC 9700 §4.14.2; RFC 6749 §4.1.2), unless
the grant says that the answer may be repeated for a moment, because the client may never have received it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from base.ids import new_secret
from idp.errors import OAuthError
from idp.protocol.authorization import Authorization
from idp.protocol.client import Client
from idp.protocol.details import is_lasting, narrowed_details
from idp.protocol.resources import Resources, invalid_target, named_resources, scope_at


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """
    An authenticated client and the form it sent. now: epoch seconds.

    refresh_lifetime: seconds a new refresh token lives unless its grant ends sooner.
    jkt:              thumbprint of the key the sender has proven to hold, None without a proof.
    x5t:              SHA-256 of the certificate it binds its tokens to, None without one.
    refresh_grace:    seconds in which a spent refresh token gets the same answer again.
    successor_of:     the refresh token that follows a given one; only this installation can compute it.
    resources:        the resource servers that are registered.
    confirmation:     what its tokens will be bound to (protocol/sender_constraint.py).
    issuer:           our own.
    evidence:         what flows/errands.py has gathered, for a grant that needs it.
    """

    client: Client
    form: Mapping[str, str]
    now: int
    refresh_lifetime: int
    jkt: str | None
    refresh_grace: int
    successor_of: Callable[[str], str]
    resources: Resources = field(default_factory=dict)
    confirmation: Mapping[str, str] = field(default_factory=dict)
    evidence: object = None
    x5t: str | None = None
    issuer: str = ""

    @property
    def holds(self) -> str | None:
        """One word for what the sender has proven to hold."""
        return self.jkt or self.x5t


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    A one-time secret as the database knows it, with the authorization it stands for.

    spent_at: when it was used (epoch seconds), None as long as it was not.
    is_live:  neither it nor its grant has expired or was revoked, and its person is active.
    dpop_jkt: thumbprint of the key it is bound to, None if to none; x5t: of the certificate.
    spent_by: what its sender had proven to hold when it was used.
    """

    secret_hash: str
    client_id: str
    authorization: Authorization
    redirect_uri: str | None
    code_challenge: str | None
    spent_at: int | None
    is_live: bool
    expires_at: int = 0
    dpop_jkt: str | None = None
    x5t: str | None = None
    spent_by: str | None = None

    @property
    def is_spent(self) -> bool:
        """Whether it was used before."""
        return self.spent_at is not None

    def is_bound_elsewhere(self, jkt: str | None, x5t: str | None = None) -> bool:
        """Whether it is bound to a key or a certificate that this sender did not prove."""
        return (self.dpop_jkt is not None and self.dpop_jkt != jkt) or (self.x5t is not None and self.x5t != x5t)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A one-time secret for which there is nothing to have: the person has not answered, refused, or was too late."""

    secret_hash: str
    client_id: str
    is_denied: bool
    is_expired: bool
    dpop_jkt: str | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """
    The refresh token that is stored in the transaction that spends the ticket, and what it is bound to.

    spent_by: what the sender had proven to hold; kept with the ticket it spends.
    """

    token: str
    expires_at: int
    dpop_jkt: str | None = None
    x5t: str | None = None
    spent_by: str | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """The one place an access token is for (None: this server itself), and its scope there."""

    audience: str | None
    scope: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """
    What may be minted. authorization None: the client acts for itself.

    scope: what the answer is about; nonce: for the ID token; successor: the refresh token that goes along.
    aim:   where the access token goes and what it carries there; None: where the client's registration says.
    act:   who acts for the person (RFC 8693 §4.1); issued_token_type: for the answer to a token exchange.
    keeps_ticket: the ticket is not used up by it.
    """

    client: Client
    authorization: Authorization | None
    scope: frozenset[str]
    nonce: str | None = None
    successor: Successor | None = None
    aim: Aim | None = None
    act: Mapping[str, Any] | None = None
    issued_token_type: str | None = None
    keeps_ticket: bool = False


class Ledger(Protocol):
    """The one-time secrets of one kind; flows/ledgers.py has them stand on the database."""

    def find(self, unverified_secret: str) -> Ticket | Waiting | None:
        """One read."""
        ...

    def spend(self, ticket: Ticket, successor: Successor | None) -> bool:
        """Spend it and store its successor, both or neither. False: somebody was faster."""
        ...

    def end_family(self, ticket: Ticket) -> None:
        """A spent ticket came back: revoke its grant and record it."""
        ...


class TicketBurnt(OAuthError):
    """The ticket was presented by its own client, but wrongly: it is spent so that nobody can go on guessing."""


class Grant(ABC):
    """One grant type."""

    name: ClassVar[str]
    ticket_parameter: ClassVar[str | None] = None
    """The form parameter that holds its one-time secret; None: it has none."""
    takes_details: ClassVar[bool] = False
    """Whether a request of it may name authorization details (RFC 9396 §6)."""
    needs_evidence: ClassVar[bool] = False
    """Whether flows/errands.py has to gather something for it."""

    @abstractmethod
    def judge(self, request: TokenRequest, ticket: Ticket | None) -> Entitlement:
        """
        What the request entitles to. Pure. `ticket` is of this client, live, and unspent unless may_repeat() allows it.

        Raises:  OAuthError: refused, and the ticket stays. TicketBurnt: refused, and the ticket is spent.
        """

    def may_repeat(self, request: TokenRequest, ticket: Ticket) -> bool:
        """Whether a spent ticket gets the same answer again. Pure. A grant that says yes must derive, not draw."""
        return False

    def not_yet(self, request: TokenRequest, waiting: Waiting, ledger: Ledger) -> OAuthError:
        """What its own client hears of a ticket that a person has not decided; only deferred grants have such."""
        return self._refused("is unknown")

    def run(self, request: TokenRequest, ledger: Ledger | None) -> Entitlement:
        """
        Raises:  OAuthError.

        1. The client must be registered for this grant, which must know what to do with authorization details.
        2. Gather: find the ticket; unknown or another client's is refused and left alone. One that a person has yet
           to decide is for not_yet().
        3. A spent ticket ends its family; a dead one is refused.
        4. Judge what differs from grant to grant.
        5. Act: spend the ticket and store its successor, before anything is minted. Losing that race is a replay. A
           ticket that is no one-time secret for this client stays.
        6. A replay that may have the answer again gets it; nothing is written for it.
        """
        if self.name not in request.client.grant_types:
            raise OAuthError("unauthorized_client", f"the client is not registered for {self.name}")
        if "authorization_details" in request.form and not self.takes_details:
            raise OAuthError("invalid_authorization_details", "authorization_details need a person who grants them")
        if self.ticket_parameter is None or ledger is None:
            return self.judge(request, None)
        ticket = self._own_ticket(request, ledger)
        try:
            entitlement = self.judge(request, ticket)
        except TicketBurnt:
            ledger.spend(ticket, None)
            raise
        if entitlement.keeps_ticket:
            return entitlement
        if not ticket.is_spent and not ledger.spend(ticket, entitlement.successor):
            self._own_ticket(request, ledger)
        return entitlement

    def _own_ticket(self, request: TokenRequest, ledger: Ledger) -> Ticket:
        assert self.ticket_parameter is not None  # run() has looked
        secret = request.form.get(self.ticket_parameter)
        if secret is None:
            raise OAuthError("invalid_request", f"{self.ticket_parameter} is missing")
        ticket = ledger.find(secret)
        if ticket is None or ticket.client_id != request.client.client_id:
            raise self._refused("is unknown")
        if isinstance(ticket, Waiting):
            raise self.not_yet(request, ticket, ledger)
        if ticket.is_spent and not self.may_repeat(request, ticket):
            ledger.end_family(ticket)
            raise self._refused("is spent")
        if not ticket.is_live:
            raise self._refused("has expired or was revoked")
        return ticket

    def _refused(self, why: str) -> OAuthError:
        return OAuthError("invalid_grant", f"the {self.ticket_parameter} {why}")


def first_refresh_token(request: TokenRequest, authorization: Authorization) -> Successor | None:
    """
    The refresh token that goes along where the client is registered for it; never for authorization details that are
    spent once. That of a client which cannot authenticate is bound to what it holds; one that will not rotate lives as
    long as its grant.

    Source: RFC 9449 §5; RFC 8705 §7.1.
    """
    if "refresh_token" not in request.client.grant_types or not is_lasting(authorization.details):
        return None
    ends_at = authorization.expires_at
    if request.client.profile.rotates:
        ends_at = min(request.now + request.refresh_lifetime, ends_at)
    public = request.client.is_public
    return Successor(
        new_secret(), ends_at, request.jkt if public else None, request.x5t if public else None, request.holds
    )


def narrowed(request: TokenRequest, granted: frozenset[str]) -> frozenset[str]:
    """
    The scope of this request within what was granted; everything, when it names none.

    Raises:  OAuthError("invalid_scope").
    Source:  RFC 6749 §6, §3.3.
    """
    given = request.form.get("scope")
    if given is None:
        return granted
    asked = frozenset(given.split())
    if not asked <= granted:
        raise OAuthError("invalid_scope", "the scope goes beyond what was granted")
    return asked


def detailed(request: TokenRequest, authorization: Authorization) -> Authorization:
    """
    The authorization with the details that this request names, for its own token; with all of them, when it names none.

    Raises:  OAuthError("invalid_authorization_details"): beyond what was granted, or malformed.
    Source:  RFC 9396 §6.
    """
    given = request.form.get("authorization_details")
    if given is None:
        return authorization
    asked = narrowed_details(given, authorization.details)
    return replace(authorization, details=tuple(detail.as_json() for detail in asked))


def aim(request: TokenRequest, scope: frozenset[str], authorization: Authorization | None) -> Aim:
    """
    Where the token of this request goes. authorization None: the client acts for itself.

    1. One resource at most may be named, within what the person was shown: those that were granted, or the client's
       own. A client that acts for itself has those of its registration.
    2. Where none is named: what was granted, if that is one place. With `openid` it is our userinfo endpoint.
    3. At a resource that is registered here, the token carries the scopes that belong there, and at least one.

    Raises:  OAuthError("invalid_target" | "invalid_scope").
    Source:  RFC 8707 §2.2; RFC 9700 §2.3.
    """
    named = named_resources(request.form)
    if not set(named) <= _reachable(request.client, authorization):
        raise invalid_target("the resource is not one this client may use")
    if len(named) > 1:
        raise invalid_target("an access token is for one resource: name one at a time")
    audience = named[0] if named else _unnamed(request.client, scope, authorization)
    at = scope_at(request.resources, audience, scope)
    if scope and not at and not (authorization and authorization.details):
        raise OAuthError("invalid_scope", "nothing of the scope belongs to this resource")
    return Aim(audience, at)


def _reachable(client: Client, authorization: Authorization | None) -> frozenset[str]:
    if authorization is None:
        return client.resources
    own = (client.resource,) if client.resource is not None else ()
    return frozenset(authorization.resources or own)


def _unnamed(client: Client, scope: frozenset[str], authorization: Authorization | None) -> str | None:
    if authorization is not None and "openid" in scope and not authorization.details:
        return None
    granted = authorization.resources if authorization is not None else ()
    possible = granted or ((client.resource,) if client.resource is not None else tuple(client.resources))
    if len(possible) > 1:
        raise invalid_target("several resources are possible: name one")
    return possible[0] if possible else None
