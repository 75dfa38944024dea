"""Coming to the desk and leaving it: an ordinary relying party with every check of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import select

from base.services import BaseServices
from keys.api import TokenType
from signing.flows.background import forget_journeys
from signing.models import desk_logins, desk_sessions
from tests.desk_city import BINH, CITIZEN, MAI, Browser, DeskCity, asked_for, desk_city
from tests.ledger import kinds


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    return city.browser()


def events(city: DeskCity) -> list[str]:
    """Kinds of the desk's audit events, oldest first."""
    return [kind for kind in kinds(city.base.db) if kind.startswith("signing.")]


def is_in(browser: Browser) -> bool:
    return 'action="/desk/documents"' in browser.get("/desk").get_data(as_text=True)


def test_an_official_comes_in(city: DeskCity, browser: Browser) -> None:
    assert not is_in(browser)
    away = asked_for(browser.get("/desk/sign-in").headers["Location"])
    assert away["response_type"] == "code"
    assert away["scope"] == "openid profile official"
    assert away["code_challenge_method"] == "S256"
    assert len(away["state"]) == len(away["nonce"]) == len(away["code_challenge"]) == 43
    back = browser.sign_in()
    assert (back.status_code, back.headers["Location"]) == (303, "/desk")
    cookie = next(value for value in back.headers.getlist("Set-Cookie") if value.startswith("antin_desk="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    page = browser.get("/desk").get_data(as_text=True)
    assert BINH.name in page
    assert "Chủ tịch" in page
    assert events(city) == ["signing.desk_session.started"]


def test_secrets_are_stored_only_as_hashes(city: DeskCity, browser: Browser) -> None:
    away = browser.get("/desk/sign-in").headers["Location"]
    back = browser.follow(city.provider.approve(away, BINH))
    cookie = next(v for v in back.headers.getlist("Set-Cookie") if v.startswith("antin_desk=")).split(";")[0][11:]
    asked = asked_for(away)
    with city.base.db.read() as connection:
        rows = repr(connection.execute(select(desk_sessions)).all()) + repr(
            connection.execute(select(desk_logins)).all()
        )
    for secret in (cookie, asked["state"], asked["nonce"]):
        assert secret not in rows


def test_somebody_without_a_position_gets_a_clear_page(browser: Browser) -> None:
    page = browser.sign_in(CITIZEN)
    assert page.status_code == 403
    text = page.get_data(as_text=True)
    assert "chưa có quyền ký" in text
    assert "/desk/sign-in?other=1" in text
    assert not is_in(browser)


def test_an_answer_from_userinfo_is_as_good(city: DeskCity, browser: Browser) -> None:
    def without_name(what: str, claims: dict[str, Any]) -> dict[str, Any]:
        kept = ("name", "organisation", "position")
        return {k: v for k, v in claims.items() if k not in kept} if what == "id_token" else claims

    city.provider.tamper = without_name
    browser.sign_in()
    assert is_in(browser)


def test_another_account_means_a_fresh_sign_in(browser: Browser) -> None:
    assert asked_for(browser.get("/desk/sign-in?other=1").headers["Location"])["prompt"] == "login"


LIES: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "nonce": lambda what, c: c | {"nonce": "x" * 43} if what == "id_token" else c,
    "no nonce": lambda what, c: {k: v for k, v in c.items() if k != "nonce"} if what == "id_token" else c,
    "issuer": lambda what, c: c | {"iss": "https://evil.example"} if what == "id_token" else c,
    "audience": lambda what, c: c | {"aud": "portal"} if what == "id_token" else c,
    "azp": lambda what, c: c | {"azp": "portal"} if what == "id_token" else c,
    "at_hash": lambda what, c: c | {"at_hash": "x" * 22} if what == "id_token" else c,
    "expired": lambda what, c: c | {"exp": c["iat"] - 3600} if what == "id_token" else c,
    "no sub": lambda what, c: {k: v for k, v in c.items() if k != "sub"} if what == "id_token" else c,
}


@pytest.mark.parametrize("lie", LIES)
def test_an_id_token_that_is_not_right_is_refused(city: DeskCity, browser: Browser, lie: str) -> None:
    city.provider.tamper = LIES[lie]
    page = browser.sign_in()
    assert page.status_code == 400
    assert "hợp lệ" in page.get_data(as_text=True)
    assert not is_in(browser)


def test_userinfo_of_another_person_is_refused(city: DeskCity, browser: Browser) -> None:
    def lie(what: str, claims: dict[str, Any]) -> dict[str, Any]:
        if what == "userinfo":
            return claims | {"sub": "somebody"}
        return {k: v for k, v in claims.items() if k != "name"} if what == "id_token" else claims

    city.provider.tamper = lie
    assert browser.sign_in().status_code == 400
    assert not is_in(browser)


def test_an_access_or_logout_token_is_no_id_token(
    city: DeskCity, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cross-JWT confusion (RFC 8725 §2.8): same key, same issuer and audience, another type."""
    sign = city.keys.sign_jwt

    def confused(claims: Any, *, typ: TokenType, alg: str = "ES256") -> str:
        return sign(claims, typ=TokenType.LOGOUT if typ is TokenType.ID else typ, alg=alg)

    monkeypatch.setattr(city.keys, "sign_jwt", confused)
    assert browser.sign_in().status_code == 400
    assert not is_in(browser)


@pytest.mark.parametrize("iss", ["", "https://evil.example"])
def test_the_answer_must_name_our_provider(city: DeskCity, browser: Browser, iss: str) -> None:
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    mixed = url.partition("&iss=")[0] + (f"&iss={iss}" if iss else "")
    assert browser.follow(mixed).status_code == 400
    assert not is_in(browser)


def test_an_answer_in_another_browser_is_refused(city: DeskCity, browser: Browser) -> None:
    """Login CSRF: the attacker's answer must not sign the victim in as the attacker."""
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], MAI)
    victim = city.browser()
    victim.get("/desk/sign-in")
    assert victim.follow(url).status_code == 400
    assert not is_in(victim)


