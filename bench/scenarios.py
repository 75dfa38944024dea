"""What is asked of the running provider: each scenario turns a prepared city into one turn function a connection."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.city import City, Person
from bench.load import BadAnswer, Turn, fixed, request

REDIRECT_URI = "http://localhost:9/callback"
_CODE = re.compile(rb"[?&]code=([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Scenario:
    """turns: one function a connection; per_operation: requests in one operation; limit: which one it is held to."""

    name: str
    turns: Callable[[City], list[Turn]]
    limit: str
    per_operation: int = 1


def client_credentials(city: City) -> list[Turn]:
    wire = _token_request(city, {"grant_type": "client_credentials"}, city.machine)
    return [fixed(wire, within=b'"access_token"')] * city.connections


def introspection(city: City) -> list[Turn]:
    body = urlencode({"token": city.people[0].access_token}).encode()
    wire = request("POST", "/introspect", headers=_basic(city.service), body=body)
    return [fixed(wire, within=b'"active":true')] * city.connections


def userinfo(city: City) -> list[Turn]:
    wires = [request("GET", "/userinfo", headers={"Authorization": f"Bearer {p.access_token}"}) for p in city.people]
    return [fixed(wires[i % len(wires)], within=b'"sub"') for i in range(city.connections)]


def jwks(city: City) -> list[Turn]:
    return [fixed(request("GET", "/jwks"), within=b'"keys"')] * city.connections


def silent_authorize(city: City) -> list[Turn]:
    return [
        fixed(_authorize_request(city, person, _challenge("x" * 43)), expect=b" 303 ")
        for person in _cycle(city, city.connections)
    ]


def code_flow(city: City) -> list[Turn]:
    return [_code_turn(city, person) for person in _cycle(city, city.connections)]


def refresh(city: City) -> list[Turn]:
    return [_refresh_turn(city, number) for number in range(city.connections)]


SCENARIOS = (
    Scenario("token: client credentials", client_credentials, "es256"),
    Scenario("token: code (authorize + redeem)", code_flow, "insert", per_operation=2),
    Scenario("token: refresh with rotation", refresh, "insert"),
    Scenario("introspection with revocation check", introspection, "wsgi"),
    Scenario("userinfo", userinfo, "wsgi"),
    Scenario("JWKS", jwks, "wsgi"),
    Scenario("silent authorize", silent_authorize, "insert"),
)


def _cycle(city: City, count: int) -> list[Person]:
    return [city.people[i % len(city.people)] for i in range(count)]


def _basic(client: tuple[str, str]) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(":".join(client).encode()).decode()}


def _token_request(city: City, form: dict[str, str], client: tuple[str, str]) -> bytes:
    return request("POST", "/token", headers=_basic(client), body=urlencode(form).encode())


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _authorize_request(city: City, person: Person, challenge: str) -> bytes:
    query = urlencode(
        {
            "response_type": "code",
            "client_id": city.service[0],
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "none",
        }
    )
    return request("GET", f"/authorize?{query}", headers={"Cookie": person.cookie})


def _code_turn(city: City, person: Person) -> Turn:
    verifier = secrets.token_urlsafe(32)
    authorize = _authorize_request(city, person, _challenge(verifier))
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": verifier}

    def turn(head: bytes, body: bytes) -> bytes:
        if not head or b'"access_token"' in body:
            return authorize
        code = _CODE.search(head)
        if code is None:
            raise BadAnswer(f"{head[:300]!r} {body[:200]!r}")
        return _token_request(city, {**form, "code": code.group(1).decode()}, city.service)

    return turn


def _refresh_turn(city: City, number: int) -> Turn:
    held = city.refresh_tokens  # the newest token of each connection, kept over the end of a drive

    def turn(head: bytes, body: bytes) -> bytes:
        if head:
            if b" 200 " not in head[:16]:
                raise BadAnswer(f"{head[:200]!r} {body[:200]!r}")
            held[number] = json.loads(body)["refresh_token"]
        return _token_request(city, {"grant_type": "refresh_token", "refresh_token": held[number]}, city.service)

    return turn
