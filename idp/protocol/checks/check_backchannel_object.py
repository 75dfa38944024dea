from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def check_backchannel_object(request: AuthorizeRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A signed backchannel request is in order, and is there where the client has registered to sign.

    Raises:  OAuthError("invalid_request"): refused, missing, or sent by a client that did not register an algorithm.
    Source:  OpenID Connect CIBA Core 1.0 §4 (backchannel_authentication_request_signing_alg), §7.1.1, §13.
    """
    signed, registered = facts.request_object, request.client.backchannel.signing_alg is not None
    if signed is not None and not registered:
        raise OAuthError("invalid_request", "the client is not registered to sign its requests")
    if signed is not None and signed.parameters is None:
        raise OAuthError("invalid_request", signed.problem)
    if signed is None and registered:
        raise OAuthError("invalid_request", "this client must sign its requests")
    return request
