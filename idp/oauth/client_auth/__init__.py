"""
Methods of client authentication. A new one is one file here and one line in CLIENT_AUTH;
tests/contract/test_client_auth.py picks it up by itself.
"""

from __future__ import annotations

from collections.abc import Callable

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
from idp.protocol.client import Client
from idp.protocol.profiles import ANY_ALGORITHM

CLIENT_AUTH: tuple[ClientAuthMethod, ...] = (
    ClientSecretBasic(),
    ClientSecretPost(),
    PrivateKeyJwt(),
    NoAuthentication(),
)
ASSERTION_ALGORITHMS = ANY_ALGORITHM


def authenticate(
    presented: Presented, find_client: Callable[[str], Client | None], context: AuthContext
) -> tuple[Client, OneTime | None]:
    """
    The client a request comes from, and what in its proof may be used only once.

    Raises:  OAuthError("invalid_client"), ("invalid_request"): more than one method at once (RFC 6749 §2.3).

    1. Exactly one method recognises the request.
    2. The client exists, is in use, and is registered for that very method.
    3. The method proves it.
    """
    used = [(method, who) for method in CLIENT_AUTH if (who := method.unverified_client_id(presented)) is not None]
    if len(used) > 1:
        raise OAuthError("invalid_request", "more than one method of client authentication is used")
    if not used:
        raise not_authenticated("the client does not authenticate", basic=presented.authorization is not None)
    method, unverified_client_id = used[0]
    basic = method.name == "client_secret_basic"
    if presented.form.get("client_id", unverified_client_id) != unverified_client_id:
        raise not_authenticated("client_id is not the client that authenticates", basic=basic)
    client = find_client(unverified_client_id)
    if client is None or client.disabled or client.token_endpoint_auth_method != method.name:
        raise not_authenticated("client authentication failed", basic=basic)
    return client, method.prove(presented, client, context)
