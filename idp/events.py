"""Audit events of the identity provider: opaque identifiers, enumerated words, digests and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from base.audit import Event


@dataclass(frozen=True, slots=True)
class AuthorizationGranted(Event):
    """A service received an authorization; `details_digest` is the SHA-256 (hex) of what was authorised in detail."""

    kind: ClassVar[str] = "idp.authorization.granted"
    grant_id: str
    client_id: str
    user_id: str
    session_id: str
    scope: str
    acr: str
    details_digest: str


@dataclass(frozen=True, slots=True)
class CodeReplayed(Event):
    """A spent code came back; its whole family of tokens was revoked."""

    kind: ClassVar[str] = "idp.code.replayed"
    grant_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class RefreshTokenReused(Event):
    """A spent refresh token came back; its whole family of tokens was revoked."""

    kind: ClassVar[str] = "idp.refresh_token.reused"
    grant_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class GrantRevoked(Event):
    """An authorization and all its tokens ended; `reason` is an enumerated word (client, person, session, …)."""

    kind: ClassVar[str] = "idp.grant.revoked"
    grant_id: str
    client_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccessTokenRevoked(Event):
    """One access token was revoked by its client before its time."""

    kind: ClassVar[str] = "idp.access_token.revoked"
    jti: str
    client_id: str


@dataclass(frozen=True, slots=True)
class TokenExchanged(Event):
    """
    A service (`client_id`) got a token that acts for a person at `resource_id`, in exchange for one that was issued to
    `from_client_id`; `by_actor_token` says whether somebody else than the service itself is named as acting.
    """

    kind: ClassVar[str] = "idp.token.exchanged"
    grant_id: str
    user_id: str
    client_id: str
    from_client_id: str
    subject_token_id: str
    resource_id: str
    scope: list[str]
    by_actor_token: bool


@dataclass(frozen=True, slots=True)
class AssertionAccepted(Event):
    """An assertion of a trusted issuer brought a token, for a person or (`user_id` empty) for the client itself."""

    kind: ClassVar[str] = "idp.assertion.accepted"
    issuer: str
    client_id: str
    user_id: str
    grant_id: str
    scope: str


@dataclass(frozen=True, slots=True)
class IssuerTrusted(Event):
    """From now on assertions of this issuer bring tokens to these clients, within this scope."""

    kind: ClassVar[str] = "idp.issuer.trusted"
    issuer: str
    client_ids: list[str]
    scope: list[str]


@dataclass(frozen=True, slots=True)
class SignInShared(Event):
    """An app got an authorization of its own by the device secret of another app of the same agency."""

    kind: ClassVar[str] = "idp.sign_in.shared"
    user_id: str
    session_id: str
    grant_id: str
    client_id: str
    from_client_id: str
    scope: str


@dataclass(frozen=True, slots=True)
class ClientRegistered(Event):
    """A relying party was added; `metadata_digest` is the SHA-256 (hex) of its validated metadata."""

    kind: ClassVar[str] = "idp.client.registered"
    client_id: str
    metadata_digest: str


@dataclass(frozen=True, slots=True)
class ClientDisabled(Event):
    """A relying party was disabled; none of its tokens counts any more."""

    kind: ClassVar[str] = "idp.client.disabled"
    client_id: str


@dataclass(frozen=True, slots=True)
class ResourceRegistered(Event):
    """A resource server was added: its address, and the scopes that belong to it."""

    kind: ClassVar[str] = "idp.resource.registered"
    resource_id: str
    scope: list[str]


@dataclass(frozen=True, slots=True)
class ClientReplaced(Event):
    """A relying party changed its own registration; `metadata_digest` is the SHA-256 (hex) of the new metadata."""

    kind: ClassVar[str] = "idp.client.replaced"
    client_id: str
    metadata_digest: str


@dataclass(frozen=True, slots=True)
class ClientDeleted(Event):
    """A relying party deleted its own registration; `grants` counts the authorizations that ended with it."""

    kind: ClassVar[str] = "idp.client.deleted"
    client_id: str
    grants: int


@dataclass(frozen=True, slots=True)
class ClientInvited(Event):
    """An initial access token was made; it registers `uses` clients under `policy`."""

    kind: ClassVar[str] = "idp.client.invited"
    policy: str
    organisation_id: str
    uses: int


@dataclass(frozen=True, slots=True)
class SignInSucceeded(Event):
    """
    Somebody signed in or proved themselves again. `methods` are RFC 8176 words; `occasion` is sign_in, again (a fresh
    proof in a living session) or step_up (a factor was added to it).
    """

    kind: ClassVar[str] = "idp.sign_in.succeeded"
    user_id: str
    session_id: str
    methods: list[str]
    occasion: str


@dataclass(frozen=True, slots=True)
class SignInFailed(Event):
    """
    An attempt was refused. `reason` is unknown_account, wrong_password, wrong_code, no_second_factor or disabled (a
    throttled one is only counted: a flood must not fill the log); `user_id` is
    empty when nobody has that name (which name was tried is not kept: people type passwords there).
    """

    kind: ClassVar[str] = "idp.sign_in.failed"
    user_id: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class UserCreated(Event):
    """An account was made."""

    kind: ClassVar[str] = "idp.user.created"
    user_id: str
    official: bool


@dataclass(frozen=True, slots=True)
class UserDisabled(Event):
    """An account was disabled."""

    kind: ClassVar[str] = "idp.user.disabled"
    user_id: str


@dataclass(frozen=True, slots=True)
class FactorAdded(Event):
    """An account received a factor; `method` is an RFC 8176 word."""

    kind: ClassVar[str] = "idp.factor.added"
    user_id: str
    method: str


@dataclass(frozen=True, slots=True)
class FactorReplaced(Event):
    """A factor gave way to another of its kind; `method` is an RFC 8176 word. What it proved before proves nothing."""

    kind: ClassVar[str] = "idp.factor.replaced"
    user_id: str
    method: str


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """An account has another password; `by` is person or administrator."""

    kind: ClassVar[str] = "idp.password.changed"
    user_id: str
    by: str


@dataclass(frozen=True, slots=True)
class OrganisationCreated(Event):
    """An agency was added."""

    kind: ClassVar[str] = "idp.organisation.created"
    organisation_id: str


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """
    A session ended; `reason` is logout, rp_logout, person, all, replaced, disabled, administrator or expired. `told`
    counts the services that will be told through their back channel.
    """

    kind: ClassVar[str] = "idp.session.ended"
    user_id: str
    session_id: str
    reason: str
    told: int


@dataclass(frozen=True, slots=True)
class ConsentGranted(Event):
    """A person allowed a service to receive attributes; `scope` and `claims` are names, never values."""

    kind: ClassVar[str] = "idp.consent.granted"
    user_id: str
    client_id: str
    scope: list[str]
    claims: list[str]


@dataclass(frozen=True, slots=True)
class ConsentDenied(Event):
    """A person refused what a service asked for."""

    kind: ClassVar[str] = "idp.consent.denied"
    user_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class ConsentRevoked(Event):
    """A person took a consent back; `grants` counts the authorizations that ended with it."""

    kind: ClassVar[str] = "idp.consent.revoked"
    user_id: str
    client_id: str
    grants: int


@dataclass(frozen=True, slots=True)
class BackchannelRequested(Event):
    """A service asked a person, through the backchannel, to sign in for it."""

    kind: ClassVar[str] = "idp.backchannel.requested"
    request_id: str
    client_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class DeferredAnswered(Event):
    """A person answered a request from another device; `result` is allowed or denied, `way` device or ciba."""

    kind: ClassVar[str] = "idp.deferred.answered"
    request_id: str
    client_id: str
    user_id: str
    way: str
    result: str


@dataclass(frozen=True, slots=True)
class DeferredReplayed(Event):
    """A redeemed device code or authentication request id came back; its whole family of tokens was revoked."""

    kind: ClassVar[str] = "idp.deferred.replayed"
    grant_id: str
    client_id: str
