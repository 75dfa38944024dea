"""
What every method of client authentication works with. A method proves and writes nothing; flows spend what is one-time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from idp.errors import OAuthError
from idp.protocol.client import Client
from idp.protocol.client_certificate import ShownCertificate, certificates_in
from keys.api import Keys, PeerCertificate
from keys.errors import KeyRefused


@dataclass(frozen=True, slots=True)
class Presented:
    """
    What came with a POST: form parameters, the Authorization header, and the DPoP header.

    address:     our public address of the endpoint it came to.
    certificate: that the client has used in TLS, as a trusted proxy says; unread until somebody needs it.
    """

    form: Mapping[str, str]
    authorization: str | None
    dpop: str | None = None
    address: str = ""
    certificate: ShownCertificate | None = None


@dataclass(frozen=True, slots=True)
class AuthContext:
    """
    What a method may use. issuer: the audience of an assertion; now: epoch seconds.

    addresses: our endpoints by which a client of the backchannel may name us as well.

    keys_of: the public keys a client has published, as a JWK set; True as second argument asks to fetch them anew.
    certificate_form: how the proxy writes certificates; authorities: DER, whose certificates may name a client.
    """

    issuer: str
    now: int
    keys: Keys
    keys_of: Callable[[Client, bool], Mapping[str, Any]]
    certificate_form: str = "rfc9440"
    authorities: tuple[bytes, ...] = ()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OneTime:
    """Something in a proof that may be used once, until expires_at (epoch seconds); kind: its name space."""

    identifier: str
    expires_at: int
    kind: str = "client_assertion"


class ClientAuthMethod(Protocol):
    """
    One method, by its name in RFC 7591 and OpenID Connect Core §9.

    shows_itself: a request shows that it uses it. The others just name the client; its registration says which it is.
    """

    name: str
    shows_itself: bool

    def unverified_client_id(self, presented: Presented) -> str | None:
        """
        Who the request says it is from; None: it does not use this method.

        Raises:  OAuthError("invalid_client"): it does, but malformed.
        """
        ...

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        """Raises: OAuthError("invalid_client")."""
        ...


def shown_certificate(presented: Presented, context: AuthContext) -> tuple[PeerCertificate, tuple[bytes, ...]]:
    """
    The certificate used in TLS, read, and the chain that came along, not yet read (DER).

    Raises:  OAuthError("invalid_client"): there is none, or it is not acceptable.
             OAuthError("invalid_request"): the header is malformed.
    """
    if presented.certificate is None:
        raise not_authenticated("a client certificate is needed")
    der, chain = certificates_in(presented.certificate, context.certificate_form)
    try:
        return context.keys.read_peer(der), chain
    except KeyRefused:
        raise not_authenticated("the client certificate is not acceptable") from None


def not_authenticated(why: str, *, basic: bool = False) -> OAuthError:
    """The refusal; a challenge goes along when the client tried the Authorization header. Source: RFC 6749 §5.2."""
    challenge = 'Basic realm="antin"' if basic else ""
    return OAuthError("invalid_client", why, status=401, challenge=challenge)
