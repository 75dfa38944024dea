from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest
from idp.protocol.response_types import response_type_of


def check_response_type(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A response type we have, and only for clients registered for it and for its grant types.

    Tokens in the front channel are for clients whose registration and profile say so; an access token from there can be
    bound to no key, so a client that binds its tokens gets none.

    Raises:  OAuthError("invalid_request" | "unsupported_response_type" | "unauthorized_client").
    Source:  RFC 6749 §4.1.2.1, §4.2.2.1; RFC 9700 §2.1.2 (why they are off unless registered); RFC 9449 §5.
    """
    given = request.parameters.get("response_type")
    if given is None:
        raise OAuthError("invalid_request", "response_type is missing")
    wanted, client = response_type_of(given), request.client
    if wanted is None or (wanted.is_front and not facts.front_channel):
        raise OAuthError("unsupported_response_type", "the response type is not offered")
    if wanted.name not in client.response_types or not wanted.grant_types <= client.grant_types:
        raise OAuthError("unauthorized_client", "the client is not registered for this response type")
    if not wanted.grant_types <= client.profile.grant_types:
        raise OAuthError("unauthorized_client", "the profile of the client excludes this response type")
    if wanted.has_token and (client.dpop_bound or client.certificate_bound):
        raise OAuthError("unauthorized_client", "this client must bind its tokens, and no token here can be bound")
    return replace(request, response_type=wanted)
