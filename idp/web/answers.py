"""JSON answers and tokens of the protocol endpoints, and which web origins may read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from base.web.edge import EdgeRequest, EdgeResponse
from idp.errors import OAuthError
from idp.protocol.client import Client

Headers = tuple[tuple[str, str], ...]
JSON = ("Content-Type", "application/json")
NO_STORE: Headers = (("Cache-Control", "no-store"), ("Pragma", "no-cache"), ("X-Content-Type-Options", "nosniff"))
EXPOSED = ("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate")
PUBLIC_DOCUMENT: Headers = (JSON, ("Access-Control-Allow-Origin", "*"), ("X-Content-Type-Options", "nosniff"))


def json_answer(status: int, content: Mapping[str, Any], headers: Headers = ()) -> EdgeResponse:
    """Content that no cache may keep. Source: RFC 6749 §5.1."""
    return EdgeResponse(status, (JSON, *NO_STORE, *headers), orjson.dumps(content))


class Token(NamedTuple):
    """Content that is one token instead of a JSON object."""

    media_type: str
    text: str


Content = Mapping[str, Any] | Token


def content_answer(status: int, content: Content, headers: Headers = ()) -> EdgeResponse:
    """An object as JSON, a token as it is; no cache may keep either."""
    if not isinstance(content, Token):
        return json_answer(status, content, headers)
    return EdgeResponse(status, (("Content-Type", content.media_type), *NO_STORE, *headers), content.text.encode())


def accepts(accept: str | None, media_type: str) -> bool:
    """Whether an Accept header names exactly this type, and does not refuse it (RFC 9110 §12.5.1)."""
    if accept is None or media_type not in accept.lower():
        return False
    for each in accept.split(","):
        named, *parameters = (part.strip().lower() for part in each.split(";"))
        if named == media_type:
            return not any(re.fullmatch(r"q=0(\.0{0,3})?", parameter) for parameter in parameters)
    return False


def error_answer(error: OAuthError, headers: Headers = (), about: str = "") -> EdgeResponse:
    """
    about: a parameter that a challenge gets besides (RFC 9728 §5.1).

    Source: RFC 6749 §5.2; RFC 6750 §3 (a challenge goes along with every 401).
    """
    challenge: Headers = (("WWW-Authenticate", error.challenge + about),) if error.challenge else ()
    content = {"error": error.code, "error_description": error.description}
    return json_answer(error.status, content, (*challenge, *headers))


def wrong_method(allow: str) -> EdgeResponse:
    """405 for a method the endpoint does not have."""
    return json_answer(405, {"error": "invalid_request", "error_description": f"use {allow}"}, (("Allow", allow),))


def document(content: bytes, *, seconds: int) -> EdgeResponse:
    """A public document that may be kept for a while."""
    return EdgeResponse(200, (*PUBLIC_DOCUMENT, ("Cache-Control", f"public, max-age={seconds}")), content)


def preflight(allow: str) -> EdgeResponse:
    """
    The answer to a CORS preflight. It names no client, so it permits the question to be asked by anybody; whether the
    origin may read the answer is decided there. No cookie counts at these endpoints.
    """
    headers = (
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", allow),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
        ("Access-Control-Max-Age", "7200"),
    )
    return EdgeResponse(204, headers, b"")


def readable_refusal(request: EdgeRequest) -> Headers:
    """
    A refusal that names nobody may be read from any page: a browser application has to learn that its token has
    expired, or which nonce to use.
    """
    if request.header("Origin") is None:
        return ()
    return (("Access-Control-Allow-Origin", "*"), EXPOSED)


def readable_by(request: EdgeRequest, client: Client | None) -> Headers:
    """A page of a public client's own origin, known from its redirect addresses, may read the answer."""
    origin = request.header("Origin")
    if origin is None:
        return ()
    if client is None or not client.is_public or origin not in client.origins:
        return (("Vary", "Origin"),)
    return (("Access-Control-Allow-Origin", origin), EXPOSED, ("Vary", "Origin"))
