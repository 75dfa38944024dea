"""Attack: to be granted more than the person in front of the screen has allowed."""

from __future__ import annotations

import json

import pytest

from base.clock import FixedClock
from base.ids import hash_secret
from idp.flows.consent import allow
from idp.flows.interactions import describe, read_interaction, resumed
from idp.store.sessions import live_session
from tests.functional.idp_site import Site, answer_of
from tests.functional.test_consent import official_at_work, signing_request
from tests.functional.test_oauth_prompts import waiting
from tests.provider import Provider


def test_an_answer_kept_by_one_person_is_not_used_on_the_next(site: Site) -> None:
    """
    At a shared computer somebody allows everything and keeps the address that follows. The next person allows the
    same service less. The kept address must not carry the first answer over to her.
    """
    site.add_client()
    site.add_user("ke.gian")
    site.add_user("lan")
    shared = site.browser()
    shared.sign_in("ke.gian", start=site.authorize_url(scope="openid profile phone address"))
    sent = shared.client.post("/consent", data={**shared.hidden("/consent"), "decision": "allow"})
    kept = sent.headers["Location"]
    shared.get("/account")
    shared.submit("/account/sign-out")
    site.clock.move(5)
    shared.sign_in("lan", start=site.authorize_url(scope="openid"))
    answer_of(shared.submit("/consent", decision="allow"))
    shared.get(kept)
    assert shared.path == "/consent"
    assert "Số điện thoại" in shared.text or "Địa chỉ" in shared.text


def test_one_second_factor_authorises_one_document(site: Site) -> None:
    """Two requests to sign are waiting; the code that was entered for the first does not open the second."""
    browser, secret = official_at_work(site)
    browser.get(signing_request(site))
    first = browser.page
    browser.get(signing_request(site))
    assert browser.path == "/login/code"
    second = browser.page
    site.clock.move(30)
    browser.page = first
    browser.enter_code(secret)
    assert "code" in answer_of(browser.submit("/consent", decision="allow"))
    assert second is not None
    browser.get(f"/authorize?tx={second.request.args['tx']}")
    assert browser.path == "/login/code"


@pytest.mark.parametrize("values", [{"value": "somebody else"}, {"values": ["x", "y"], "essential": True}])
def test_a_service_that_names_the_person_gets_no_other(
    provider: Provider, values: dict[str, object], clock: FixedClock
) -> None:
    """OpenID Connect Core §3.1.2.2: a positive answer only when the person named by `sub` is the one signed in."""
    client, person = provider.client(), provider.person()
    provider.consent(person, client.client)
    cookie = provider.session(person)
    clock.move(1)
    claims = json.dumps({"id_token": {"sub": values}})
    assert provider.authorize(client, cookie, claims=claims, prompt="none").params["error"] == "login_required"
    assert provider.authorize(client, cookie, claims=claims).location.startswith("/login?")


def test_a_service_that_names_the_person_rightly_gets_her(provider: Provider) -> None:
    client, person = provider.client(), provider.person()
    provider.consent(person, client.client)
    cookie = provider.session(person)
    code = provider.code(client, cookie)
    token = provider.redeem(client, code).json["access_token"]
    subject = provider.userinfo(token).json["sub"]
    claims = json.dumps({"id_token": {"sub": {"values": ["x", subject]}}})
    assert "code" in provider.authorize(client, cookie, claims=claims, prompt="none").params


def test_consent_is_bound_to_person_and_request(provider: Provider) -> None:
    """The word of another person's consent page is worth nothing, even when both have allowed the same."""
    client, lan, hoa = provider.client(), provider.person("lan"), provider.person("hoa")
    cookies = {lan: provider.session(lan), hoa: provider.session(hoa)}
    services = provider.services
    asked = provider.authorize(client, cookies[lan], prompt="consent")
    tx = waiting(provider, asked)
    for person in (lan, hoa):
        with services.base.db.read() as connection:
            session = live_session(connection, services.base.clock, services.settings, cookies[person])
        assert session is not None
        approved = allow(services, session, tx, describe(services, tx))
        if person == lan:
            onward = resumed(services, approved)
    assert provider.resume(onward, cookies[hoa]).location.startswith("/consent?")
    assert "code" in provider.resume(onward, cookies[lan]).params
    assert read_interaction(services, onward.split("tx=")[1], hash_secret("b" * 43)).approved_by
