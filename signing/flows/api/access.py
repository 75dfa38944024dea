"""
Which application calls, and what may it do? The access token is shown to the identity provider, which knows whether it
still counts; what it is bound to is checked here.

1. One token, from the header alone.
2. Introspection: active, for this resource, of this scope. A token that was revoked a second ago opens nothing.
3. The sender: a bound token counts only with its key (DPoP) or its certificate (mutual TLS).
4. A person behind the token must have signed in with two factors, where documents are put before officials.
5. Who seals shows a token of its own, without a person, that is bound to a key or a certificate: a stolen copy of it
   must not be a stolen seal.

Source: RFC 6750 §2.1, §3; RFC 7662; RFC 8705 §3; RFC 9068 §4; RFC 9449 §7.1, §7.2; RFC 9470 §3; RFC 9728 §5.1.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from signing.errors import ApiRefused
from signing.flows import provider
from signing.flows.api.proof import ALGORITHMS, WRONG_NONCE, check_proof, fresh_nonce
from signing.flows.api.registration import CREATE, SEAL, client_secret
from signing.flows.api.tls_certificate import thumbprint_of
from signing.services import SigningServices

TWO_FACTORS = ("urn:vn:xt:2", "urn:vn:xt:3", "urn:vn:xt:4")
MOST_CHARACTERS = 8 * 1024
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """
    A call as it came, unchecked. method, address: of the request, the address as we publish it; authorization, proof:
    header values; certificate: (leaf, chain) as a trusted proxy passed them on.
    """

    method: str
    address: str
    authorization: str
    proof: str | None
    certificate: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Caller:
    """An application that may do what it asks for."""

    client_id: str
    scope: frozenset[str]


def admit(services: SigningServices, call: Call, scopes: Collection[str]) -> Caller:
    """
    scopes: any of them will do.

    Raises: ApiRefused: 401 `token_missing`, `invalid_token`, `invalid_dpop_proof`, `use_dpop_nonce`,
            `insufficient_user_authentication`; 403 `insufficient_scope`.
            DeskRefused("provider_unreachable"), SigningError("busy"): 503.
    """
    scheme, _, token = call.authorization.partition(" ")
    token = token.strip()
    if scheme.lower() not in ("bearer", "dpop") or not token:
        raise refused(services, "token_missing", "an access token is needed", scopes)
    if len(token) > MOST_CHARACTERS:
        raise refused(services, "invalid_token", "the access token is too long", scopes)
    claims = _introspected(services, token)
    audience = claims.get("aud")
    if claims.get("active") is not True or services.api not in (audience if isinstance(audience, list) else [audience]):
        raise refused(services, "invalid_token", "the access token is not valid here or has expired", scopes)
    _check_sender(services, call, scheme.lower() == "dpop", token, claims, scopes)
    scope = frozenset(str(claims.get("scope", "")).split())
    if not scope & frozenset(scopes):
        raise refused(services, "insufficient_scope", "the access token does not allow this", scopes, status=403)
    if CREATE in scopes and claims.get("acr") is not None and claims["acr"] not in TWO_FACTORS:
        more = {"acr_values": TWO_FACTORS[0]}
        why = "a sign-in with two factors is needed"
        raise refused(services, "insufficient_user_authentication", why, scopes, more=more)
    if set(scopes) == {SEAL}:
        _check_alone(services, claims, scopes)
    return Caller(str(claims.get("client_id", "")), scope)


def refused(
    services: SigningServices,
    code: str,
    why: str,
    scopes: Collection[str],
    *,
    status: int = 401,
    dpop: bool = False,
    more: Mapping[str, str] = NOTHING,
) -> ApiRefused:
    """A refusal with its challenge; without a token it names no error (RFC 6750 §3.1)."""
    values = {"realm": "antin"}
    if dpop:
        values["algs"] = " ".join(ALGORITHMS)
    if code != "token_missing":
        values |= {"error": code, "error_description": why}
    metadata = f"{provider.issuer(services)}/.well-known/oauth-protected-resource/api/signatures"
    values |= {"scope": " ".join(scopes), "resource_metadata": metadata, **more}
    vi, en = _SAID[code]
    error = ApiRefused(code, vi=vi, en=en, hint=why, debug=why, status=status)
    error.nonce = fresh_nonce(services) if code == "use_dpop_nonce" else ""
    error.challenge = ("DPoP " if dpop else "Bearer ") + ", ".join(
        f'{name}="{value}"' for name, value in values.items()
    )
    return error


def _introspected(services: SigningServices, token: str) -> dict[str, Any]:
    """Of all threads some are left to answer, for the provider may be this very process."""
    name, secret = services.settings.api_client_id, client_secret(services)
    basic = base64.b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()
    with services.exchange_gate.enter():
        return provider.introspect(services, token, f"Basic {basic}")


def _check_sender(
    services: SigningServices,
    call: Call,
    is_dpop: bool,
    token: str,
    claims: Mapping[str, Any],
    scopes: Collection[str],
) -> None:
    found = claims.get("cnf")
    confirmation: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    wanted = confirmation.get("x5t#S256")
    if wanted is not None and thumbprint_of(services.keys, call.certificate) != wanted:
        raise refused(services, "invalid_token", "the token is bound to another certificate", scopes, dpop=is_dpop)
    bound_to = confirmation.get("jkt")
    if is_dpop != (bound_to is not None):
        why = "use the DPoP scheme for this token" if bound_to else "the token is not bound to a key"
        raise refused(services, "invalid_token", why, scopes, dpop=True if bound_to else is_dpop)
    if set(confirmation) - {"jkt", "x5t#S256"}:
        raise refused(services, "invalid_token", "the token is bound in a way that is not known here", scopes)
    if bound_to is not None:
        wrong = check_proof(services, call.proof, call.method, call.address, token, str(bound_to))
        if wrong:
            code = "use_dpop_nonce" if wrong == WRONG_NONCE else "invalid_dpop_proof"
            raise refused(services, code, wrong, scopes, dpop=True)


def _check_alone(services: SigningServices, claims: Mapping[str, Any], scopes: Collection[str]) -> None:
    """Step 5."""
    person = claims.get("acr") is not None or claims.get("sub", claims.get("client_id")) != claims.get("client_id")
    if person or not claims.get("cnf"):
        why = "sealing takes a token of the application itself, bound to its key (DPoP) or its certificate"
        raise refused(services, "invalid_token", why, scopes, dpop=True)


_SAID = {
    "token_missing": (
        "Cần mã truy cập (access token) do hệ thống định danh cấp cho API này.",
        "An access token of the identity provider for this API is needed.",
    ),
    "invalid_token": (
        "Mã truy cập không dùng được ở đây, đã hết hạn hoặc đã bị thu hồi. Hãy xin mã mới cho API này.",
        "The access token does not count here, has expired or was revoked. Ask for a new one for this API.",
    ),
    "invalid_dpop_proof": (
        "Bằng chứng DPoP không đúng, đã cũ hoặc đã dùng. Hãy tạo bằng chứng mới cho mỗi yêu cầu.",
        "The DPoP proof is wrong, old or used. Make a new one for each request.",
    ),
    "use_dpop_nonce": (
        "Bằng chứng DPoP cần số dùng một lần trong tiêu đề DPoP-Nonce của câu trả lời này. Hãy gửi lại kèm số đó.",
        "The DPoP proof needs the nonce in the DPoP-Nonce header of this answer. Send it again with that.",
    ),
    "insufficient_scope": (
        "Mã truy cập không có phạm vi (scope) cần thiết. Hãy xin mã có phạm vi ghi trong WWW-Authenticate.",
        "The access token lacks the scope for this. Ask for one with the scope named in WWW-Authenticate.",
    ),
    "insufficient_user_authentication": (
        "Người dùng cần đăng nhập bằng hai yếu tố. Hãy đưa họ đăng nhập lại với acr_values ghi trong WWW-Authenticate.",
        "The person must sign in with two factors. Send them there again with the acr_values in WWW-Authenticate.",
    ),
}
