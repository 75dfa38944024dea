"""
What every method of client authentication works with. A method proves and writes nothing; flows spend what is one-time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from idp.errors import OAuthError
from idp.protocol.client import Client
from keys.api import Keys


@dataclass(frozen=True, slots=True)
class Presented:
    """
    What came with a POST: form parameters, the Authorization header, and the DPoP header.

    address: our public address of the endpoint it came to.
    """

    form: Mapping[str, str]
    authorization: str | None
    dpop: str | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class AuthContext:
    """
    What a method may use. issuer: the only audience of an assertion; now: epoch seconds.

    keys_of: the public keys a client has published, as a JWK set; True as second argument asks to fetch them anew.
    """

    issuer: str
    now: int
    keys: Keys
    keys_of: Callable[[Client, bool], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OneTime:
    """Something in a proof that may be used once, until expires_at (epoch seconds); kind: its name space."""

    identifier: str
    expires_at: int
    kind: str = "client_assertion"


class ClientAuthMethod(Protocol):
    """One method, by its name in RFC 7591 and OpenID Connect Core §9."""

    name: str

    def unverified_client_id(self, presented: Presented) -> str | None:
        """
        Who the request says it is from; None: it does not use this method.

        Raises:  OAuthError("invalid_client"): it does, but malformed.
        """
        ...

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        """Raises: OAuthError("invalid_client")."""
        ...


def not_authenticated(why: str, *, basic: bool = False) -> OAuthError:
    """The refusal; a challenge goes along when the client tried the Authorization header. Source: RFC 6749 §5.2."""
    challenge = 'Basic realm="antin"' if basic else ""
    return OAuthError("invalid_client", why, status=401, challenge=challenge)
