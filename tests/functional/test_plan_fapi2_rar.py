"""
The official plan fapi2-security-profile-final with authorization_request_type=rar: the happy flow in all four ways, and
what its negative modules demand of authorization details.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fapi import CITY, VARIANTS, Party, error, party
from tests.functional.idp_site import CALLBACK, PASSWORD, Site, answer_of
from tests.provider import Provider

FILE = {"type": "ho_so", "identifier": "H17.12-251101-0042", "actions": ["read"]}


def rar_party(site: Site, auth: str, bind: str) -> Party:
    provider = Provider(site.services).with_mtls(CITY)
    return party(provider, auth, bind, redirect_uris=[CALLBACK], authorization_details_types=["ho_so"])


def code_of(site: Site, client: Party, details: list[dict[str, Any]]) -> str:
    """Pushed, shown to the person, allowed."""
    site.add_user("hong")
    pushed = client.pushed(redirect_uri=CALLBACK, authorization_details=json.dumps(details))
    browser = site.browser()
    browser.get(f"/authorize?client_id={client.id}&request_uri={pushed}")
    browser.submit("/login", username="hong", password=PASSWORD)
    assert browser.path == "/consent"
    assert "H17.12-251101-0042" in browser.text
    return answer_of(browser.submit("/consent", decision="allow"))["code"]


@pytest.mark.parametrize(("auth", "bind"), VARIANTS, ids="-".join)
def test_happy_flow(site: Site, auth: str, bind: str) -> None:
    client = rar_party(site, auth, bind)
    reply = client.redeem(code_of(site, client, [FILE]), redirect_uri=CALLBACK)
    assert reply.status == 200, reply.body
    assert reply.json["authorization_details"] == [FILE]
    told = client.resource(reply.json["access_token"], "/whoami").json
    assert told["authorization_details"] == [FILE]
    assert client.resource(reply.json["access_token"]).status == 200
    again = client.refresh(reply.json["refresh_token"])
    assert again.json["authorization_details"] == [FILE]


@pytest.mark.parametrize("details", [[{"type": "unknown"}], [FILE | {"more": 1}], [{}], {}, [FILE] * 6])
def test_what_is_not_understood_is_refused_when_it_is_pushed(site: Site, details: Any) -> None:
    client = rar_party(site, "private_key_jwt", "dpop")
    reply = client.push(redirect_uri=CALLBACK, authorization_details=json.dumps(details))
    assert error(reply) == (400, "invalid_authorization_details")
