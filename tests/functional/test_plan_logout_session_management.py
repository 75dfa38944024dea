"""The plan oidcc-session-management, module by module; tests/browser/test_session_management.py has a real browser."""

from __future__ import annotations

from tests.functional.idp_site import AFTER_LOGOUT, Site
from tests.functional.plan_logout import STATE, metadata, party, returned_state
from tests.functional.test_session_management import judged


def test_discovery_endpoint_verification(site: Site) -> None:
    issuer = site.services.issuer
    assert metadata(site)["check_session_iframe"] == f"{issuer}/session/check"
    assert metadata(site)["end_session_endpoint"] == f"{issuer}/logout"
    assert site.browser().client.get("/session/check").status_code == 200


def test_rp_initiated_logout(site: Site) -> None:
    rp = party(site)
    state = rp.answer["session_state"]
    assert " " not in state
    assert judged(rp.browser, "portal", state) == "unchanged"
    back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    assert returned_state(back) == STATE
    assert judged(rp.browser, "portal", state) == "changed"
    assert not rp.is_signed_in()
