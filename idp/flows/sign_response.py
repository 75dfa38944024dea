"""
Signed authorization responses: the same values inside a JWT for one client, which proves who sent them and to whom.

Source: JWT Secured Authorization Response Mode (JARM) §2.1, §4; FAPI 2.0 Message Signing §5.4.1 (ten minutes at most).
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.protocol.request import Target
from idp.protocol.response_modes import Sign
from idp.services import IdpServices
from keys.api import TokenType

LIFETIME_SECONDS = 300


def signer(services: IdpServices) -> Sign:
    """What protocol/response_modes.py calls in a mode that signs; `iss` is among the values."""

    def sign(target: Target, values: Mapping[str, str]) -> str:
        ends_at = services.base.clock.now() + LIFETIME_SECONDS
        claims = {**values, "aud": target.client_id, "exp": ends_at}
        return services.keys.sign_jwt(claims, typ=TokenType.RESPONSE, alg=target.signing_alg)

    return sign
