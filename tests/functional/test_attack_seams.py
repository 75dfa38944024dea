"""What holds where two parts meet that were made without each other: attacks at the seams."""

from __future__ import annotations

import json
from typing import Any

from keys.api import TokenType
from tests.provider import Provider

TWO = "urn:vn:xt:2"


def read_id_token(provider: Provider, token: str) -> dict[str, Any]:
    return provider.services.keys.verify_own_jwt(token, typ=TokenType.ID, issuer=provider.services.issuer)


def test_a_claim_by_name_is_stepped_up_like_its_scope(provider: Provider) -> None:
    """The claims parameter asks for phone_number alone; the scope that needs more is never named."""
    provider = provider.with_settings(step_up_scopes=("phone",), step_up_acr=TWO)
    client, person = provider.client(trusted=True), provider.person()
    claims = json.dumps({"userinfo": {"phone_number": None}, "id_token": {"phone_number": None}})
    for otp, status in ((False, 401), (True, 200)):
        code = provider.code(client, provider.session(person, otp=otp), scope="openid", claims=claims)
        tokens = provider.redeem(client, code).json
        assert provider.userinfo(tokens["access_token"]).status == status
        assert ("phone_number" in read_id_token(provider, tokens["id_token"])) is otp


def test_an_id_token_through_the_browser_is_no_way_round_the_step_up(provider: Provider) -> None:
    provider = provider.with_settings(step_up_scopes=("phone",), step_up_acr=TWO)
    scope = "openid phone email"
    client = provider.client(trusted=True, grant_types=["implicit"], response_types=["id_token"], scope=scope)
    person = provider.person()
    for otp in (False, True):
        cookie = provider.session(person, otp=otp)
        answer = provider.authorize(client, cookie, response_type="id_token", scope=scope).params
        claims = read_id_token(provider, answer["id_token"])
        assert "email" in claims
        assert ("phone_number" in claims) is otp
