"""The backchannel with real pages: a service that asks, a person who looks and answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from base.texts import Text
from idp.models import deferred_requests
from idp.protocol.deferred import CIBA
from tests.functional.idp_site import Browser, Site
from tests.provider import Provider, Registered, Reply


def backchannel_client(desk: Provider, **metadata: Any) -> Registered:
    return desk.client(
        **{
            "client_name": "Tổng đài 1022",
            "redirect_uris": None,
            "grant_types": [CIBA, "refresh_token"],
            "scope": "openid profile offline_access",
            "purpose": Text("Xác minh người gọi", "Checking who is calling"),
        }
        | metadata
    )


def send(desk: Provider, client: Registered, **form: str | None) -> Reply:
    sent = {"scope": "openid profile", "login_hint": "hong", "binding_message": "Cuộc gọi 4711", **form}
    return desk.posted("/backchannel_authentication", client, **sent)


def ask(desk: Provider, client: Registered, **form: str | None) -> dict[str, Any]:
    reply = send(desk, client, **form)
    assert reply.status == 200, reply.body
    return reply.json


def person(site: Site, name: str = "hong", **more: Any) -> Browser:
    site.add_user(name, **more)
    browser = site.browser()
    browser.sign_in(name)
    return browser


def look(site: Site, browser: Browser) -> None:
    """Open the one request that waits, as the link on the account page does."""
    with site.services.base.db.read() as connection:
        waiting = select(deferred_requests.c.id).where(deferred_requests.c.state == "waiting")
        found = connection.execute(waiting).scalar_one()
    browser.get(f"/requests?request={found}")
