"""The logged-out page in a real browser: it tells services in frames, and leads on even if one of them hangs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.browser.gallery import Gallery
from tests.browser.watch import Visitor
from tests.city import City

HANG_SECONDS = 30
AT_MOST_SECONDS = 6.0
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@dataclass
class Service:
    """A service that may hang when it is told; `told` are the parameters it was told with."""

    origin: str = ""
    hangs: bool = False
    told: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server asks for
            parts = urlsplit(self.path)
            if parts.path == "/out":
                running.told.append(dict(parse_qsl(parts.query)))
                if running.hangs:
                    running.over.wait(HANG_SECONDS)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><html lang=vi><link rel=icon href=data:,><title>x</title><body>")

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.origin = f"http://localhost:{server.server_port}"
        yield running
        running.over.set()
        server.shutdown()


def sign_in_at(citizen: Visitor, city: City, service: Service) -> str:
    """Returns the address that asks for a logout."""
    metadata = {
        "client_name": "Thử",
        "redirect_uris": [f"{service.origin}/cb"],
        "post_logout_redirect_uris": [f"{service.origin}/bye"],
        "frontchannel_logout_uri": f"{service.origin}/out",
        "frontchannel_logout_session_required": True,
        "token_endpoint_auth_method": "none",
    }
    client_id = json.loads(city.antin("client", "add", "-", given=json.dumps(metadata)).stdout)["client_id"]
    request = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": f"{service.origin}/cb",
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    citizen.friends.add(service.origin)
    page = citizen.page
    page.goto(f"{city.issuer}/authorize?{urlencode(request)}")
    citizen.sign_in("lan")
    if page.locator("button[name=decision]").count():
        citizen.decide("allow")
    page.wait_for_url(f"{service.origin}/cb*")
    leaving = {"client_id": client_id, "post_logout_redirect_uri": f"{service.origin}/bye", "state": "s"}
    return f"{city.issuer}/logout?{urlencode(leaving)}"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_it_tells_and_leads_on(city: City, visit: Callable[..., Visitor], service: Service, scripts: bool) -> None:
    citizen = visit(java_script_enabled=scripts)
    address = sign_in_at(citizen, city, service)
    citizen.page.goto(address)
    citizen.page.click("button[value=end]")
    citizen.page.wait_for_url(f"{service.origin}/bye?state=s")
    assert [told["iss"] for told in service.told] == [city.issuer]
    assert service.told[0]["sid"]


def test_a_service_that_hangs_holds_nobody(city: City, visit: Callable[..., Visitor], service: Service) -> None:
    service.hangs = True
    citizen = visit()
    address = sign_in_at(citizen, city, service)
    citizen.page.goto(address)
    start = time.monotonic()
    citizen.page.click("button[value=end]", no_wait_after=True)
    citizen.page.wait_for_url(f"{service.origin}/bye?state=s")
    assert time.monotonic() - start < AT_MOST_SECONDS
    assert len(service.told) == 1


def test_without_scripts_the_link_works_while_it_hangs(
    city: City, visit: Callable[..., Visitor], service: Service, gallery: Gallery
) -> None:
    service.hangs = True
    citizen = visit(java_script_enabled=False)
    address = sign_in_at(citizen, city, service)
    citizen.page.goto(address)
    citizen.page.click("button[value=end]", no_wait_after=True)
    link = citizen.page.locator("#onward")
    link.wait_for()
    assert link.is_visible()
    gallery.look(citizen.page, "signed-out-leading-on")
    link.click(no_wait_after=True)
    citizen.page.wait_for_url(f"{service.origin}/bye?state=s")
