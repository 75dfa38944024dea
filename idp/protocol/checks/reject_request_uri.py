from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest, unsafe


def reject_request_uri(request: UnverifiedRequest, _facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    A pushed request is complete in itself; it cannot name another one.

    Raises:  UnsafeToRedirect.
    Source:  RFC 9126 §2.1: the authorization server rejects the request if request_uri is provided.
    """
    if "request_uri" in request.parameters:
        raise unsafe(
            "invalid_request",
            "Yêu cầu gửi trước không được dẫn đến một yêu cầu khác.",
            "A pushed request must not hold a request_uri.",
        )
    return request
