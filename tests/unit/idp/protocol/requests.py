"""A valid authorization request to bend in tests of single rules."""

from __future__ import annotations

from typing import Any

from idp.protocol.client import Client, client_from
from idp.protocol.details.credential import TYPE
from idp.protocol.registration import validated
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, Hint, Target, UnverifiedRequest

REDIRECT = "https://portal.example.vn/cb"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""RFC 7636, appendix B."""


def client(**changes: Any) -> Client:
    """A confidential client registered for everything."""
    metadata = {
        "client_id": "portal",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email phone address official offline_access",
        "authorization_details_types": [TYPE],
        "resource": "https://api.example.vn",
    } | changes
    kept = {name: value for name, value in metadata.items() if value is not None}
    return client_from(validated(kept, has_organisation=False))


def front_client(response_type: str, **changes: Any) -> Client:
    """A client that is handed tokens at the authorization endpoint."""
    by_code = ["authorization_code", "refresh_token"] if "code" in response_type.split() else []
    return client(grant_types=[*by_code, "implicit"], response_types=[response_type], **changes)


def unverified(*, duplicated: frozenset[str] = frozenset(), **changes: str | None) -> UnverifiedRequest:
    """Parameters as they come; a change to None leaves one out."""
    parameters = {"client_id": "portal", "redirect_uri": REDIRECT, "state": "s"} | changes
    return UnverifiedRequest({name: value for name, value in parameters.items() if value is not None}, duplicated)


def request(of: Client | None = None, **parameters: str) -> AuthorizeRequest:
    """A request whose target is proven, with these parameters and nothing judged yet."""
    return AuthorizeRequest(parameters, frozenset(), of or client(), Target(REDIRECT, "query", "s"))


def facts(of: Client | None = None, hint: Hint | None = None) -> AuthorizeFacts:
    return AuthorizeFacts("https://op.example.vn", of or client(), hint)
