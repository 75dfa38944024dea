"""What is asked of the running provider: each scenario turns a prepared city into one turn function a connection."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import urlencode

from bench.city import City, Person
from bench.documents import image_document
from bench.load import BadAnswer, Turn, fixed, request
from bench.walks import sign_in_turn, strong_turn
from signing.formats import FORMATS
from signing.formats.base import Level, PrepareRequest
from tests.signing_pki import NOW, shared_city

UPLOADERS = 2
REDIRECT_URI = "http://localhost:9/callback"
_CODE = re.compile(rb"[?&]code=([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Scenario:
    """turns: one function a connection; per_operation: requests in one operation; limit: which one it is held to."""

    name: str
    turns: Callable[[City], list[Turn]]
    limit: str
    per_operation: int = 1


@dataclass(frozen=True, slots=True)
class Match:
    """
    The same as a scenario, with the ratios to another provider on the same PostgreSQL that must be and should be had.

    memory_must, memory_aim: ratios to its in-memory storage; p99: wanted share of its 99th percentile. None: no demand.
    per_operation: requests in one operation; peer_takes: how many the other provider needs, if not as many.
    """

    name: str
    turns: Callable[[City], list[Turn]]
    must: float
    aim: float
    memory_must: float | None = None
    memory_aim: float | None = None
    p99: float | None = None
    per_operation: int = 1
    peer_takes: int | None = None

    def requests(self, contender: str) -> int:
        """How many requests one operation takes a contender."""
        return self.per_operation if contender == "ours" else self.peer_takes or self.per_operation


def client_credentials(city: City) -> list[Turn]:
    wire = _token_request(city, {"grant_type": "client_credentials"}, city.machine)
    return [fixed(wire, within=b'"access_token"')] * city.connections


def introspection(city: City) -> list[Turn]:
    body = urlencode({"token": city.people[0].access_token}).encode()
    wire = request("POST", city.paths["introspect"], headers=_basic(city.service), body=body)
    return [fixed(wire, within=b'"active":true')] * city.connections


def userinfo(city: City) -> list[Turn]:
    wires = [
        request("GET", city.paths["userinfo"], headers={"Authorization": f"Bearer {p.access_token}"})
        for p in city.people
    ]
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


def sign_in(city: City) -> list[Turn]:
    return [sign_in_turn(city, f"bench{number % len(city.people)}") for number in range(city.connections)]


def strong_flow(city: City) -> list[Turn]:
    return [strong_turn(city, person) for person in _cycle(city, city.connections)]


def upload(size: int, city: City) -> list[Turn]:
    """A signed PDF sent to /verify: reading the form, locating, judging; its authority is not known there."""
    signed = _signed(size)
    boundary = "bench"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = part.encode() + signed + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/json"}
    return [fixed(request("POST", "/verify", headers=headers, body=body), within=b'"indication"')] * UPLOADERS


@cache
def _signed(size: int) -> bytes:
    city = shared_city()
    request_of = PrepareRequest(city.official.der, city.official.chain, NOW, Level.B_B)
    prepared = FORMATS[0].prepare(image_document(size), request_of)
    return FORMATS[0].embed(prepared, city.official.sign(prepared.to_be_signed_digest), None)


SCENARIOS = (
    Scenario("token: client credentials", client_credentials, "es256"),
    Scenario("token: code (authorize + redeem)", code_flow, "insert", per_operation=2),
    Scenario("token: refresh with rotation", refresh, "insert"),
    Scenario("introspection with revocation check", introspection, "wsgi"),
    Scenario("userinfo", userinfo, "wsgi"),
    Scenario("JWKS", jwks, "wsgi"),
    Scenario("silent authorize", silent_authorize, "insert"),
    Scenario("sign-in by Argon2id, code, userinfo", sign_in, "argon2", per_operation=5),
    Scenario("upload to /verify and judge, 50 kB", partial(upload, 45_000), "wsgi"),
    Scenario("upload to /verify and judge, 20 MB", partial(upload, 20_000_000), "wsgi"),
)
"""Held against limits of the machine."""
MATCH = (
    Match("client credentials, ES256", client_credentials, must=3.0, aim=5.0, p99=0.3),
    Match(
        "sign-in, code and userinfo, no hash", sign_in, must=1.8, aim=2.5, memory_aim=1.0, per_operation=5, peer_takes=6
    ),
    Match("refresh with rotation", refresh, must=2.0, aim=3.0, memory_must=0.8, memory_aim=1.0),
    Match("introspection with revocation check", introspection, must=1.5, aim=3.0),
    Match("PAR, private_key_jwt and DPoP, userinfo", strong_flow, must=1.0, aim=2.0, per_operation=4),
)
"""Held against another provider, and what is wanted of each."""


def _cycle(city: City, count: int) -> list[Person]:
    return [city.people[i % len(city.people)] for i in range(count)]


def _basic(client: tuple[str, str]) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(":".join(client).encode()).decode()}


def _token_request(city: City, form: dict[str, str], client: tuple[str, str]) -> bytes:
    return request("POST", city.paths["token"], headers=_basic(client), body=urlencode(form).encode())


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
    return request("GET", f"{city.paths['authorize']}?{query}", headers={"Cookie": person.cookie})


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
