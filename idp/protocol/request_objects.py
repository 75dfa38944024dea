"""
Request objects: authorization requests that a client has signed. Pure; the signature, issuer, audience and times were
checked before (flows/request_facts.py).

Source: RFC 9101 §4, §5, §6.3, §10; OpenID Connect Core §6.1; FAPI 2.0 Message Signing §5.3.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from idp.errors import OAuthError
from idp.protocol.client import Client
from idp.protocol.resources import REPEATABLE

OBJECT_TYPES = (None, "JWT", "oauth-authz-req+jwt")
"""The `typ` of a request object: its own, or none, as OpenID Connect has it; a token of another kind is not one."""
LONGEST_SECONDS = 3600
"""Source: FAPI 2.0 Message Signing §5.3.1: exp at most 60 minutes after nbf, nbf at most 60 minutes ago."""
_ABOUT_THE_TOKEN = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})


def parameters_of(claims: Mapping[str, Any], client: Client, begun_at: int) -> Mapping[str, str]:
    """
    The parameters inside a request object, as they would have come in an address; an empty one counts as left out.

    begun_at: epoch seconds at which the request came.
    Raises:  OAuthError("invalid_request_object"): of another client, usable as a client's assertion, naming a further
             request, a value of no known kind, or, in the profile fapi2, without a bounded life.
    """
    if claims.get("client_id") != client.client_id:
        raise _refused("client_id is not the client that signed it")
    if "sub" in claims:
        raise _refused("sub belongs to client assertions, which must not pass for a request object")
    if {"request", "request_uri"} & claims.keys():
        raise _refused("a request object must not name another one")
    if client.profile.bounds_objects:
        _check_life(claims, begun_at)
    return {name: _text(name, value) for name, value in claims.items() if name not in _ABOUT_THE_TOKEN and value != ""}


def _check_life(claims: Mapping[str, Any], begun_at: int) -> None:
    begins_at, ends_at = claims.get("nbf"), claims.get("exp")
    if not isinstance(begins_at, int | float) or not isinstance(ends_at, int | float):
        raise _refused("exp and nbf are needed")
    if ends_at - begins_at > LONGEST_SECONDS or begun_at - begins_at > LONGEST_SECONDS:
        raise _refused("exp and nbf must lie within 60 minutes")


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        raise _refused(f"{name} is of a kind no parameter has")
    if isinstance(value, int | float):
        return str(value)
    if name in REPEATABLE and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _refused(why: str) -> OAuthError:
    return OAuthError("invalid_request_object", why)


def backchannel_parameters(claims: Mapping[str, Any], now: int) -> Mapping[str, str]:
    """
    The parameters inside a signed backchannel request. now: epoch seconds.

    Raises:  OAuthError("invalid_request"): without jti, iat or a bounded life, usable as a client's assertion, or a
             value of no known kind.
    Source:  OpenID Connect CIBA Core 1.0 §7.1.1 (iss and aud were checked before); FAPI-CIBA §5.2.2.
    """
    jti = claims.get("jti")
    try:
        if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
            raise _refused("jti is missing or too long")
        if not isinstance(claims.get("iat"), int | float):
            raise _refused("iat is missing")
        if "sub" in claims:
            raise _refused("sub belongs to client assertions, which must not pass for a request")
        _check_life(claims, now)
        return {name: _text(name, value) for name, value in claims.items() if name not in _ABOUT_THE_TOKEN}
    except OAuthError as error:
        raise OAuthError("invalid_request", error.description) from None
