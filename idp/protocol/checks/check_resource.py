from __future__ import annotations

from dataclasses import replace

from idp.protocol.request import AuthorizeFacts, AuthorizeRequest
from idp.protocol.resources import invalid_target, named_resources


def check_resource(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Every named resource must be one that this client is registered for. An access token that travels through the
    browser is for our userinfo endpoint alone; tokens for resources come from the token endpoint.

    Raises:  OAuthError("invalid_target").
    Source:  RFC 8707 §2, §2.1; RFC 9700 §2.1.2, §2.3.
    """
    named = named_resources(request.parameters)
    if not set(named) <= request.client.resources:
        raise invalid_target("the resource is not one this client may use")
    if named and request.response_type.has_token:
        raise invalid_target("a token that is handed out here is for no other resource: ask at the token endpoint")
    return replace(request, resources=named)
