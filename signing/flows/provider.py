"""
The identity provider as the desk sees it: published metadata and keys, the token exchange, userinfo.

Server-to-server requests go to `provider_url` (the provider may be reachable inside under another address than people
use); what tokens say is always compared with the issuer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from base.errors import AntinError
from base.http import Answer, OutboundRefused
from signing.errors import DeskRefused
from signing.flows.desk_client import client_secret, redirect_uri
from signing.services import SigningServices

METADATA_SECONDS = 300
KEYS_SECONDS = 300
KEYS_AGAIN_SECONDS = 5  # a token with an unknown key makes us look again, but not more often than this
ALGORITHMS = ("ES256",)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave."""

    id_token: str
    access_token: str


def issuer(services: SigningServices) -> str:
    """The provider's name in tokens."""
    return services.base.base.issuer


def endpoint(services: SigningServices, name: str) -> str:
    """An address of the provider as people's browsers use it, by its name in the metadata."""
    value = _metadata(services).get(name)
    if not isinstance(value, str):
        raise _unreachable(f"metadata lacks {name}")
    return value


def redeem_code(services: SigningServices, code: str, verifier: str) -> Tokens:
    """Trade a code for tokens. Raises: DeskRefused. Source: RFC 6749 §4.1.3, §2.3.1; RFC 7636 §4.5."""
    name, secret = services.settings.desk_client_id, client_secret(services)
    credentials = base64.b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(services),
        "code_verifier": verifier,
    }
    url = _inside(services, endpoint(services, "token_endpoint"))
    body = _json(_post(services, url, form, {"Authorization": f"Basic {credentials}", "Accept": "application/json"}))
    if not isinstance(body.get("id_token"), str) or not isinstance(body.get("access_token"), str):
        raise _unreachable("token answer without tokens")
    if str(body.get("token_type", "")).lower() != "bearer":
        raise _unreachable("token answer of another type")
    return Tokens(id_token=body["id_token"], access_token=body["access_token"])


def read_id_token(services: SigningServices, tokens: Tokens, nonce: str) -> dict[str, Any]:
    """
    The claims of an ID token.

    Raises: DeskRefused("id_token_refused"): signature, issuer, audience, life, nonce, azp or at_hash is wrong.
    Source: OpenID Connect Core 1.0 §3.1.3.7.
    """
    claims = verify_with_provider_keys(services, tokens.id_token, "JWT")
    if claims.get("nonce") != nonce:
        raise _bad_id_token("nonce")
    if claims.get("azp", services.settings.desk_client_id) != services.settings.desk_client_id:
        raise _bad_id_token("azp")
    half = hashlib.sha256(tokens.access_token.encode()).digest()[:16]
    if claims.get("at_hash", _base64url(half)) != _base64url(half):
        raise _bad_id_token("at_hash")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise _bad_id_token("sub")
    return claims


def read_userinfo(services: SigningServices, tokens: Tokens, subject: str) -> dict[str, Any]:
    """The userinfo claims. Raises: DeskRefused: of another subject (OpenID Connect Core §5.3.2)."""
    url = _inside(services, endpoint(services, "userinfo_endpoint"))
    headers = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
    claims = _json(_get(services, url, headers))
    if claims.get("sub") != subject:
        raise _bad_id_token("userinfo sub")
    return claims


def introspect(services: SigningServices, token: str, authorization: str) -> dict[str, Any]:
    """What the provider says about a token. authorization: the header of who asks. Source: RFC 7662 §2.1."""
    url = _inside(services, endpoint(services, "introspection_endpoint"))
    headers = {"Authorization": authorization, "Accept": "application/json"}
    try:
        return _json(_post(services, url, {"token": token}, headers))
    except DeskRefused as error:  # that we are not known there is for the operator, not for the application
        raise _unreachable(error.debug) from error


