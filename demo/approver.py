"""
Answers backchannel requests in the name of the people they are for, so that a test suite needs nobody at a screen.

For trials alone: it stands in no server of the product, `antin demo approver` starts it, and only where the setting
demo_city says that this installation is a demo. Whoever reaches it can sign in as anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import select

from base.errors import StartError
from base.ids import hash_secret
from base.settings import Settings
from demo.settings import DemoSettings
from idp.flows.answer_request import allow, deny
from idp.flows.deferred_requests import RequestOver, has_second_factor, waiting_requests
from idp.models import deferred_requests
from idp.services import IdpServices
from idp.store.sessions import Place, live_session, start_session

ANSWERS = {"allow": allow, "deny": deny}


def require_demo(settings: Settings) -> None:
    """Raises: StartError: this installation is no demo."""
    if not settings[DemoSettings].demo_city:
        raise StartError("answers are given by themselves in a demo only; set ANTIN_DEMO_CITY=true for one")


def answer(services: IdpServices, auth_req_id: str, action: str) -> None:
    """
    Sign the person in with every factor the account has, and answer. action: allow | deny.

    Raises:  RequestOver: no such request waits. KeyError: no such action.
    """
    say = ANSWERS[action]
    table = deferred_requests
    with services.base.db.read() as connection:
        query = select(table.c.id, table.c.user_id).where(table.c.secret_hash == hash_secret(auth_req_id))
        row = connection.execute(query).first()
    if row is None:
        raise RequestOver
    asked = next((one for one in waiting_requests(services, row.user_id) if one.stored.id == row.id), None)
    if asked is None:
        raise RequestOver
    now, clock, settings = services.base.clock.now(), services.base.clock, services.settings
    factors = {"pwd": now, "otp": now} if has_second_factor(services, row.user_id) else {"pwd": now}
    place = Place("127.0.0.1", "antin demo approver")
    with services.base.db.begin() as connection:
        _, cookie = start_session(connection, clock, settings, user_id=row.user_id, factors=factors, place=place)
    with services.base.db.read() as connection:
        session = live_session(connection, clock, settings, cookie)
    if session is None:
        raise RequestOver
    say(services, session, asked)


def application(services: IdpServices) -> Callable[..., Iterable[bytes]]:
    """A WSGI application: POST /?auth_req_id=…&action=allow|deny → 204, 404 for no such request, 400 for the rest."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        asked, action = query.get("auth_req_id", [""])[0], query.get("action", [""])[0]
        status = "204 No Content"
        if environ["REQUEST_METHOD"] != "POST" or action not in ANSWERS:
            status = "400 Bad Request"
        else:
            try:
                answer(services, asked, action)
            except RequestOver:
                status = "404 Not Found"
        start_response(status, [("Content-Length", "0")])
        return []

    return app