def test_an_answer_counts_once(city: DeskCity, browser: Browser) -> None:
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    assert browser.follow(url).status_code == 303
    assert browser.follow(url).status_code == 400
    assert events(city) == ["signing.desk_session.started"]


def test_a_late_answer_is_refused(city: DeskCity, browser: Browser) -> None:
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    city.base.clock.move(city.services.settings.desk_login_seconds + 1)  # type: ignore[attr-defined]  # a FixedClock
    assert browser.follow(url).status_code == 400


@pytest.mark.parametrize(
    "query", ["", "state=", "state=x", "state=x&code=y&iss=z", "state=a&state=b", "error=access_denied"]
)
def test_a_made_up_answer_is_an_ordinary_error_page(browser: Browser, query: str) -> None:
    page = browser.get(f"/desk/callback?{query}")
    assert page.status_code == 400
    assert 'href="/desk' in page.get_data(as_text=True)


def test_the_provider_may_say_no(city: DeskCity, browser: Browser) -> None:
    page = browser.follow(city.provider.refuse(browser.get("/desk/sign-in").headers["Location"]))
    assert page.status_code == 403


def test_a_provider_that_is_down_is_said_so(city: DeskCity, browser: Browser) -> None:
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    city.provider.down = True
    assert browser.follow(url).status_code == 503
    assert not is_in(browser)


def test_a_code_the_provider_does_not_know_is_an_ordinary_refusal(city: DeskCity, browser: Browser) -> None:
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    city.provider.codes.clear()
    assert browser.follow(url).status_code == 400


def test_a_rush_waits_and_loses_nothing(city: DeskCity, browser: Browser) -> None:
    """The provider may be the same process: threads that wait for tokens must not use up those that mint them."""
    url = city.provider.approve(browser.get("/desk/sign-in").headers["Location"], BINH)
    places = city.base.base.threads // 2
    with ExitStack() as held:
        for _ in range(places):
            held.enter_context(city.services.exchange_gate.enter())
        waiting = browser.follow(url)
    assert (waiting.status_code, waiting.headers["Refresh"]) == (503, "1")
    assert browser.follow(url).headers["Location"] == "/desk"
    assert is_in(browser)


