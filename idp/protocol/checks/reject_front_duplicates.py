from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest, unsafe

_DECIDE_THE_TARGET = frozenset({"client_id", "redirect_uri"})


def reject_front_duplicates(request: UnverifiedRequest, _facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    The two parameters that decide where the answer goes may come once only.

    Raises:  UnsafeToRedirect.
    Source:  RFC 6749 §3.1.
    """
    if request.duplicated & _DECIDE_THE_TARGET:
        raise unsafe(
            "invalid_request",
            "Yêu cầu nêu dịch vụ hoặc địa chỉ trả về hai lần.",
            "The request names the service or its return address twice.",
        )
    return request