def verify_with_provider_keys(services: SigningServices, token: str, typ: str) -> dict[str, Any]:
    """Claims of a token the provider signed for the desk; on failure the keys are fetched anew, once."""
    memory, now = services.provider_memory, services.base.clock.monotonic()
    held = memory.get("jwks", now)
    try:
        return _verify(services, token, held if held is not None else _fetch_keys(services), typ)
    except AntinError as error:
        if held is None or memory.get("jwks_fresh", now) is not None:
            raise _bad_id_token(error.code) from error
    try:
        return _verify(services, token, _fetch_keys(services), typ)
    except AntinError as error:
        raise _bad_id_token(error.code) from error


def _verify(services: SigningServices, token: str, jwks: Mapping[str, Any], typ: str) -> dict[str, Any]:
    return services.keys.verify_jwt_with(
        token, jwks, algs=ALGORITHMS, typ=typ, issuer=issuer(services), audience=services.settings.desk_client_id
    )


def _fetch_keys(services: SigningServices) -> dict[str, Any]:
    jwks = _json(_get(services, _inside(services, endpoint(services, "jwks_uri")), {}))
    now = services.base.clock.monotonic()
    services.provider_memory.keep("jwks", jwks, now + KEYS_SECONDS)
    services.provider_memory.keep("jwks_fresh", True, now + KEYS_AGAIN_SECONDS)
    return jwks


def _metadata(services: SigningServices) -> dict[str, Any]:
    now = services.base.clock.monotonic()
    held: dict[str, Any] | None = services.provider_memory.get("metadata", now)
    if held is not None:
        return held
    url = _inside(services, f"{issuer(services)}/.well-known/openid-configuration")
    found = _json(_get(services, url, {}))
    if found.get("issuer") != issuer(services):
        raise _unreachable("metadata of another issuer")
    services.provider_memory.keep("metadata", found, now + METADATA_SECONDS)
    return found


def _inside(services: SigningServices, url: str) -> str:
    """The same address as this machine reaches it."""
    inside = services.settings.provider_url.rstrip("/")
    if inside and url.startswith(issuer(services)):
        return inside + url[len(issuer(services)) :]
    return url


def _get(services: SigningServices, url: str, headers: Mapping[str, str]) -> Answer:
    try:
        return services.base.http.get(url, headers=headers)
    except OutboundRefused as error:
        raise _unreachable(error.debug or error.hint) from error


def _post(services: SigningServices, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    try:
        return services.base.http.post(url, form, headers=headers)
    except OutboundRefused as error:
        raise _unreachable(error.debug or error.hint) from error


def _json(answer: Answer) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise _unreachable(f"status {answer.status}, not JSON") from None
    if not isinstance(body, dict):
        raise _unreachable("not a JSON object")
    if answer.status == 200:
        return body
    if answer.status >= 500:
        raise _unreachable(f"status {answer.status}")
    raise DeskRefused(
        "provider_refused",
        vi="Hệ thống định danh không chấp nhận lần đăng nhập này. Hãy đăng nhập lại.",
        en="The identity provider did not accept this sign-in. Please sign in again.",
        debug=f"status {answer.status}: {body.get('error')}",
    )


def _unreachable(debug: str) -> DeskRefused:
    return DeskRefused(
        "provider_unreachable",
        vi="Chưa kết nối được với hệ thống định danh. Văn bản của bạn vẫn còn nguyên; hãy thử lại sau ít phút.",
        en="The identity provider cannot be reached. Your documents are unchanged; try again in a few minutes.",
        debug=debug,
        status=503,
    )


def _bad_id_token(debug: str) -> DeskRefused:
    return DeskRefused(
        "id_token_refused",
        vi="Kết quả đăng nhập không hợp lệ nên không được chấp nhận. Hãy đăng nhập lại.",
        en="The result of the sign-in is not valid and was not accepted. Please sign in again.",
        debug=debug,
    )


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def words(value: object, most: int) -> str:
    """A claim as text of at most `most` characters; anything but text is empty."""
    return value.strip()[:most] if isinstance(value, str) else ""
