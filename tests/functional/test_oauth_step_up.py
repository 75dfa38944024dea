"""A resource that wants more than the sign-in behind a token says so, and the service can ask the person for it."""

from __future__ import annotations

import re

import pytest

from base.clock import FixedClock
from tests.functional.idp_site import CALLBACK, VERIFIER, Site, answer_of
from tests.provider import Provider, Registered

TWO = "urn:vn:xt:2"


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_settings(step_up_scopes=("phone",), step_up_acr=TWO, step_up_max_age_seconds=300)


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


def token(provider: Provider, client: Registered, cookie: str, **changes: str) -> str:
    code = provider.code(client, cookie, **{"scope": "openid phone", **changes})
    return str(provider.redeem(client, code).json["access_token"])


def wanted(challenge: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', challenge))


@pytest.mark.parametrize("path", ["/userinfo", "/whoami"])
def test_what_is_missing_is_said(provider: Provider, client: Registered, clock: FixedClock, path: str) -> None:
    person = provider.person()
    weak, strong = (token(provider, client, provider.session(person, otp=otp)) for otp in (False, True))

    def ask(of: str) -> tuple[int, dict[str, str]]:
        reply = provider.ask(path, headers={"Authorization": f"Bearer {of}"})
        return reply.status, wanted(reply.headers.get("WWW-Authenticate", ""))

    status, said = ask(weak)
    assert (status, said["error"], said["acr_values"]) == (401, "insufficient_user_authentication", TWO)
    assert "max_age" not in said
    assert ask(strong) == (200, {})
    clock.move(301)
    assert ask(weak)[1]["max_age"] == ask(strong)[1]["max_age"] == "300"
    assert ask(strong)[0] == 401
    assert "acr_values" not in ask(strong)[1]


def test_other_scopes_are_open(provider: Provider, client: Registered) -> None:
    cookie = provider.session(provider.person())
    assert provider.userinfo(token(provider, client, cookie, scope="openid email")).status == 200
    assert provider.with_settings(step_up_scopes=()).userinfo(token(provider, client, cookie)).status == 200


def test_the_challenge_leads_to_a_token_that_is_enough(site: Site, clock: FixedClock) -> None:
    """The client repeats its request with the values of the challenge; the person shows the second factor."""
    person, secret = site.add_user("hong", totp=True)
    provider = Provider(site.services).with_settings(step_up_scopes=("email",), step_up_max_age_seconds=300)
    client = provider.client(redirect_uris=[CALLBACK], trusted=True)
    browser = site.browser()

    def ask(access_token: str) -> tuple[int, dict[str, str]]:
        reply = provider.userinfo(access_token)
        return reply.status, wanted(reply.headers.get("WWW-Authenticate", ""))

    def redeem(code: str) -> str:
        reply = provider.redeem(client, code, redirect_uri=CALLBACK, code_verifier=VERIFIER)
        return str(reply.json["access_token"])

    browser.get("/login")
    browser.client.set_cookie("antin_session", provider.session(person))  # of a day before she had a second factor
    first = redeem(answer_of(browser.get(site.authorize_url(client.id, scope="openid email")))["code"])
    status, said = ask(first)
    assert (status, said["error"]) == (401, "insufficient_user_authentication")
    more = {name: said[name] for name in ("acr_values", "max_age") if name in said}
    browser.get(site.authorize_url(client.id, scope="openid email", **more))
    assert browser.path == "/login/code"
    second = redeem(answer_of(browser.enter_code(secret))["code"])
    assert ask(second) == (200, {})
    clock.move(301)
    stale = ask(second)[1]
    browser.get(site.authorize_url(client.id, scope="openid email", max_age=stale["max_age"], acr_values=TWO))
    assert browser.path == "/login"
