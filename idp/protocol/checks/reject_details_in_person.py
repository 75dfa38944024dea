from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest


def reject_details_in_person(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    What needs a second factor for this very act (signing a document) cannot be begun from another device.

    Raises:  OAuthError("invalid_authorization_details").
    Source:  RFC 9396 §5; RFC 8628 §5.4 (remote phishing). Stricter: the person must be where the request began.
    """
    if any(detail.needs_second_factor for detail in request.details):
        raise OAuthError("invalid_authorization_details", "this type must be approved where the request begins")
    return request