def test_signing_out_ends_both_sessions(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    away = browser.post("/desk/sign-out")
    asked = asked_for(away.headers["Location"])
    assert away.headers["Location"].startswith(f"{city.provider.issuer}/logout?")
    assert asked["post_logout_redirect_uri"] == f"{city.provider.issuer}/desk"
    claims = city.keys.verify_own_jwt(asked["id_token_hint"], typ=TokenType.ID, issuer=city.provider.issuer)
    assert claims["sub"] == BINH.sub
    assert not is_in(browser)
    assert events(city)[-1] == "signing.desk_session.ended"


def test_an_idle_session_ends(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    city.base.clock.move(city.services.settings.desk_idle_seconds - 1)  # type: ignore[attr-defined]  # a FixedClock
    assert is_in(browser)
    city.base.clock.move(city.services.settings.desk_idle_seconds + 1)  # type: ignore[attr-defined]  # a FixedClock
    assert not is_in(browser)


def test_no_session_lasts_longer_than_its_limit(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    steps = city.services.settings.desk_total_seconds // 1000
    for _ in range(steps):
        city.base.clock.move(1000)  # type: ignore[attr-defined]  # a FixedClock
        is_in(browser)
    city.base.clock.move(1000)  # type: ignore[attr-defined]  # a FixedClock
    assert not is_in(browser)


def logout(city: DeskCity, token: str) -> int:
    answer = city.app.test_client().post("/desk/backchannel-logout", data={"logout_token": token})
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.status_code)


def test_the_provider_ends_a_session(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    other = city.browser()
    other.sign_in(MAI)
    assert logout(city, city.provider.logout_token()) == 200
    assert not is_in(browser)
    assert is_in(other)
    assert events(city)[-1] == "signing.desk_session.ended"


def test_the_provider_ends_all_sessions_of_a_person(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    assert logout(city, city.provider.logout_token(sid=None)) == 200
    assert not is_in(browser)


BAD_LOGOUTS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "n"},
    "events": {"events": {}},
    "no events": {"events": None},
    "event is text": {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
    "nobody": {"sid": None, "sub": None},
    "no jti": {"jti": None},
    "issuer": {"iss": "https://evil.example"},
    "audience": {"aud": "portal"},
    "expired": {"exp": 1},
    "old": {"iat": 1_000_000},
    "no iat": {"iat": None},
}


@pytest.mark.parametrize("wrong", BAD_LOGOUTS)
def test_a_wrong_logout_token_ends_nothing(city: DeskCity, browser: Browser, wrong: str) -> None:
    browser.sign_in()
    assert logout(city, city.provider.logout_token(**BAD_LOGOUTS[wrong])) == 400
    assert is_in(browser)
    assert events(city)[-1] == "signing.logout_token.refused"


def test_an_id_token_is_no_logout_token(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    good = city.provider.logout_token()
    claims = city.keys.verify_own_jwt(good, typ=TokenType.LOGOUT, issuer=city.provider.issuer)
    assert logout(city, city.keys.sign_jwt(claims, typ=TokenType.ID)) == 400
    assert logout(city, "") == 400
    assert logout(city, "a.b.c") == 400
    assert is_in(browser)


def test_a_logout_token_counts_once(city: DeskCity, browser: Browser) -> None:
    token = city.provider.logout_token(sid=None)
    assert logout(city, token) == 200
    browser.sign_in()
    assert logout(city, token) == 400
    assert is_in(browser)


def test_old_journeys_are_forgotten(city: DeskCity, browser: Browser) -> None:
    browser.sign_in()
    browser.get("/desk/sign-in")
    city.base.clock.move(40 * 86_400)  # type: ignore[attr-defined]  # a FixedClock
    forget_journeys(city.services)
    with city.base.db.read() as connection:
        assert connection.execute(select(desk_logins)).all() == []
        assert connection.execute(select(desk_sessions)).all() == []
