"""
What a person may see of the requests that wait for her answer, and what she has to do before she may give one.

A device's request belongs to whoever has entered its code: proof of that is a MAC over request, person and browser, so
neither a link nor another account in the same browser stands for having typed the code. A backchannel request belongs
to the person the service named.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from base.errors import AntinError
from base.ids import letters_of
from idp.accounts.assurance import acr_of, auth_time_of
from idp.accounts.devices import network_of
from idp.errors import OAuthError
from idp.flows.authorize_device import user_code_mac
from idp.flows.interactions import ConsentRequest, asked_for
from idp.flows.judge_deferred import judged
from idp.flows.sign_in import SignInThrottled
from idp.flows.visitor import Visitor
from idp.oauth.subjects import subject_for
from idp.protocol.client import Client
from idp.protocol.prompts import Page, Person, Situation, next_need
from idp.protocol.request import AuthorizeRequest
from idp.protocol.user_codes import typed_code
from idp.services import IdpServices
from idp.store import deferred_requests, throttle, users
from idp.store.deferred_requests import DeferredRequest
from idp.store.sessions import SessionFacts
from idp.store.throttle import Bucket

_REQUEST_ID = re.compile(r"dfr_[A-Za-z0-9_-]{22}")


class UserCodeUnknown(AntinError):
    """No request waits under that code: wrong, used, or too late; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            "user_code_unknown",
            vi="Mã không đúng, đã được dùng hoặc đã hết hạn. Hãy xem lại mã đang hiện trên thiết bị kia.",
            en="The code is not right, was used, or has expired. Look at the code on the other device again.",
        )


class RequestOver(AntinError):
    """The request was answered or has expired, or was never this person's to answer."""

    def __init__(self) -> None:
        super().__init__(
            "request_over",
            vi="Yêu cầu này đã được trả lời, đã hết hạn hoặc không dành cho tài khoản đang đăng nhập.",
            en="This request was answered, has expired, or is not for the account that is signed in.",
            status=410,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for this person: as stored, as judged again just now, and as the page shows it."""

    stored: DeferredRequest
    request: AuthorizeRequest
    consent: ConsentRequest


def enter_code(services: IdpServices, visitor: Visitor, session: SessionFacts, unverified: str) -> DeferredRequest:
    """
    The request that waits under a code.

    Raises:  UserCodeUnknown; SignInThrottled.

    Every try is charged before it is looked at: to the account, to the browser and to the network. A right code gives
    the charge back and empties nothing, or whoever owns one device could go on guessing other people's for ever.
    """
    buckets, now = _buckets(services, visitor, session), services.base.clock.now()
    letters = typed_code(unverified)
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, buckets, now)
        found = None
        if not blocked_until and letters is not None:
            found = deferred_requests.waiting_by_code(connection, user_code_mac(services, letters), now)
        if found is not None:
            throttle.give_back(connection, buckets)
    if blocked_until:
        raise SignInThrottled(blocked_until - now)
    if found is None:
        raise UserCodeUnknown
    return found


def entered(services: IdpServices, visitor: Visitor, session: SessionFacts, request_id: str) -> str:
    """What stands for having typed the code: 43 base64url characters, for this person in this browser."""
    return _text(services.keys.mac("idp.user_code.entered", request_id, session.user_id, visitor.browser))


def find_asked(services: IdpServices, visitor: Visitor, session: SessionFacts, request_id: str, proof: str) -> Asked:
    """
    Raises: RequestOver: no such request waits for this person.

    What cannot be the name of a request is not looked for: PostgreSQL takes no NUL.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise RequestOver
    with services.base.db.read() as connection:
        stored = deferred_requests.waiting_by_id(connection, request_id, services.base.clock.now())
    if stored is None:
        raise RequestOver
    if stored.kind == "device":
        may_see = hmac.compare_digest(entered(services, visitor, session, stored.id).encode(), proof.encode())
    else:
        may_see = stored.user_id == session.user_id
    if not may_see:
        raise RequestOver
    return _asked(services, stored)


def waiting_requests(services: IdpServices, user_id: str) -> list[Asked]:
    """What services ask this person for through the backchannel, oldest first."""
    with services.base.db.read() as connection:
        found = deferred_requests.waiting_for(connection, user_id, services.base.clock.now())
    valid = []
    for stored in found:
        try:
            valid.append(_asked(services, stored))
        except RequestOver:  # its service was removed or may ask for less since
            continue
    return valid


def page_before(services: IdpServices, session: SessionFacts, asked: Asked, *, has_second_factor: bool) -> Page | None:
    """
    The page a person has to pass before she may answer, by the policies of protocol/prompts.py; None: she may.

    Raises:  OAuthError("unmet_authentication_requirements"): a level is essential and she cannot reach it.
    """
    person = Person(
        user_id=session.user_id,
        subject=subject_for(services.keys, asked.request.client, session.user_id),
        factors=session.factors,
        acr=acr_of(session.factors),
        auth_time=auth_time_of(session.factors),
    )
    situation = Situation(
        request=asked.request,
        person=person,
        consented=False,
        started_at=asked.stored.created_at,
        now=services.base.clock.now(),
        done=frozenset() if has_second_factor else frozenset({"no_code"}),
    )
    need = next_need(situation)
    return None if need is None or need.page == "consent" else need.page


def has_second_factor(services: IdpServices, user_id: str) -> bool:
    """Whether the account has a second factor at all."""
    with services.base.db.read() as connection:
        facts = users.by_id(connection, user_id, "")
    return facts is not None and facts.sealed_totp is not None


def _asked(services: IdpServices, stored: DeferredRequest) -> Asked:
    """Judged as a device's request, also where it came through the backchannel: what both share is what is shown."""
    client: Client | None = services.clients.get(stored.client_id)
    if client is None:
        raise RequestOver
    try:
        request = judged(services, client, stored.parameters, "device")
    except OAuthError as error:
        raise RequestOver from error
    return Asked(stored, request, asked_for(services, request))


def _buckets(services: IdpServices, visitor: Visitor, session: SessionFacts) -> list[Bucket]:
    settings = services.settings
    window, network = settings.throttle_window_seconds, network_of(visitor.address)

    def key(*parts: str) -> str:
        return _text(services.keys.mac("idp.throttle", "user_code", *parts))

    return [
        Bucket(key("browser", visitor.browser), settings.user_code_failures, window),
        Bucket(key("account", session.user_id), settings.user_code_failures, window),
        Bucket(key("network", network), settings.user_code_network_failures, window),
    ]


def _text(mac: bytes) -> str:
    return letters_of(mac)
