"""Requests that a person answers on another device, without pages: asked for as a client, answered as that person."""

from __future__ import annotations

from typing import Any

from idp.flows.answer_request import allow, deny
from idp.flows.deferred_requests import Asked, enter_code, entered, find_asked, waiting_requests
from idp.flows.visitor import Visitor
from idp.protocol.deferred import CIBA, DEVICE_CODE
from idp.store.sessions import SessionFacts, live_session
from tests.provider import BROWSER, Provider, Registered, Reply


def ask_device(provider: Provider, client: Registered, *, proof: str | None = None, **form: str) -> dict[str, Any]:
    """A fresh device code."""
    reply = provider.posted("/device_authorization", client, proof=proof, **{"scope": "openid", **form})
    assert reply.status == 200, reply.body
    return reply.json


def ask_person(
    provider: Provider, client: Registered, name: str = "lan", *, proof: str | None = None, **form: str
) -> dict[str, Any]:
    """A fresh authentication request id."""
    sent = {"scope": "openid", "login_hint": name, **form}
    reply = provider.posted("/backchannel_authentication", client, proof=proof, **sent)
    assert reply.status == 200, reply.body
    return reply.json


def device_poll(provider: Provider, client: Registered, device_code: str, *, proof: str | None = None) -> Reply:
    return provider.posted("/token", client, proof=proof, grant_type=DEVICE_CODE, device_code=device_code)


def ciba_poll(provider: Provider, client: Registered, auth_req_id: str, *, proof: str | None = None) -> Reply:
    return provider.posted("/token", client, proof=proof, grant_type=CIBA, auth_req_id=auth_req_id)


def someone(cookie: str, browser: str = BROWSER) -> Visitor:
    return Visitor(browser=browser, address="203.113.131.1", user_agent="test", cookie=cookie)


def session_of(provider: Provider, cookie: str) -> SessionFacts:
    services = provider.services
    with services.base.db.read() as connection:
        found = live_session(connection, services.base.clock, services.settings, cookie)
    assert found is not None
    return found


def at_device(provider: Provider, cookie: str, user_code: str) -> Asked:
    """What the person of that session sees after entering the code."""
    services, session, visitor = provider.services, session_of(provider, cookie), someone(cookie)
    found = enter_code(services, visitor, session, user_code)
    return find_asked(services, visitor, session, found.id, entered(services, visitor, session, found.id))


def answer_device(provider: Provider, cookie: str, user_code: str, *, yes: bool = True) -> None:
    """Enter the code and answer."""
    asked = at_device(provider, cookie, user_code)
    (allow if yes else deny)(provider.services, session_of(provider, cookie), asked)


def answer_person(provider: Provider, cookie: str, *, yes: bool = True) -> None:
    """Answer the newest request that waits on the account page."""
    session = session_of(provider, cookie)
    asked = waiting_requests(provider.services, session.user_id)[-1]
    (allow if yes else deny)(provider.services, session, asked)


def device_code(provider: Provider, client: Registered, cookie: str, **form: str) -> str:
    """A device code that the person has allowed."""
    made = ask_device(provider, client, **form)
    answer_device(provider, cookie, made["user_code"])
    return str(made["device_code"])


def auth_req_id(provider: Provider, client: Registered, cookie: str, **form: str) -> str:
    """An authentication request id that the person has allowed."""
    made = ask_person(provider, client, session_of(provider, cookie).username, **form)
    answer_person(provider, cookie)
    return str(made["auth_req_id"])
