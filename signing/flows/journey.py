"""
One journey of a browser to the provider and back: code flow with PKCE, state, nonce, and the issuer in the answer.

Nonce and PKCE verifier are derived from the state by a keyed hash and never stored; the row knows only the state's hash
and the browser that set out, so an answer carried into another browser is refused (login CSRF, code injection).

Source: RFC 6749 §10.12; RFC 7636; RFC 9207; RFC 9700 §2.1, §4.7; OpenID Connect Core 1.0 §3.1.2.1.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection

from base.ids import new_secret
from signing.errors import DeskRefused
from signing.flows import provider
from signing.flows.desk_client import SCOPE, redirect_uri
from signing.services import SigningServices
from signing.store import desk_logins
from signing.store.desk_logins import DeskLogin
from signing.store.desk_sessions import Signer

CLAIMS = orjson.dumps({"id_token": {"name": None, "organisation": None, "position": None}}).decode()
"""An activation token is for signing alone and opens no userinfo, so who it is must stand in the ID token."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A journey that came back well: its row, the tokens, the ID token's claims and who it is about."""

    login: DeskLogin
    tokens: provider.Tokens
    claims: Mapping[str, Any]
    signer: Signer | None


def set_out(
    connection: Connection, services: SigningServices, browser: str, purpose: str, request_id: str | None = None
) -> str:
    """Start a journey in the caller's transaction. Returns the state."""
    now, state = services.base.clock.now(), new_secret()
    login = DeskLogin(purpose, browser, request_id, now + services.settings.desk_login_seconds, spent=False)
    desk_logins.start(connection, state, login, now=now)
    return state


def address(services: SigningServices, state: str, lang: str, extra: Mapping[str, str]) -> str:
    """The authorization request for a state."""
    challenge = hashlib.sha256(_verifier(services, state).encode()).digest()
    parameters = {
        "response_type": "code",
        "client_id": services.settings.desk_client_id,
        "redirect_uri": redirect_uri(services),
        "scope": SCOPE,
        "state": state,
        "nonce": _nonce(services, state),
        "code_challenge": _base64url(challenge),
        "code_challenge_method": "S256",
        "ui_locales": lang,
        "claims": CLAIMS,
        **extra,
    }
    return f"{provider.endpoint(services, 'authorization_endpoint')}?{urlencode(parameters)}"


def look_up(services: SigningServices, browser: str, parameters: Mapping[str, str]) -> DeskLogin:
    """
    The journey an answer belongs to.

    Raises: DeskRefused("unknown_state"): unknown, expired, or of another browser;
            DeskRefused("wrong_issuer"): the answer is not from our provider.
    """
    state = parameters.get("state", "")
    with services.base.db.read() as connection:
        login = desk_logins.find(connection, state) if state else None
    if login is None or login.browser != browser or login.expires_at <= services.base.clock.now():
        raise DeskRefused(
            "unknown_state",
            vi="Lần đăng nhập này đã hết hạn hoặc được bắt đầu ở trình duyệt khác. Hãy bắt đầu lại từ bàn ký.",
            en="This sign-in has expired or was started in another browser. Start again from the signing desk.",
            debug="no row" if login is None else "other browser or expired",
        )
    if parameters.get("iss") != provider.issuer(services):
        raise DeskRefused(
            "wrong_issuer",
            vi="Câu trả lời không đến từ hệ thống định danh của bàn ký. Hãy bắt đầu lại từ bàn ký.",
            en="The answer did not come from the desk's identity provider. Start again from the signing desk.",
        )
    return login


def arrive(services: SigningServices, login: DeskLogin, parameters: Mapping[str, str]) -> Arrival:
    """
    Take the provider's answer.

    Raises: SigningError("busy"): no place free, nothing was used up, the same answer can be brought again;
            DeskRefused: `already_used` (the state counts once), `access_denied` (the person said no), or what
            provider.py raises.

    1. Spend the state before anything else, so that a repeated answer never reaches the token endpoint.
    2. An error answer ends here.
    3. Trade the code, verify the ID token.
    4. Learn who it is: from the ID token, or from userinfo if the provider put no name there.
    """
    with services.exchange_gate.enter():
        return _arrive(services, login, parameters)


def _arrive(services: SigningServices, login: DeskLogin, parameters: Mapping[str, str]) -> Arrival:
    state = parameters["state"]
    with services.base.db.begin() as connection:
        if not desk_logins.spend(connection, state, now=services.base.clock.now()):
            raise DeskRefused(
                "already_used",
                vi="Lần đăng nhập này đã được dùng. Hãy quay lại bàn ký.",
                en="This sign-in was already used. Go back to the signing desk.",
            )
    code = parameters.get("code")
    if not code or "error" in parameters:
        raise _said_no(parameters.get("error", "no code"))
    tokens = provider.redeem_code(services, code, _verifier(services, state))
    claims = provider.read_id_token(services, tokens, _nonce(services, state))
    about = claims if "name" in claims else provider.read_userinfo(services, tokens, claims["sub"])
    signer = read_official(about)
    return Arrival(login, tokens, claims, signer)


def read_official(claims: Mapping[str, Any]) -> Signer | None:
    """Name, organisation and position out of the claims of scope `official`; None for anybody who is no official."""
    organisation, position = claims.get("organisation"), claims.get("position")
    if not isinstance(organisation, Mapping) or not isinstance(position, Mapping):
        return None
    signer = Signer(
        full_name=provider.words(claims.get("name"), 200),
        organisation_code=provider.words(organisation.get("code"), 40),
        organisation_name=provider.words(organisation.get("name"), 200),
        position_title=provider.words(position.get("title"), 120),
    )
    complete = signer.full_name and signer.organisation_name and signer.position_title
    return signer if complete else None


def _said_no(error: str) -> DeskRefused:
    if error == "access_denied":
        return DeskRefused(
            "access_denied",
            vi="Bạn đã không chấp thuận ở hệ thống định danh. Không có gì được ký.",
            en="You did not approve at the identity provider. Nothing was signed.",
            status=403,
        )
    return DeskRefused(
        "provider_refused",
        vi="Hệ thống định danh không hoàn tất yêu cầu này. Không có gì được ký; hãy thử lại.",
        en="The identity provider did not complete this request. Nothing was signed; please try again.",
        debug=error[:80],
    )


def _nonce(services: SigningServices, state: str) -> str:
    return _base64url(services.keys.mac("signing.desk-nonce", state))


def _verifier(services: SigningServices, state: str) -> str:
    return _base64url(services.keys.mac("signing.desk-verifier", state))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
