from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def reject_device_object(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    A device signs nothing: a request object is not passed over in silence, and a client that must sign stays away.

    Raises:  OAuthError("request_not_supported"): it sends one. OAuthError("unauthorized_client"): it would have to.
    Source:  RFC 8628 §3.1 (knows no request objects); RFC 9101 §10.5 (require_signed_request_object).
    """
    if "request" in request.parameters:
        raise OAuthError("request_not_supported", "a device authorization request cannot be signed")
    if request.client.require_signed:
        raise OAuthError("unauthorized_client", "this client must sign its requests, which the device grant cannot")
    return request
