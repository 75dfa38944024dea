from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest, unsafe

STALE_SECONDS = 86_400


def check_client(request: UnverifiedRequest, facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    The client must be registered and in use; what is known by a document must have been there a day ago at least.

    Raises:  UnsafeToRedirect: no client_id, unknown, disabled, or its document gone for long.
    Source:  RFC 6749 §4.1.2.1: never redirect for a missing or invalid client identifier.
    """
    client = facts.client
    too_old = client is not None and client.document_until and client.document_until + STALE_SECONDS < facts.begun_at
    if client is None or client.disabled or too_old:
        raise unsafe(
            "unknown_client",
            "Dịch vụ này chưa đăng ký hoặc đã ngừng hoạt động.",
            "This service is not registered or is out of use.",
            hint="client_id is missing or unknown",
        )
    return request
