from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest, unsafe


def check_client(request: UnverifiedRequest, facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    The client must be registered and in use.

    Raises:  UnsafeToRedirect: no client_id, unknown, or disabled.
    Source:  RFC 6749 §4.1.2.1: never redirect for a missing or invalid client identifier.
    """
    if facts.client is None or facts.client.disabled:
        raise unsafe(
            "unknown_client",
            "Dịch vụ này chưa đăng ký hoặc đã ngừng hoạt động.",
            "This service is not registered or is out of use.",
            hint="client_id is missing or unknown",
        )
    return request
