"""The plan oidcc-frontchannel-rp-initiated-logout, module by module."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

from tests.functional.idp_site import AFTER_LOGOUT, Site
from tests.functional.plan_logout import STATE, metadata, party

FRONT = "https://portal.example.vn/frontchannel"
FRAME = re.compile(r'<iframe [^>]*src="([^"]*)"')
REFRESH = re.compile(r'<noscript><meta http-equiv="refresh" content="(\d+);url=([^"]*)"></noscript>')
"""For browsers without scripts alone: one that obeys the script as well would lead on twice."""


def test_discovery_endpoint_verification(site: Site) -> None:
    found = metadata(site)
    assert found["frontchannel_logout_supported"] is True
    assert found["frontchannel_logout_session_supported"] is True
    assert found["end_session_endpoint"].endswith("/logout")


def test_rp_initiated_logout(site: Site) -> None:
    rp = party(site, frontchannel_logout_uri=FRONT, frontchannel_logout_session_required=True)
    page = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    frames = [html.unescape(address) for address in FRAME.findall(page.text)]
    assert len(frames) == 1
    parts = urlsplit(frames[0])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == FRONT
    assert dict(parse_qsl(parts.query)) == {"iss": site.services.issuer, "sid": rp.claims["sid"]}
    seconds, onward = REFRESH.findall(page.text)[0]
    assert int(seconds) <= 2
    assert html.unescape(onward) == f"{AFTER_LOGOUT}?state={STATE}"
    assert not rp.is_signed_in()
