"""The sign-in page in front of Flask: as protected as behind it, and the same page however it was made."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from werkzeug.test import TestResponse

from base.errors import AntinError
from base.texts import Text
from idp.protocol.response_modes import Answer
from idp.web import login
from tests.functional.idp_site import PASSWORD, Browser, Site, answer_of

TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


def test_a_form_without_the_token_of_this_browser_tries_no_password(site: Site) -> None:
    site.add_user("hong")
    browser, other = site.browser(), site.browser()
    other.get("/login")
    browser.get("/login")
    typed = {"username": "hong", "password": PASSWORD}
    for token in ("", other.hidden("/login")["csrf"], "%%"):
        assert browser.post("/login", {**typed, "csrf": token}).status_code == 403
        assert browser.cookie("antin_session") is None
    assert site.events("idp.sign_in.succeeded") == site.events("idp.sign_in.failed") == []
    assert browser.sign_in("hong").request.path == "/account"


def test_the_page_put_together_is_the_page_of_the_template(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    title = {"client_name": "Sở <Y tế>", "client_name#en": "Health & Co"}
    site.add_client("first", **title)
    site.add_client("second", policy_uri="https://example.vn/?a=1&b=2", purpose=Text("Khác", "Other"))
    browser, rendered = site.browser(), []
    render = login._html

    def remembered(*given: Any, **more: Any) -> str:
        rendered.append(render(*given, **more))
        return rendered[-1]

    for client, lang in product(("first", "second"), ("vi", "en", "vi")):
        address = site.authorize_url(client_id=client, state="ế&<'\"", ui_locales=lang)
        browser.get(address)
        put_together = browser.page.text if browser.page else ""
        with monkeypatch.context() as patched:
            patched.setattr(login, "_usual", lambda _kept, visit, here: remembered(visit, here, None))
            whole = browser.client.get(browser.page.request.full_path if browser.page else "")
        assert rendered.pop() == whole.text
        assert f'<html lang="{lang}">' in put_together
        assert TOKEN.sub("", put_together) == TOKEN.sub("", whole.text)
        assert len(set(TOKEN.findall(put_together))) == 1


def _password_sent(site: Site, browser: Browser, **parameters: str) -> TestResponse:
    """What the password form is answered with, before the browser goes anywhere."""
    browser.get(site.authorize_url(**parameters))
    typed = {**browser.hidden("/login"), "username": "hong", "password": PASSWORD}
    answer: TestResponse = browser.client.post("/login", data=typed)
    return answer


def test_a_right_password_leads_to_the_service_at_once(site: Site) -> None:
    site.add_user("hong")
    site.add_client(trusted=True)
    browser = site.browser()
    answer = _password_sent(site, browser)
    assert answer.status_code == 303
    assert answer_of(answer)["code"]
    assert "form-action 'self' https://portal.example.vn;" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert browser.cookie("antin_session")
    assert browser.get("/account").request.path == "/account"


def test_a_right_password_leads_to_the_next_page_at_once(site: Site) -> None:
    site.add_user("hong")
    site.add_client()
    browser = site.browser()
    answer = _password_sent(site, browser)
    assert answer.headers["Location"].startswith("/consent?tx=")
    assert browser.get(answer.headers["Location"]).request.path == "/consent"


def test_a_form_that_posts_itself_is_never_the_answer_to_a_password(site: Site) -> None:
    site.add_user("hong")
    site.add_client(trusted=True)
    browser = site.browser()
    answer = _password_sent(site, browser, response_mode="form_post")
    assert (answer.status_code, answer.headers["Location"].partition("=")[0]) == (303, "/authorize?tx")
    assert 'name="code"' in browser.get(answer.headers["Location"]).text


@pytest.mark.parametrize("error", [AntinError("away", vi="x", en="x", status=503), RuntimeError("inner")])
def test_who_is_signed_in_stays_so_whatever_stands_in_the_way(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    site.add_user("hong")
    site.add_client(trusted=True)
    browser = site.browser()

    def failing(*_given: object) -> Answer:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(login, "go_on", failing)
        answer = _password_sent(site, browser)
    assert answer.headers["Location"].startswith("/authorize?tx=")
    assert browser.cookie("antin_session")
    assert answer_of(browser.get(answer.headers["Location"]))["code"]


def test_two_people_never_see_one_another_in_it(site: Site) -> None:
    site.add_client()
    browsers = [site.browser() for _ in range(3)]
    pages = [_page_of(site, browser, f"state-{number}") for number, browser in enumerate(browsers)]
    held = [(browser.hidden("/login")["tx"], browser.hidden("/login")["csrf"]) for browser in browsers]
    for number, (tx, token) in enumerate(held):
        for other, page in enumerate(pages):
            assert (tx in page, token in page) == (number == other, number == other)


def _page_of(site: Site, browser: Browser, state: str) -> str:
    return browser.get(site.authorize_url(state=state)).text
