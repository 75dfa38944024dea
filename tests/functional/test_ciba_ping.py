"""Ping mode: the service is told that a person has answered, until it has heard, and never what she answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from base.outbox import Worker, outbox
from idp.flows.background import outbox_handlers
from idp.models import deferred_requests
from idp.web.hot import routes
from tests.elsewhere import ciba_poll
from tests.functional.backchannel import ask, backchannel_client, look, person, send
from tests.functional.idp_site import Site
from tests.provider import Provider

TOKEN = "n" * 43


@pytest.fixture
def desk(site: Site) -> Provider:
    """The protocol side of the same provider."""
    return Provider(site.services, routes(site.services))


@dataclass
class Endpoint:
    """A service's notification endpoint: what it was sent, and the statuses it answers with, in turn."""

    url: str
    got: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.got.append((self.headers["Authorization"], self.headers["Content-Type"], body))
            self.send_response(heard.statuses.pop(0) if heard.statuses else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    heard = Endpoint(f"http://127.0.0.1:{server.server_port}/ping")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()


def deliver(site: Site) -> None:
    Worker(site.services.base.db, site.clock, outbox_handlers(site.services)).deliver_due()


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_the_service_is_pinged_until_it_has_heard(
    site: Site, desk: Provider, endpoint: Endpoint, decision: str
) -> None:
    browser = person(site)
    client = backchannel_client(
        desk, backchannel_token_delivery_mode="ping", backchannel_client_notification_endpoint=endpoint.url
    )
    made = ask(desk, client, client_notification_token=TOKEN)
    deliver(site)
    assert endpoint.got == []
    look(site, browser)
    browser.submit("/requests", decision=decision)
    endpoint.statuses = [503]
    deliver(site)
    site.clock.move(2)
    deliver(site)
    assert len(endpoint.got) == 2
    assert endpoint.got[1] == (f"Bearer {TOKEN}", "application/json", {"auth_req_id": made["auth_req_id"]})
    polled = ciba_poll(desk, client, made["auth_req_id"])
    assert (polled.status == 200) == (decision == "allow")
    deliver(site)
    assert len(endpoint.got) == 2
    with site.services.base.db.read() as connection:
        row = connection.execute(select(deferred_requests)).one()
        rows = connection.execute(select(outbox.c.payload)).scalars().all()
    for secret in (TOKEN, made["auth_req_id"]):
        assert secret not in str(row) + str(rows)


@pytest.mark.parametrize(
    ("status", "times"), [(401, 1), (403, 1), (404, 1), (301, 1), (307, 1), (408, 2), (429, 2), (500, 2)]
)
def test_a_refusal_of_the_ping_is_final(
    site: Site, desk: Provider, endpoint: Endpoint, status: int, times: int
) -> None:
    """
    fapi-ciba-id1-ping-…-response-401, -response-403, -return-redirect-request, -require-server-does-not-retry: told
    once, no address that it names is gone to, and the service can fetch the answer all the same.
    """
    browser = person(site)
    client = backchannel_client(
        desk, backchannel_token_delivery_mode="ping", backchannel_client_notification_endpoint=endpoint.url
    )
    made = ask(desk, client, client_notification_token=TOKEN)
    look(site, browser)
    browser.submit("/requests", decision="allow")
    endpoint.statuses = [status]
    for _ in range(3):
        deliver(site)
        site.clock.move(20)
    assert len(endpoint.got) == times
    assert ciba_poll(desk, client, made["auth_req_id"]).status == 200


def test_a_request_that_is_over_pings_nobody(site: Site, desk: Provider, endpoint: Endpoint) -> None:
    browser = person(site)
    client = backchannel_client(
        desk, backchannel_token_delivery_mode="ping", backchannel_client_notification_endpoint=endpoint.url
    )
    ask(desk, client, client_notification_token=TOKEN)
    look(site, browser)
    browser.submit("/requests", decision="allow")
    site.clock.move(301)
    deliver(site)
    assert endpoint.got == []


@pytest.mark.parametrize("token", [None, "short", "n" * 21, "n" * 1025, "n n" * 10, "ế" * 30])
def test_a_ping_needs_a_token_that_is_a_secret(site: Site, desk: Provider, token: str | None) -> None:
    site.add_user("hong")
    client = backchannel_client(
        desk,
        backchannel_token_delivery_mode="ping",
        backchannel_client_notification_endpoint="https://desk.example.vn/ping",
    )
    reply = send(desk, client, client_notification_token=token)
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")
