"""A service's page asks the provider's frame, in a real browser, before and after the person signs out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.watch import Visitor
from tests.city import City

ASK = """async ([frame, text]) => {
  const holder = document.createElement('iframe')
  holder.src = frame
  holder.hidden = true
  await new Promise((loaded) => { holder.onload = loaded; document.body.append(holder) })
  const answer = new Promise((heard) => addEventListener('message', (event) => heard([event.origin, event.data])))
  holder.contentWindow.postMessage(text, new URL(frame).origin)
  return Promise.race([answer, new Promise((late) => setTimeout(() => late(['', 'no answer']), 3000))])
}"""


@pytest.fixture
def service() -> Iterator[str]:
    """A service of one empty page. Yields its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server asks for
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><html lang=vi><link rel=icon href=data:,><title>x</title><body>")

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def ask(page: Page, city: City, text: str) -> list[str]:
    found: list[str] = page.evaluate(ASK, [f"{city.issuer}/session/check", text])
    return found


def test_the_frame_answers_a_service(city: City, visit: Callable[..., Visitor], service: str) -> None:
    callback = f"{service}/cb"
    metadata = {"client_name": "Thử", "redirect_uris": [callback], "token_endpoint_auth_method": "none"}
    client_id = json.loads(city.antin("client", "add", "-", given=json.dumps(metadata)).stdout)["client_id"]
    request = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": callback,
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    citizen = visit()
    citizen.friends.add(service)
    page = citizen.page
    page.goto(f"{city.issuer}/authorize?{urlencode(request)}")
    citizen.sign_in("lan")
    if page.locator("button[name=decision]").count():
        citizen.decide("allow")
    page.wait_for_url(f"{callback}*")
    state = dict(parse_qsl(urlsplit(page.url).query))["session_state"]

    assert ask(page, city, f"{client_id} {state}") == [city.issuer, "unchanged"]
    assert ask(page, city, f"other {state}") == [city.issuer, "changed"]
    for wrong in ("", client_id, f"{client_id} {state} more", f"{client_id} nodot", f"{client_id} .salt"):
        assert ask(page, city, wrong) == [city.issuer, "error"], wrong

    page.goto(f"{city.issuer}/account")
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    page.wait_for_url("**/logout/done*")
    page.goto(callback)
    assert ask(page, city, f"{client_id} {state}") == [city.issuer, "changed"]
    citizen.context.clear_cookies()
    assert ask(page, city, f"{client_id} {state}") == [city.issuer, "error"]
