"""
An authorization request in its stages: parameters as they came, then a request whose redirect address is proven.

The two are different types, so a rule that could answer to a redirect address cannot be placed before the row of
steps.py that proves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from base.forms import read_pairs
from idp.errors import UnsafeToRedirect
from idp.protocol.claims import NO_CLAIMS, ClaimsRequest
from idp.protocol.client import Client
from idp.protocol.details.base import Detail
from idp.protocol.resources import REPEATABLE
from idp.protocol.response_types import CODE, ResponseType

MOST_BYTES = 16 * 1024
MOST_RESUMED_BYTES = 3 * MOST_BYTES
"""A request that waited comes back as its `tx`: JSON may double what was escaped once, base64 adds a third."""
MOST_PARAMETERS = 60
PUSHED_PREFIX = "urn:ietf:params:oauth:request_uri:"
"""Source: RFC 9126 §2.2."""


@dataclass(frozen=True, slots=True)
class UnverifiedRequest:
    """
    Parameters nobody has checked, without the empty ones; `duplicated` names those that came more than once.

    What may come more than once (`resource`) is joined by spaces, which no such value holds.
    """

    parameters: Mapping[str, str]
    duplicated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hint:
    """What an id_token_hint said: the subject it names, or None when it is not an ID token of ours for this client."""

    subject: str | None


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """
    A request that its client has sent ahead, as it is kept.

    reference: hash of its request_uri; expires_at: until when it may be begun with; is_used: something was granted.
    """

    reference: str
    client_id: str
    parameters: Mapping[str, str]
    expires_at: int
    is_used: bool


@dataclass(frozen=True, slots=True)
class RequestObject:
    """What a client has signed (request_objects.py). parameters: None when it is refused; then problem says why."""

    parameters: Mapping[str, str] | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AuthorizeFacts:
    """
    What the rules may know besides the request.

    client:   of the client_id given, None if there is no such client.
    pushed:   what the request_uri names, None if it names nothing of ours.
    begun_at: epoch seconds at which this request first came.
    request_object: what the parameter `request` holds, None without it.
    front_channel: whether this installation hands out tokens at the authorization endpoint.
    reference_problem: why a request_uri that is not one of ours could not be followed.
    """

    issuer: str
    client: Client | None
    hint: Hint | None = None
    pushed: PushedRequest | None = None
    begun_at: int = 0
    request_object: RequestObject | None = None
    front_channel: bool = True
    reference_problem: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """
    Where the answer goes: a registered address, how, and the state to echo.

    client_id, signing_alg: for whom and with which algorithm it is signed, in a mode that signs.
    """

    redirect_uri: str
    response_mode: str = "query"
    state: str | None = None
    client_id: str = ""
    signing_alg: str = "ES256"


NO_TARGET = Target("")
"""Of requests that are answered in JSON."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """
    What a backchannel authentication request has besides. expires_in: seconds asked for, None for ours.

    login_hint: a sign-in name, "" where an ID token says who is meant; notification_token: for ping, else "".
    """

    login_hint: str = ""
    binding_message: str = ""
    expires_in: int | None = None
    notification_token: str = ""


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """
    A request that may be answered to `target`. Each rule fills in what it has proven; `parameters` stay unverified.

    response_type:   `code` until it is known: the strictest rules are those for codes.
    code_challenge:  43 base64url characters, S256; None where none was needed and none came.
    max_age:         seconds, or None.
    acr_values:      known values only, in the client's order of preference.
    hinted_subject:  `sub` of the id_token_hint.
    named_subjects:  the values of `sub` that the claims parameter will have, or none.
    pushed:          reference of the pushed request it came as, None if it came directly.
    dpop_jkt:        thumbprint of the key that the code is to be bound to.
    resources:       where tokens of this grant may be for, in the client's order; empty: where its registration says.
    """

    parameters: Mapping[str, str]
    duplicated: frozenset[str]
    client: Client
    target: Target
    response_type: ResponseType = CODE
    code_challenge: str | None = None
    scope: frozenset[str] = frozenset()
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    claims: ClaimsRequest = NO_CLAIMS
    details: tuple[Detail, ...] = field(default=())
    hinted_subject: str | None = None
    named_subjects: frozenset[str] = frozenset()
    pushed: str | None = None
    dpop_jkt: str | None = None
    resources: tuple[str, ...] = ()
    elsewhere: Elsewhere = Elsewhere()

    @property
    def asked_besides_scope(self) -> frozenset[str]:
        """What a consent must hold besides the scope: single claims, and every resource that is named."""
        return self.claims.personal | frozenset(self.resources)

    @property
    def nonce(self) -> str | None:
        """Opaque to us; it goes into the ID token as it came (OpenID Connect Core §3.1.2.1)."""
        return self.parameters.get("nonce")


def read_parameters(raw: bytes) -> UnverifiedRequest:
    """
    A query string or form body as parameters.

    Raises:  UnsafeToRedirect: too long, too many, or not UTF-8.
    Source:  RFC 6749 §3.1: parameters without a value count as left out; none may come twice.
    """
    if len(raw) > (MOST_RESUMED_BYTES if raw.startswith(b"tx=") else MOST_BYTES):
        raise unsafe("request_too_long", "Yêu cầu đăng nhập quá dài.", "The sign-in request is too long.")
    try:
        pairs = read_pairs(raw.decode(), errors="strict", most=MOST_PARAMETERS)
    except ValueError:
        raise unsafe("invalid_request", "Không đọc được yêu cầu.", "The request cannot be read.") from None
    found: dict[str, str] = {}
    duplicated: set[str] = set()
    for name, value in pairs:
        if name in found and name in REPEATABLE:
            value = f"{found[name]} {value}"
        elif name in found:
            duplicated.add(name)
        found[name] = value
    return UnverifiedRequest({name: value for name, value in found.items() if value}, frozenset(duplicated))


def kept_parameters(request: UnverifiedRequest) -> Mapping[str, str]:
    """What an interaction carries of its request: all of it, or the address alone that stands for a pushed one."""
    parameters = request.parameters
    if not parameters.get("request_uri", "").startswith(PUSHED_PREFIX):
        return parameters
    return {name: parameters[name] for name in ("client_id", "request_uri") if name in parameters}


def unsafe(code: str, vi: str, en: str, *, hint: str = "") -> UnsafeToRedirect:
    """A refusal for the person's eyes, with the way on that is left: back to the service."""
    back = (
        "Hãy quay lại dịch vụ bạn đang dùng và thử lại; nếu vẫn lỗi, hãy báo cho cơ quan quản lý dịch vụ đó.",
        "Go back to the service you were using and try again; if it fails again, tell the agency that runs it.",
    )
    return UnsafeToRedirect(code, vi=f"{vi} {back[0]}", en=f"{en} {back[1]}", hint=hint)
