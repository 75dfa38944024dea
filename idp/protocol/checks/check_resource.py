from __future__ import annotations

from dataclasses import replace

from idp.protocol.request import AuthorizeFacts, AuthorizeRequest
from idp.protocol.resources import invalid_target, named_resources


def check_resource(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Every named resource must be one that this client is registered for.

    Raises:  OAuthError("invalid_target").
    Source:  RFC 8707 §2, §2.1.
    """
    named = named_resources(request.parameters)
    if not set(named) <= request.client.resources:
        raise invalid_target("the resource is not one this client may use")
    return replace(request, resources=named)
