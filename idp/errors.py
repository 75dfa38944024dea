"""
Errors of the identity provider.

Two families that must not be mixed up: `UnsafeToRedirect` is all that exists before the redirect address is proven, and
becomes a page; `OAuthError` exists only afterwards (or at an endpoint that answers JSON) and travels to the client.
"""

from __future__ import annotations

from base.errors import AntinError

_ALLOWED = frozenset(chr(code) for code in range(0x20, 0x7F)) - {'"', "\\"}


def printable(text: str) -> str:
    """
    The text with every character replaced by `?` that error_description may not hold.

    Source: RFC 6749 §4.1.2.1, §5.2: %x20-21 / %x23-5B / %x5D-7E.
    """
    return "".join(character if character in _ALLOWED else "?" for character in text)


class OAuthError(AntinError):
    """
    A refusal in the words of OAuth: `code` is the `error`, `en` its `error_description` (printable ASCII).

    challenge:  value of a WWW-Authenticate header to send along, or "".
    nonce:      value of a DPoP-Nonce header to send along, or "".
    """

    def __init__(
        self,
        code: str,
        description: str,
        *,
        status: int = 400,
        challenge: str = "",
        nonce: str = "",
        hint: str = "",
        debug: str = "",
    ) -> None:
        super().__init__(code, en=printable(description), hint=hint, debug=debug, status=status)
        self.challenge = challenge
        self.nonce = nonce

    @property
    def description(self) -> str:
        return self.en


class UnsafeToRedirect(AntinError):
    """The authorization request cannot be answered to anybody but the person in front of the screen."""


class RegistrationRefused(OAuthError):
    """Client metadata is not acceptable: `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2)."""


class Throttled(OAuthError):
    """Too much of something from one network, or from all together; `seconds` until the next one is looked at."""

    def __init__(self, vi: str, description: str, seconds: int) -> None:
        super().__init__("temporarily_unavailable", description, status=429)
        self.vi = vi
        self.seconds = self.retry_seconds = seconds


class RegistrationThrottled(Throttled):
    """Too many registrations from one network."""

    def __init__(self, seconds: int) -> None:
        vi = "Có quá nhiều yêu cầu đăng ký từ mạng này. Xin thử lại sau."
        super().__init__(vi, "too many registrations from this network", seconds)


class FetchesThrottled(Throttled):
    """Too many requests that make us fetch an address."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        vi = f"Có quá nhiều yêu cầu từ mạng này. Xin đợi {minutes} phút rồi thử lại."
        super().__init__(vi, f"There were too many requests. Please wait {minutes} min, then try again.", seconds)


class InteractionInvalid(AntinError):
    """The `tx` of a login or consent page was not made by this server."""

    def __init__(self, debug: str) -> None:
        super().__init__(
            "interaction_invalid",
            vi="Liên kết này không hợp lệ. Hãy quay lại dịch vụ mà bạn muốn dùng và bắt đầu lại.",
            en="This link is not valid. Go back to the service you wanted to use and start again.",
            debug=debug,
        )


class InteractionStale(AntinError):
    """
    The `tx` is genuine but no longer usable here. `restart` is a local path that begins the same request afresh.

    code: `interaction_expired` (say so and offer `restart`) or `interaction_elsewhere` (another browser's: go there).
    """

    def __init__(self, code: str, restart: str) -> None:
        super().__init__(
            code,
            vi="Yêu cầu đăng nhập đã hết hạn. Hãy bấm tiếp tục để bắt đầu lại.",
            en="The sign-in request has expired. Press continue to start again.",
        )
        self.restart = restart
