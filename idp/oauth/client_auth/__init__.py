"""
Methods of client authentication. A new one is one file here and one line in CLIENT_AUTH;
tests/contract/test_client_auth.py picks it up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from idp.errors import OAuthError
from idp.oauth.client_auth.base import (
    AuthContext,
    ClientAuthMethod,
    OneTime,
    Presented,
    not_authenticated,
)
from idp.oauth.client_auth.client_secret_basic import ClientSecretBasic
from idp.oauth.client_auth.client_secret_post import ClientSecretPost
from idp.oauth.client_auth.none import NoAuthentication
from idp.oauth.client_auth.private_key_jwt import PrivateKeyJwt
from idp.oauth.client_auth.self_signed_tls_client_auth import SelfSignedTlsClientAuth
from idp.oauth.client_auth.tls_client_auth import TlsClientAuth
from idp.protocol.client import Client
from idp.protocol.profiles import ANY_ALGORITHM

CLIENT_AUTH: tuple[ClientAuthMethod, ...] = (
    ClientSecretBasic(),
    ClientSecretPost(),
    PrivateKeyJwt(),
    NoAuthentication(),
    TlsClientAuth(),
    SelfSignedTlsClientAuth(),
)
UNSHOWN: Mapping[str, ClientAuthMethod] = {method.name: method for method in CLIENT_AUTH if not method.shows_itself}
ASSERTION_ALGORITHMS = ANY_ALGORITHM


def authenticate(
    presented: Presented, find_client: Callable[[str], Client | None], context: AuthContext
) -> tuple[Client, OneTime | None]:
    """
    The client a request comes from, and what in its proof may be used only once.

    Raises:  OAuthError("invalid_client"), ("invalid_request"): more than one method at once (RFC 6749 §2.3).

    1. Whom it names: the one method it shows, or its client_id alone.
    2. The client exists, is in use, and is registered for that very method; where it only named itself, for one of
       those that do not show in the request.
    3. The method proves it.
    """
    shown, unverified_client_id = _shown(presented)
    basic = shown is not None and shown.name == "client_secret_basic"
    if presented.form.get("client_id", unverified_client_id) != unverified_client_id:
        raise not_authenticated("client_id is not the client that authenticates", basic=basic)
    client = find_client(unverified_client_id)
    if client is None or client.disabled:
        raise not_authenticated("client authentication failed", basic=basic)
    method = shown or UNSHOWN.get(client.token_endpoint_auth_method)
    if method is None or method.name != client.token_endpoint_auth_method:
        raise not_authenticated("client authentication failed", basic=basic)
    return client, method.prove(presented, client, context)


def _shown(presented: Presented) -> tuple[ClientAuthMethod | None, str]:
    """The method that shows in the request, None if none does, and whom it says the request is from."""
    shown = [
        (method, who)
        for method in CLIENT_AUTH
        if method.shows_itself and (who := method.unverified_client_id(presented)) is not None
    ]
    if len(shown) > 1:
        raise OAuthError("invalid_request", "more than one method of client authentication is used")
    if shown:
        return shown[0]
    named = presented.form.get("client_id")
    if named is None or presented.authorization is not None:
        raise not_authenticated("the client does not authenticate", basic=presented.authorization is not None)
    return None, named


def offered(*, certificates: bool, authorities: bool) -> list[str]:
    """Names of the methods that work in an installation: the last two need a proxy that passes certificates on."""
    left_out = set()
    if not certificates:
        left_out.add(SelfSignedTlsClientAuth.name)
    if not (certificates and authorities):
        left_out.add(TlsClientAuth.name)
    return [method.name for method in CLIENT_AUTH if method.name not in left_out]
