"""The relying party's own gates: guard, sign-in request, refused callbacks, logout notices. They need no provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from base.clock import FixedClock
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from base.texts import Text
from base.web.front import Lead
from base.web.shell import Way
from demo import records
from demo.logout_token import EVENT
from demo.portal_pages import mount
from demo.relying_party import RelyingParty
from demo.service_app import dress
from demo.sites import Site

ISSUER = "http://id.test"
KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
NAME = Text("Cổng", "Portal")


@pytest.fixture
def services(tmp_path: Path, clock: FixedClock) -> Iterator[BaseServices]:
    own = BaseSettings(issuer="http://portal.test", database_url=f"sqlite:///{tmp_path / 's.db'}", data_dir=tmp_path)
    opened = open_base(Settings({BaseSettings: own}), clock=clock)
    yield opened
    opened.db.close()


@pytest.fixture
def party(services: BaseServices, tmp_path: Path) -> RelyingParty:
    site = Site("portal", "http://portal.test", ISSUER, "portal", "s" * 43, "openid profile", "", tmp_path / "portal")
    site.folder.mkdir()
    held: list[RelyingParty] = []

    def views(app: flask.Flask, party: RelyingParty) -> None:
        mount(app, party)
        held.append(party)

    app = dress(
        site, services, name=NAME, lead=Lead(NAME, NAME), roads=(), account=Way("/", NAME), footer=(), views=views
    )
    found = held[0]
    found.client.server_metadata.update(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        end_session_endpoint=f"{ISSUER}/logout",
        jwks=KeySet([KEY]).as_dict(private=False),
        _loaded_at=1,
    )
    found.app = app
    return found


@pytest.fixture
def browser(party: RelyingParty) -> FlaskClient:
    return party.app.test_client()


def _signed_in(party: RelyingParty, browser: FlaskClient, sid: str = "s1") -> None:
    with party.services.db.begin() as connection:
        secret = records.start_session(
            connection,
            party.services.clock.now(),
            claims={"sub": "p1", "sid": sid, "name": "Nguyễn Thị Lan"},
            token={"id_token": "hint"},
        )
    browser.set_cookie("portal_session", secret, domain="localhost")


def _notice(party: RelyingParty, **change: Any) -> str:
    now = party.services.clock.now()
    claims = {
        "iss": ISSUER,
        "aud": "portal",
        "iat": now,
        "exp": now + 60,
        "jti": "n1",
        "sid": "s1",
        "events": {EVENT: {}},
    }
    return jwt.encode({"alg": "ES256", "kid": "k1", "typ": "logout+jwt"}, {**claims, **change}, KEY)


def test_a_page_for_signed_in_people_leads_to_the_sign_in_and_back(browser: FlaskClient) -> None:
    answer = browser.get("/ho-so?moi=HS-1")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/ho-so?moi%3DHS-1")


def test_the_request_carries_pkce_state_and_nonce(browser: FlaskClient) -> None:
    answer = browser.get("/sign-in?next=/ho-so")
    sent = parse_qs(urlsplit(answer.location).query)
    assert answer.location.startswith(f"{ISSUER}/authorize?")
    assert sent["code_challenge_method"] == ["S256"]
    assert len(sent["code_challenge"][0]) == 43
    assert sent["state"][0]
    assert sent["nonce"][0]
    assert sent["redirect_uri"] == ["http://portal.test/callback"]


def _state(browser: FlaskClient, next_path: str = "/ho-so") -> str:
    return parse_qs(urlsplit(browser.get(f"/sign-in?next={next_path}").location).query)["state"][0]


def test_an_answer_without_our_state_is_refused(browser: FlaskClient) -> None:
    assert browser.get(f"/callback?code=c&state=unknown&iss={ISSUER}").status_code == 400


def test_an_answer_in_another_browser_is_refused(party: RelyingParty, browser: FlaskClient) -> None:
    state = _state(browser)
    answer = party.app.test_client().get(f"/callback?code=c&state={state}&iss={ISSUER}")
    assert answer.status_code == 400
    assert "hết hạn" in answer.text


@pytest.mark.parametrize("iss", ["", "&iss=http://evil.test"])
def test_an_answer_of_another_issuer_is_refused(browser: FlaskClient, iss: str) -> None:
    answer = browser.get(f"/callback?code=c&state={_state(browser)}{iss}")
    assert answer.status_code == 400
    assert "không hợp lệ" in answer.text


def test_a_refusal_of_the_person_is_no_error(browser: FlaskClient) -> None:
    answer = browser.get(f"/callback?error=access_denied&state={_state(browser)}&iss={ISSUER}")
    assert answer.status_code == 200
    assert "Không có thông tin nào được chuyển đi" in answer.text


def test_a_state_is_dead_after_an_hour(party: RelyingParty, browser: FlaskClient, clock: FixedClock) -> None:
    state = _state(browser)
    clock.move(3601)
    assert "hết hạn" in browser.get(f"/callback?code=c&state={state}&iss={ISSUER}").text


def test_a_notice_ends_the_session_at_once_and_the_page_says_who(party: RelyingParty, browser: FlaskClient) -> None:
    _signed_in(party, browser)
    assert browser.get("/session").json == {"active": True}
    stranger = party.app.test_client()
    answer = stranger.post("/backchannel-logout", data={"logout_token": _notice(party)})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert browser.get("/session").json == {"active": False}
    page = browser.get("/ho-so")
    assert "đã được kết thúc từ trang tài khoản" in page.text
    assert 'href="/sign-in?next=/ho-so"' in page.text
    assert browser.get("/ho-so").status_code == 303  # said once; then it is an ordinary visit


def test_a_notice_seen_before_is_refused(party: RelyingParty, browser: FlaskClient) -> None:
    token = _notice(party)
    first, second = (browser.post("/backchannel-logout", data={"logout_token": token}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 400)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_malformed_notice_is_refused(browser: FlaskClient, token: str) -> None:
    assert browser.post("/backchannel-logout", data={"logout_token": token}).status_code == 400


def test_a_notice_for_another_client_ends_nothing(party: RelyingParty, browser: FlaskClient) -> None:
    _signed_in(party, browser)
    assert browser.post("/backchannel-logout", data={"logout_token": _notice(party, aud="onestop")}).status_code == 400
    assert browser.get("/session").json == {"active": True}


def _token_of(browser: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get(path).text)
    assert found is not None
    return found[1]


def test_signing_out_needs_the_form_of_this_site(party: RelyingParty, browser: FlaskClient) -> None:
    _signed_in(party, browser)
    assert browser.post("/sign-out", data={"where": "here"}).status_code == 403
    token = _token_of(browser, "/ho-so")
    assert browser.post("/sign-out", data={"where": "here", "csrf": token}).status_code == 200
    assert browser.get("/session").json == {"active": False}


def test_signing_out_everywhere_goes_on_to_the_provider(party: RelyingParty, browser: FlaskClient) -> None:
    _signed_in(party, browser)
    answer = browser.post("/sign-out", data={"where": "everywhere", "csrf": _token_of(browser, "/ho-so")})
    sent = parse_qs(urlsplit(answer.location).query)
    assert answer.location.startswith(f"{ISSUER}/logout?")
    assert sent["id_token_hint"] == ["hint"]
    assert sent["post_logout_redirect_uri"] == ["http://portal.test/signed-out"]
    assert browser.get("/session").json == {"active": False}


def test_a_dossier_is_checked_and_kept(party: RelyingParty, browser: FlaskClient) -> None:
    _signed_in(party, browser)
    form = {"csrf": _token_of(browser, "/ho-so"), "procedure": "cu-tru", "receive": "truc-tuyen", "note": "<b>x</b>"}
    wrong = browser.post("/nop-ho-so", data={**form, "procedure": "khong-co"})
    assert "Hãy chọn một thủ tục" in wrong.text
    right = browser.post("/nop-ho-so", data=form, follow_redirects=True)
    assert "đã được tiếp nhận" in right.text


def test_samples_are_handed_out_by_name_only(browser: FlaskClient) -> None:
    assert browser.get("/mau-van-ban").status_code == 200
    assert browser.get("/mau-van-ban/..%2f..%2fcookie.key").status_code == 404
    assert browser.get("/mau-van-ban/clients.json").status_code == 404
