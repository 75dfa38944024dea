"""Journeys of several requests as the load generator walks them: a sign-in from its first click, the strong flow."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from html import unescape
from urllib.parse import urlencode, urlsplit

from bench.city import PASSWORD, REDIRECT_URI, City, Person, strong_request
from bench.load import BadAnswer, Turn, request

_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r]+)=([^;\r]*)", re.IGNORECASE)
_ACTION = re.compile(rb'<form[^>]*action="([^"]+)"')
_HIDDEN = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_CODE = re.compile(r"[?&]code=([A-Za-z0-9_-]+)")


def basic(client: tuple[str, str]) -> str:
    """The Authorization header of a client."""
    return "Basic " + base64.b64encode(":".join(client).encode()).decode()


def sign_in_turn(city: City, username: str) -> Turn:
    """
    Again and again, each time from a browser that nobody knows: authorize, login page, password, token, userinfo. A
    provider that sends back to authorize after the password takes a sixth request.
    """
    verifier = secrets.token_urlsafe(32)
    start = request("GET", f"{city.paths['authorize']}?{urlencode(_asked(city, verifier))}")
    cookies: dict[str, str] = {}

    def go(address: str) -> bytes:
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return request("GET", path, headers=_cookies(cookies))

    def turn(head: bytes, body: bytes) -> bytes:
        for name, value in _COOKIE.findall(head):
            cookies[name.decode()] = value.decode()
        found = _LOCATION.search(head)
        if found:
            address = found[1].decode()
            if not address.startswith(REDIRECT_URI):
                return go(address)
            return _redeem(city, _code_in(address), verifier)
        if b" 200 " not in head[:16]:
            if head:
                raise BadAnswer(f"{head[:300]!r} {body[:300]!r}")
        elif b'name="password"' in body:
            return _typed(body, username, cookies)
        elif b'"access_token"' in body:
            token = json.loads(body)["access_token"]
            return request("GET", city.paths["userinfo"], headers={"Authorization": f"Bearer {token}"})
        elif b'"sub"' not in body:
            raise BadAnswer(f"{head[:300]!r} {body[:300]!r}")
        cookies.clear()
        return start

    return turn


def strong_turn(city: City, person: Person) -> Turn:
    """Four requests, again and again: a pushed request, authorize in silence, token, userinfo; signed and bound."""
    verifier = secrets.token_urlsafe(32)

    def push() -> bytes:
        return _proven(city, "par", strong_request(city, verifier))

    def turn(head: bytes, body: bytes) -> bytes:
        if not head or b'"sub"' in body:
            return push()
        if b'"request_uri"' in body:
            begin = urlencode({"client_id": city.strong, "request_uri": json.loads(body)["request_uri"]})
            return request("GET", f"{city.paths['authorize']}?{begin}", headers={"Cookie": person.cookie})
        found = _LOCATION.search(head)
        if found and found[1].startswith(REDIRECT_URI.encode()):
            form = {"grant_type": "authorization_code", "code": _code_in(found[1].decode()), "code_verifier": verifier}
            assertion = city.key.assertion(city.strong, int(time.time()), aud=city.issuer)
            return _proven(city, "token", {**form, "redirect_uri": REDIRECT_URI, **assertion})
        if b'"access_token"' in body:
            token = json.loads(body)["access_token"]
            proof = _proof(city, "userinfo", "GET", token)
            return request("GET", city.paths["userinfo"], headers={"Authorization": f"DPoP {token}", "DPoP": proof})
        raise BadAnswer(f"{head[:300]!r} {body[:300]!r}")

    return turn


def _asked(city: City, verifier: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": city.service[0],
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }


def _cookies(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items() if value)} if cookies else {}


def _typed(page: bytes, username: str, cookies: dict[str, str]) -> bytes:
    action = _ACTION.search(page)
    form = {name.decode(): unescape(value.decode()) for name, value in _HIDDEN.findall(page)}
    body = urlencode({**form, "username": username, "password": PASSWORD}).encode()
    return request("POST", action[1].decode() if action else "/login", headers=_cookies(cookies), body=body)


def _code_in(address: str) -> str:
    found = _CODE.search(address)
    if found is None:
        raise BadAnswer(address[:300])
    return found[1]


def _redeem(city: City, code: str, verifier: str) -> bytes:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": verifier}
    headers = {"Authorization": basic(city.service)}
    return request("POST", city.paths["token"], headers=headers, body=urlencode(form).encode())


def _proven(city: City, endpoint: str, form: dict[str, str]) -> bytes:
    headers = {"DPoP": _proof(city, endpoint, "POST")}
    return request("POST", city.paths[endpoint], headers=headers, body=urlencode(form).encode())


def _proof(city: City, endpoint: str, method: str, token: str | None = None) -> str:
    address = city.seen_as + city.paths[endpoint]
    return city.key.proof(city.paths[endpoint], int(time.time()), method=method, token=token, htu=address)
