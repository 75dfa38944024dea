"""
Assertions of others as grants: whom we trust, for whom they may speak, and what an assertion must say.

Everything about an issuer is data that an operator writes (`antin issuer add`); nobody is trusted by asking.

Source: RFC 7521 §4.1, §5.2; RFC 7523 §2.1, §3, §3.1; RFC 8725 §3.8, §3.9.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.errors import OAuthError, RegistrationRefused
from idp.protocol.client import Client
from idp.protocol.profiles import ANY_ALGORITHM, JWT_BEARER, STRONG_ALGORITHMS

GRANT = JWT_BEARER
MOST_BYTES = 8 * 1024
LONGEST_LIFE_SECONDS = 600
"""From iat to exp; and exp is no further away than this."""
MOST_USERS = 10_000
_MEMBERS = frozenset({"issuer", "jwks", "jwks_uri", "algorithms", "clients", "scope", "subject"})


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """
    Somebody whose assertions count.

    jwks, jwks_uri: its public keys; clients: who may present its assertions; scope: the most they can bring.
    claim:          which claim names the person; None: its assertions let a client act for itself.
    users:          value of that claim → sign-in name here; empty: the value is the sign-in name.
    """

    issuer: str
    jwks: Mapping[str, Any] | None
    jwks_uri: str | None
    algorithms: tuple[str, ...]
    clients: frozenset[str]
    scope: frozenset[str]
    claim: str | None
    users: Mapping[str, str] = field(default_factory=dict)

    @property
    def key_owner(self) -> str:
        """Whose keys `jwks` and `jwks_uri` are."""
        return self.issuer

    def username_of(self, claims: Mapping[str, Any]) -> str | None:
        """The sign-in name of the person an assertion is about; None: nobody here."""
        value = claims.get(self.claim) if self.claim is not None else None
        if not isinstance(value, str):
            return None
        return self.users.get(value) if self.users else value


TrustedIssuers = Mapping[str, TrustedIssuer]


@dataclass(frozen=True, slots=True)
class AssertionEvidence:
    """
    What an assertion turned out to be.

    issuer:  the one it names, None if we do not trust it; claims: None when its signature, times or audience fail.
    user_id: the active person it is about; None for nobody.
    ends_at: when what is granted on it ends (epoch seconds).
    """

    issuer: TrustedIssuer | None
    claims: Mapping[str, Any] | None
    user_id: str | None
    ends_at: int


@dataclass(frozen=True, slots=True)
class Assertion:
    """One that holds: who said it, its jti and until when that must be remembered, when the person was seen."""

    issuer: str
    jti: str
    expires_at: int
    auth_time: int


def unverified_issuer(assertion: str) -> str | None:
    """Who an assertion says it is from; None when it is malformed."""
    try:
        if len(assertion) > MOST_BYTES:
            return None
        body = assertion.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"]
    except (IndexError, KeyError, TypeError, ValueError, RecursionError, binascii.Error):
        return None
    return found if isinstance(found, str) else None


def check_assertion(evidence: AssertionEvidence, client: Client, our_issuer: str, now: int) -> Assertion:
    """
    1. Of an issuer we trust, genuine, in its time.
    2. For us: `aud` is our issuer, as a string and nothing else, so that no assertion made for another server counts.
    3. It may be presented by this client.
    4. It has a subject, and a bounded life: iat and exp, and a jti, which counts once.

    Raises:  OAuthError("invalid_grant").
    Source:  RFC 7523 §3, §3.1; RFC 7521 §8.2. Stricter: iat and jti are required, no list of audiences.
    """
    issuer, claims = evidence.issuer, evidence.claims
    if issuer is None or claims is None:
        raise _refused("is not genuine, in its time, and of an issuer that is trusted here")
    if claims.get("aud") != our_issuer:
        raise _refused("is for another server: aud must be our issuer, as a string")
    if client.client_id not in issuer.clients:
        raise _refused("may not be presented by this client")
    subject, jti, begins_at, ends_at = (claims.get(name) for name in ("sub", "jti", "iat", "exp"))
    if not isinstance(subject, str) or not subject:
        raise _refused("has no sub")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
        raise _refused("has no jti, or one that is too long")
    if not isinstance(begins_at, int | float) or not isinstance(ends_at, int | float):
        raise _refused("needs iat and exp")
    if ends_at > now + LONGEST_LIFE_SECONDS or ends_at - begins_at > LONGEST_LIFE_SECONDS:
        raise _refused("lives too long")
    if issuer.claim is not None and evidence.user_id is None:
        raise _refused("is about nobody here")
    seen_at = claims.get("auth_time")
    known = isinstance(seen_at, int) and not isinstance(seen_at, bool) and 0 <= seen_at <= now
    return Assertion(issuer.issuer, jti, int(ends_at), int(seen_at) if known and seen_at else int(begins_at))


def read_trusted_issuer(unverified: Mapping[str, Any]) -> TrustedIssuer:
    """
    An issuer as an operator describes it: issuer, jwks or jwks_uri, clients, scope, and subject: `{"machine": true}`,
    `{"claim": "sub", "users": {"<value>": "<sign-in name>"}}`, or `{"claim": "…"}` whose value is the sign-in name.

    Raises:  RegistrationRefused.
    """
    beyond = unverified.keys() - _MEMBERS
    if beyond:
        raise _bad(f"holds a member that is not known: {sorted(beyond)[0]}")
    issuer, scope = unverified.get("issuer"), unverified.get("scope", "")
    if not isinstance(issuer, str) or not 1 <= len(issuer) <= 300 or not issuer.isprintable():
        raise _bad("must have an issuer")
    if not isinstance(scope, str) or not scope.split():
        raise _bad("must have a scope")
    jwks, jwks_uri = unverified.get("jwks"), unverified.get("jwks_uri")
    if (jwks is None) == (jwks_uri is None):
        raise _bad("must have jwks or jwks_uri, one of them")
    if jwks_uri is not None and not (isinstance(jwks_uri, str) and jwks_uri.startswith("https://")):
        raise _bad("must have an https address as jwks_uri")
    if jwks is not None and not (isinstance(jwks, dict) and isinstance(jwks.get("keys"), list) and jwks["keys"]):
        raise _bad("must have a JWK set as jwks")
    claim, users = _subject(unverified.get("subject"))
    return TrustedIssuer(
        issuer=issuer,
        jwks=jwks,
        jwks_uri=jwks_uri,
        algorithms=_algorithms(unverified.get("algorithms", list(STRONG_ALGORITHMS))),
        clients=_words("clients", unverified.get("clients")),
        scope=frozenset(scope.split()),
        claim=claim,
        users=users,
    )


def _algorithms(given: Any) -> tuple[str, ...]:
    named = _words("algorithms", given)
    if not named <= set(ANY_ALGORITHM):
        raise _bad(f"algorithms must be of {', '.join(ANY_ALGORITHM)}")
    return tuple(sorted(named))


def _words(name: str, given: Any) -> frozenset[str]:
    if not isinstance(given, list) or not given or not all(isinstance(word, str) and word for word in given):
        raise _bad(f"must have {name}, a list of strings")
    return frozenset(given)


def _subject(given: Any) -> tuple[str | None, Mapping[str, str]]:
    if given == {"machine": True}:
        return None, {}
    if not isinstance(given, dict) or not given.keys() <= {"claim", "users"} or not isinstance(given.get("claim"), str):
        raise _bad("must have a subject: machine, or a claim and possibly users")
    users = given.get("users", {})
    if not isinstance(users, dict) or len(users) > MOST_USERS or ("users" in given and not users):
        raise _bad("must have an object of values and sign-in names as users")
    if not all(isinstance(name, str) and name for name in users.values()):
        raise _bad("must have sign-in names in users")
    return given["claim"], users


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_grant", f"the assertion {why}")


def _bad(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", f"the trusted issuer {why}")
