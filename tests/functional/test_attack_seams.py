"""What holds where two parts meet that were made without each other: attacks at the seams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from base.clock import FixedClock
from idp.flows.background import reap
from idp.flows.disable_client import disable_client
from idp.store.reaper import TOMBSTONE_SECONDS
from idp.web.hot import routes
from keys.api import TokenType
from tests.elsewhere import device_poll
from tests.functional.idp_site import PASSWORD, Site
from tests.functional.registrar import Registrar, invited
from tests.functional.test_client_documents import ID, Published, begin, known, web
from tests.functional.test_device import ask, device_client, enter, person
from tests.functional.test_oauth_exchange import City
from tests.provider import Provider

__all__ = ["known", "web"]
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


def test_a_client_that_was_disabled_is_not_forgotten_and_met_anew(known: Site, web: Published) -> None:
    """Nobody had used it, so it would be deleted, its row taken, and its document read as that of a new client."""
    begin(known)
    assert disable_client(known.services, ID)
    known.clock.move(known.services.settings.unused_client_seconds + 1)
    reap(known.services)
    known.clock.move(TOMBSTONE_SECONDS + 1)
    reap(known.services)
    page = begin(known).page
    assert page is not None
    assert page.status_code == 400
    assert len(web.visits) == 1


def test_what_was_exchanged_dies_with_the_client_it_came_from(provider: Provider, clock: FixedClock) -> None:
    """A disabled client keeps no power through the services it has called."""
    city = City(provider)
    handed_on = city.exchange(city.desk, city.received()["access_token"]).json["access_token"]
    assert city.active(city.land, handed_on)
    assert disable_client(provider.services, city.portal.id)
    clock.move(1)
    assert not city.active(city.land, handed_on)
    assert city.exchange(city.land, handed_on).json["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["max_age", "other person"])
def test_whoever_has_to_sign_in_again_for_a_device_can(site: Site, kind: str) -> None:
    """A page in between that sends her straight back would go round for ever, or be passed without the password."""
    provider = Provider(site.services, routes(site.services))
    client = device_client(provider, default_max_age=300) if kind == "max_age" else device_client(provider)
    claims = {"id_token": {"sub": {"value": "somebody else"}}}
    more = {"claims": json.dumps(claims)} if kind == "other person" else {}
    browser = person(site)
    site.clock.move(600)
    made = ask(provider, client, **more)
    enter(browser, made["user_code"])
    assert browser.path == "/login"
    site.clock.move(5)
    browser.submit("/login", username="hong", password=PASSWORD)
    assert browser.path == "/requests"
    if kind == "other person":
        assert browser.page is not None
        assert browser.page.status_code == 403
        return
    browser.submit("/requests", decision="allow")
    tokens = device_poll(provider, client, made["device_code"])
    assert tokens.status == 200, tokens.body
    assert read_id_token(provider, tokens.json["id_token"])["auth_time"] >= site.clock.now() - 300


STRANGE: tuple[Any, ...] = ([], {}, 1, True, None, "", "\0", "é", "A" * 1000, ["x"], {"a": 1})


@pytest.mark.parametrize("kty", ["RSA", "EC", "OKP", "oct", *STRANGE[:5]], ids=str)
def test_no_key_set_breaks_a_registration(site: Site, kty: Any) -> None:
    there, number = site.with_settings(registration="token"), 0
    whole = {"kty": kty, "crv": "P-256", "n": "AQAB", "e": "AQAB", "x": "AQAB", "y": "AQAB", "kid": "1", "use": "sig"}
    for name in (*whole, "alg", "key_ops", "x5c", "x5t"):
        for value in STRANGE:
            keys = {"keys": [{**whole, name: value}]}
            number += 1
            registrar = Registrar(there, f"2001:db8:{number:x}::1")
            answer = registrar.register(invited(site), jwks=keys, token_endpoint_auth_method="private_key_jwt")
            assert answer.status_code in (201, 400), (name, value)


@pytest.mark.parametrize("name", ["resource", "resources", "token_exchange_audiences"])
def test_no_address_breaks_a_registration(site: Site, name: str) -> None:
    for address in ("https://[", "http://[::1", "https://]"):
        value = address if name == "resource" else [address]
        answer = Registrar(site.with_settings(registration="token")).register(invited(site), **{name: value})
        assert answer.status_code == 400
