"""A service's back channel on the loopback, and one round of the worker that speaks to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import select

from base.outbox import Worker, outbox
from idp.flows.background import outbox_handlers
from keys.api import TokenType
from tests.functional.idp_site import Site

HELD_SECONDS = 60
"""A service that does not answer is as good as silent for that long; every test ends before it."""
PATIENCE_SECONDS = 20
"""A test waits this long for what takes a moment; a slow machine is no failure."""


class Receiver:
    """
    Answers `status`, while `held` is set only once that event comes; what was posted is in `forms` when it arrives.
    """

    def __init__(self) -> None:
        self.status = 200
        self.held: threading.Event | None = None
        self.forms: list[dict[str, list[str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name http.server asks for
                body, held = self.rfile.read(int(self.headers["Content-Length"])).decode(), receiver.held
                receiver.forms.append(parse_qs(body))
                if held is not None:
                    held.wait(HELD_SECONDS)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/backchannel"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def got(self) -> list[str]:
        """The logout tokens, oldest first."""
        return [form["logout_token"][0] for form in self.forms]

    def claims(self, site: Site, nth: int = -1) -> dict[str, Any]:
        """What a token of ours says, its signature checked with our own keys."""
        return site.services.keys.verify_own_jwt(
            self.got[nth], typ=TokenType.LOGOUT, issuer=site.services.issuer, allow_expired=True
        )

    def hold(self, site: Site) -> threading.Event:
        """Answer no more until the event is set; our client, which would give up in between, waits as long."""
        site.services.base.http._timeout = HELD_SECONDS
        self.held = threading.Event()
        return self.held

    def await_tokens(self, count: int, seconds: float = PATIENCE_SECONDS) -> None:
        until = time.monotonic() + seconds
        while len(self.forms) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.forms) == count


@contextmanager
def back_channel() -> Iterator[Receiver]:
    """A receiver while it is open."""
    opened = Receiver()
    try:
        yield opened
    finally:
        if opened.held is not None:
            opened.held.set()
        opened.server.shutdown()
        opened.server.server_close()
        opened.thread.join()


def deliver(site: Site) -> str:
    """One round of the worker. Returns the state all notices are in."""
    base = site.services.base
    Worker(base.db, base.clock, outbox_handlers(site.services)).deliver_due()
    (state,) = set(states(site))
    return state


def states(site: Site) -> list[str]:
    """The states of all notices, oldest first."""
    with site.services.base.db.read() as connection:
        return list(connection.execute(select(outbox.c.state).order_by(outbox.c.created_at, outbox.c.id)).scalars())
