"""The plan oidcc-rp-initiated-logout, module by module."""

from __future__ import annotations

import pytest

from tests.functional.idp_site import AFTER_LOGOUT, Site
from tests.functional.plan_logout import STATE, metadata, party, returned_state, unsigned
from tests.functional.test_session_management import judged


def test_discovery_endpoint_verification(site: Site) -> None:
    issuer = site.services.issuer
    assert metadata(site)["end_session_endpoint"] == f"{issuer}/logout"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain(site: Site, method: str) -> None:
    rp = party(site)
    assert rp.is_signed_in()
    back = rp.leave(method, id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    assert len(STATE) == 128
    assert returned_state(back) == STATE
    assert not rp.is_signed_in()


def test_bad_post_logout_redirect_uri(site: Site) -> None:
    rp = party(site)
    uri = "https://portal.example.vn/other"
    page = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=uri, state=STATE)
    assert page.status_code == 200
    assert "Bạn đã đăng xuất" in rp.browser.text
    assert "Địa chỉ quay lại không hợp lệ" in rp.browser.text
    assert uri not in rp.browser.text


def test_modified_id_token_hint(site: Site) -> None:
    rp = party(site)
    hint = unsigned(rp.id_token)
    page = rp.leave(id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    assert page.status_code == 200
    assert "Yêu cầu đăng xuất không hợp lệ" in rp.browser.text
    assert rp.is_signed_in()
    rp.leave(id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    assert rp.confirm().status_code == 200  # our own page: nothing proves who asked
    assert not rp.is_signed_in()


def test_no_id_token_hint(site: Site) -> None:
    rp = party(site)
    assert rp.leave(post_logout_redirect_uri=AFTER_LOGOUT, state=STATE).status_code == 200
    assert rp.confirm().status_code == 200
    assert not rp.is_signed_in()


def test_no_params(site: Site) -> None:
    rp = party(site)
    assert rp.leave().status_code == 200
    assert "Bạn đã đăng xuất" in rp.confirm().text
    assert not rp.is_signed_in()


def test_no_post_logout_redirect_uri(site: Site) -> None:
    rp = party(site)
    assert rp.leave(id_token_hint=rp.id_token, state=STATE).status_code == 200
    assert "Bạn đã đăng xuất" in rp.browser.text
    assert not rp.is_signed_in()


def test_no_state(site: Site) -> None:
    rp = party(site)
    back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT)
    assert back.headers["Location"] == AFTER_LOGOUT
    assert not rp.is_signed_in()


def test_only_state(site: Site) -> None:
    rp = party(site)
    assert rp.leave(state=STATE).status_code == 200
    assert "Bạn đã đăng xuất" in rp.confirm().text
    assert not rp.is_signed_in()


def test_query_added_to_post_logout_redirect_uri(site: Site) -> None:
    rp = party(site)
    uri = f"{AFTER_LOGOUT}?foo=bar"
    assert rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=uri, state=STATE).status_code == 200
    assert uri not in rp.browser.text


def test_bad_id_token_hint(site: Site) -> None:
    rp = party(site)
    for hint in (f"{rp.id_token[:-5]}wrong", rp.id_token.rpartition(".")[0], "not.a.token"):
        assert rp.leave(id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE).status_code == 200
        assert "Bạn có muốn đăng xuất?" in rp.browser.text
        assert rp.is_signed_in()


@pytest.mark.parametrize("response_type", ["id_token", "id_token token", "code id_token", "code token"])
def test_plain_by_every_other_response_type(site: Site, response_type: str) -> None:
    rp = party(site, response_type=response_type)
    assert judged(rp.browser, "portal", rp.answer["session_state"]) == "unchanged"
    back = rp.leave(id_token_hint=rp.id_token, post_logout_redirect_uri=AFTER_LOGOUT, state=STATE)
    assert returned_state(back) == STATE
    assert judged(rp.browser, "portal", rp.answer["session_state"]) == "changed"
    assert rp.browser.get("/account").request.path == "/login"
