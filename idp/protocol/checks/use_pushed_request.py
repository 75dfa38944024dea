from __future__ import annotations

from idp.errors import UnsafeToRedirect
from idp.protocol.request import PUSHED_PREFIX, AuthorizeFacts, UnverifiedRequest, unsafe


def use_pushed_request(request: UnverifiedRequest, facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    A request_uri of ours stands for what its client has pushed; whatever else the address says counts for nothing.

    It may be begun with until it expires, again and again, and is refused once something was granted. Whoever began in
    time may finish: a person takes longer at the sign-in page than a request_uri lives.

    Returns: the pushed parameters.
    Raises:  UnsafeToRedirect: unknown, expired, used, or another client's.

    Source:  RFC 9126 §4, §7.3; RFC 9101 §6.3 (parameters outside are not used); FAPI 2.0 Security Profile §5.3.2.2.
    """
    if not request.parameters.get("request_uri", "").startswith(PUSHED_PREFIX):
        return request
    pushed, client = facts.pushed, facts.client
    assert client is not None  # check_client came before
    if (
        pushed is None
        or pushed.is_used
        or pushed.client_id != client.client_id
        or pushed.expires_at <= facts.begun_at
        or "request_uri" in request.duplicated
    ):
        raise used_before()
    return UnverifiedRequest(pushed.parameters)


def used_before() -> UnsafeToRedirect:
    """The refusal; unknown, expired and used look alike, so that nobody learns which request_uri exists."""
    return unsafe(
        "invalid_request_uri",
        "Yêu cầu đăng nhập đã hết hạn hoặc đã được dùng.",
        "The sign-in request has expired or was used before.",
        hint="push the request again",
    )
