"""JWT bearer grant: what an assertion really is; using it up; and trusting an issuer in the first place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from base import audit
from idp.accounts.usernames import BadUsername, canonical_username
from idp.errors import OAuthError, RegistrationRefused
from idp.events import AssertionAccepted, IssuerTrusted
from idp.oauth.grants.base import Entitlement
from idp.protocol.client import Client
from idp.protocol.trusted_issuers import (
    AssertionEvidence,
    TrustedIssuer,
    check_assertion,
    read_trusted_issuer,
    unverified_issuer,
)
from idp.services import EVERY_ISSUER, IdpServices
from idp.store.grants import add_sessionless_grant
from idp.store.revoked import AlreadySpent, spend_identifier
from idp.store.trusted_issuers import add_trusted_issuer
from idp.store.users import active_id_of
from keys.errors import JoseError

KIND = "jwt_bearer"
SKEW_SECONDS = 60
ASSERTION_TYPES = (None, "JWT", "authorization-grant+jwt")
"""The `typ` of an assertion: none or JWT as in RFC 7523, or that of its update; a token of another kind is not one."""


def gather(services: IdpServices, _client: Client, form: Mapping[str, str], now: int) -> AssertionEvidence:
    """One query for a person, none for a machine; the keys of the issuer are kept, and fetched anew when none fits."""
    ends_at = now + services.settings.access_token_lifetime_seconds
    unverified = form.get("assertion", "")
    issuer = (services.trusted_issuers.get(EVERY_ISSUER) or {}).get(unverified_issuer(unverified) or "")
    if issuer is None:
        return AssertionEvidence(None, None, None, ends_at)
    claims = _verified(services, issuer, unverified, anew=False)
    if claims is None and issuer.jwks_uri is not None:
        claims = _verified(services, issuer, unverified, anew=True)
    user_id = _person(services, issuer, claims) if claims is not None else None
    return AssertionEvidence(issuer, claims, user_id, ends_at)


def _verified(services: IdpServices, issuer: TrustedIssuer, unverified: str, *, anew: bool) -> dict[str, Any] | None:
    try:
        return services.keys.verify_jwt_with(
            unverified,
            services.client_keys.of(issuer, anew),
            algs=issuer.algorithms,
            typ=ASSERTION_TYPES,
            issuer=issuer.issuer,
            audience=services.issuer,
        )
    except JoseError:
        return None


def _person(services: IdpServices, issuer: TrustedIssuer, claims: Mapping[str, Any]) -> str | None:
    username = issuer.username_of(claims)
    if username is None:
        return None
    try:
        canonical = canonical_username(username)
    except BadUsername:
        return None
    with services.base.db.read() as connection:
        return active_id_of(connection, canonical)


def use_up(services: IdpServices, entitlement: Entitlement, evidence: AssertionEvidence, now: int) -> None:
    """
    Spend the jti, begin the person's authorization, and record it, in one transaction before anything is minted.

    Raises:  OAuthError("invalid_grant"): the assertion was used before, in whichever process.
    """
    client, authorization = entitlement.client, entitlement.authorization
    assertion = check_assertion(evidence, client, services.issuer, now)
    event = AssertionAccepted(
        issuer=assertion.issuer,
        client_id=client.client_id,
        user_id=authorization.user_id if authorization else "",
        grant_id=authorization.id if authorization else "",
        scope=" ".join(sorted(entitlement.scope)),
    )
    try:
        with services.base.db.begin() as connection:
            ends_at = assertion.expires_at + SKEW_SECONDS
            spend_identifier(connection, KIND, f"{assertion.issuer}\0{assertion.jti}", ends_at)
            if authorization is not None:
                add_sessionless_grant(connection, authorization, now)
            audit.append(connection, services.base.clock, event)
    except AlreadySpent:
        raise OAuthError("invalid_grant", "the assertion was used before") from None


def trust(services: IdpServices, unverified: Mapping[str, Any]) -> TrustedIssuer:
    """Add a trusted issuer: one row, one audit event. Raises: RegistrationRefused."""
    issuer, clock = read_trusted_issuer(unverified), services.base.clock
    try:
        with services.base.db.begin() as connection:
            add_trusted_issuer(connection, issuer.issuer, unverified, clock.now())
            audit.append(connection, clock, IssuerTrusted(issuer.issuer, sorted(issuer.clients), sorted(issuer.scope)))
    except IntegrityError:
        raise RegistrationRefused("invalid_client_metadata", "the issuer is trusted already") from None
    return issuer
