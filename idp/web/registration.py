"""The registration endpoints: rare, so they stand in Flask alone. JSON in, JSON out, a bearer token in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import orjson

from base.web.edge import BadForm, EdgeRequest, EdgeResponse, as_view
from idp.errors import OAuthError, RegistrationRefused, Throttled
from idp.flows.manage_client import delete_client, read_client, replace_client
from idp.flows.register_dynamically import register_dynamically
from idp.protocol import endpoints
from idp.services import IdpServices
from idp.web.answers import NO_STORE, error_answer, json_answer, wrong_method

MOST_BYTES = 32 * 1024
DEEPEST = 12
ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def mount(app: flask.Flask, services: IdpServices) -> None:
    """POST /register; GET, PUT and DELETE /register/<client_id>."""

    def register(request: EdgeRequest) -> EdgeResponse:
        if request.method != "POST":
            return wrong_method("POST")
        return _answered(
            lambda: json_answer(
                201, register_dynamically(services, read_json(request), bearer_of(request), request.remote)
            )
        )

    def manage(request: EdgeRequest) -> EdgeResponse:
        client_id, token = request.path.removeprefix(f"{endpoints.REGISTER}/"), bearer_of(request)
        match request.method:
            case "GET" | "HEAD":
                return _answered(lambda: json_answer(200, read_client(services, client_id, token)))
            case "PUT":
                return _answered(
                    lambda: json_answer(
                        200, replace_client(services, client_id, token, read_json(request), request.remote)
                    )
                )
            case "DELETE":
                return _answered(lambda: _deleted(services, client_id, token))
        return wrong_method("GET, PUT, DELETE")

    for rule, name, handler in (
        (endpoints.REGISTER, "register", register),
        (endpoints.MANAGE, "manage", manage),
    ):
        app.add_url_rule(
            rule,
            endpoint=f"idp_registration_{name}",
            view_func=as_view(handler),
            methods=ANY_METHOD,
            provide_automatic_options=False,
        )


def read_json(request: EdgeRequest) -> dict[str, Any]:
    """
    The body as one JSON object of bounded size and depth.

    Raises:  RegistrationRefused("invalid_client_metadata").
    """
    content_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise _unreadable("the content type must be application/json")
    try:
        body = request.body
        found = orjson.loads(body) if len(body) <= MOST_BYTES else None
    except (BadForm, orjson.JSONDecodeError):
        raise _unreadable("the body must be JSON") from None
    if not isinstance(found, dict) or _depth(found) > DEEPEST:
        raise _unreadable(f"the body must be one JSON object, {MOST_BYTES} bytes long and {DEEPEST} deep at most")
    return found


def bearer_of(request: EdgeRequest) -> str | None:
    """The token of the Authorization header; None without one. Nowhere else is one looked for (RFC 6750 §2.1)."""
    scheme, _, value = (request.header("Authorization") or "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def _deleted(services: IdpServices, client_id: str, token: str | None) -> EdgeResponse:
    delete_client(services, client_id, token)
    return EdgeResponse(204, NO_STORE, b"")


def _answered(act: Callable[[], EdgeResponse]) -> EdgeResponse:
    try:
        return act()
    except Throttled as error:
        return error_answer(error, (("Retry-After", str(error.seconds)),))
    except OAuthError as error:
        return error_answer(error)


def _depth(value: Any) -> int:
    """How deep arrays and objects are nested; the parser itself gives up at a thousand."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, depth)
            inner = item.values() if isinstance(item, dict) else item
            waiting += [(each, depth + 1) for each in inner]
    return deepest


def _unreadable(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", why)
