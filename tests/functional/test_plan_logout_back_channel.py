"""The plan oidcc-backchannel-rp-initiated-logout, module by module."""

from __future__ import annotations

import json

from keys.api import TokenType
from tests.functional.back_channel import back_channel
from tests.functional.idp_site import AFTER_LOGOUT, Site
from tests.functional.plan_logout import STATE, claims_of, metadata, party, returned_state


def test_discovery_endpoint_verification(site: Site) -> None:
    found = metadata(site)
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True
    assert found["end_session_endpoint"].endswith("/logout")


def test_rp_initiated_logout(site: Site) -> None:
    with back_channel() as receiver:
        rp = party(
            site,
            backchannel_logout_uri=receiver.url,
            backchannel_logout_session_required=True,
            id_token_signed_response_alg="RS256",
        )
        back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
        # it had arrived before the browser was back at the service, without the worker
        assert [set(form) for form in receiver.forms] == [{"logout_token"}]
        assert returned_state(back) == STATE
        header = claims_of(receiver.got[0], part=0)
        claims = receiver.claims(site)
    keys = {key["kid"]: key for key in json.loads(site.services.keys.jwks())["keys"]}
    assert header["typ"] == TokenType.LOGOUT.value
    assert header["alg"] == "RS256"
    assert header["kid"] in keys
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert claims["iss"] == site.services.issuer
    assert claims["aud"] == "portal"
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (claims["sub"], claims["sid"]) == (rp.claims["sub"], rp.claims["sid"])
    assert not rp.is_signed_in()
