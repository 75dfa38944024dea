"""
Signed authorization responses: the same values inside a JWT for one client, which proves who sent them and to whom;
encrypted where the client registered that.

Source: JWT Secured Authorization Response Mode (JARM) §2.1, §4; FAPI 2.0 Message Signing §5.4.1 (ten minutes at most).
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.errors import OAuthError, UnsafeToRedirect
from idp.flows.protect import check_recipient, protect
from idp.protocol.request import AuthorizeRequest, Target, unsafe
from idp.protocol.response_modes import SIGNED_MODES, Sign
from idp.services import IdpServices
from keys.api import TokenType

LIFETIME_SECONDS = 300


def signer(services: IdpServices) -> Sign:
    """
    What protocol/response_modes.py calls in a mode that signs; `iss` is among the values.

    It raises UnsafeToRedirect where the client has no key to encrypt for: then only the person can be told.
    """

    def sign(target: Target, values: Mapping[str, str]) -> str:
        ends_at = services.base.clock.now() + LIFETIME_SECONDS
        claims = {**values, "aud": target.client_id, "exp": ends_at}
        client = services.clients.get(target.client_id)
        if client is None:
            raise _unanswerable("the client is gone")
        try:
            return protect(
                services, client, claims, message="authorization", typ=TokenType.RESPONSE, alg=target.signing_alg
            )
        except OAuthError as error:
            raise _unanswerable(error.description) from error

    return sign


def check_answerable(services: IdpServices, request: AuthorizeRequest) -> None:
    """
    Whether the answer, if it has to be encrypted, can be; asked before anything is granted.

    Raises:  UnsafeToRedirect.
    """
    if request.target.response_mode in SIGNED_MODES:
        try:
            check_recipient(services, request.client, "authorization")
        except OAuthError as error:
            raise _unanswerable(error.description) from error


def _unanswerable(why: str) -> UnsafeToRedirect:
    return unsafe(
        "invalid_request",
        "Không trả lời được cho dịch vụ vì thiếu khóa mã hóa của dịch vụ đó.",
        "The service cannot be answered because its encryption key is missing.",
        hint=why,
    )
