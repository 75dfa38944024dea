"""
Setting up one-time codes, or moving them to another telephone.

A new secret is shown before it counts: it travels in the form, sealed for this person, session and secret, and is
stored once a code of it was typed. Nothing is kept for somebody who leaves the page.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson
from sqlalchemy.exc import IntegrityError

from base import audit
from base.errors import AntinError
from idp.accounts.factors import Stored
from idp.accounts.totp import new_totp_secret, provisioning_uri
from idp.events import FactorAdded, FactorReplaced
from idp.flows.end_session import end_others_within
from idp.flows.renew_session import AccountChanged, Renewed, renew
from idp.services import IdpServices
from idp.store import users
from idp.store.sealed import totp_context
from idp.store.sessions import SessionFacts

OFFER_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Offer:
    """secret: base32, to be typed. uri: the `otpauth://` address, for a QR code. sealed: goes into the form."""

    secret: str
    uri: str
    sealed: str


class WrongFirstCode(AntinError):
    """The code is none of the secret that was shown."""

    def __init__(self) -> None:
        super().__init__(
            "wrong_code",
            vi="Mã không khớp với khóa đang hiện. Hãy kiểm tra giờ trên điện thoại rồi nhập mã kế tiếp.",
            en="The code does not belong to the key shown. Check the phone's clock and enter the next code.",
        )


def offer_totp(services: IdpServices, session: SessionFacts, *, shown_before: str = "") -> Offer:
    """A new secret for the person; the one that was shown before, as long as its offer lasts."""
    secret = _opened(services, session, shown_before)
    if secret is None:
        secret = new_totp_secret()
        plain = orjson.dumps([secret, services.base.clock.now()])
        shown_before = base64.urlsafe_b64encode(services.keys.seal(plain, _context(session))).decode()
    return Offer(secret, _uri(services, secret, session.username), shown_before)


def accept_totp(services: IdpServices, session: SessionFacts, sealed: str, code: str) -> Renewed:
    """
    Store the offered secret, now that its first code was typed; that code is spent with it. The caller has judged the
    proof fresh (idp/accounts/fresh_proof.py), which for an account with a second factor includes the old one.

    Raises: WrongFirstCode; AccountChanged: the offer is over, or the factor was changed elsewhere meanwhile.
    """
    secret, clock = _opened(services, session, sealed), services.base.clock
    if secret is None:
        raise AccountChanged
    proof = services.accounts.factors["otp"].prove(Stored(secret), code, clock.now())
    if proof is None or proof.spend is None:
        raise WrongFirstCode
    with services.base.db.read() as connection:
        facts = users.by_id(connection, session.user_id, "")
    if facts is None or not facts.active or _is_held(services, facts, secret):
        raise AccountChanged
    stored = services.keys.seal(secret.encode(), totp_context(session.user_id))
    happened = FactorReplaced if facts.sealed_totp else FactorAdded
    try:
        with services.base.db.begin() as connection:
            if not users.put_totp(connection, session.user_id, facts.sealed_totp, stored, proof.spend, clock.now()):
                raise AccountChanged
            return renew(connection, services, session, {"otp": clock.now()}, happened(session.user_id, "otp"))
    except IntegrityError as error:
        raise AccountChanged from error


def reset_totp(services: IdpServices, user_id: str, username: str) -> tuple[Offer, int]:
    """
    Give somebody whose telephone is lost a new secret at once; every session ends. Returns it and how many did.

    Raises: AccountChanged.
    """
    secret, clock = new_totp_secret(), services.base.clock
    sealed = services.keys.seal(secret.encode(), totp_context(user_id))
    with services.base.db.read() as connection:
        facts = users.by_id(connection, user_id, "")
    if facts is None:
        raise AccountChanged
    happened = FactorReplaced if facts.sealed_totp else FactorAdded
    try:
        with services.base.db.begin() as connection:
            if not users.put_totp(connection, user_id, facts.sealed_totp, sealed, 0, clock.now()):
                raise AccountChanged
            ended = end_others_within(connection, services, user_id, "factor_changed")
            for event in (happened(user_id, "otp"), *ended):
                audit.append(connection, clock, event)
    except IntegrityError as error:
        raise AccountChanged from error
    return Offer(secret, _uri(services, secret, username), ""), len(ended)


def _opened(services: IdpServices, session: SessionFacts, sealed: str) -> str | None:
    """The secret of an offer; None for none, one of somebody else, and one whose time is over."""
    try:
        plain = services.keys.unseal(base64.urlsafe_b64decode(sealed), _context(session))
        secret, made_at = orjson.loads(plain)
    except (AntinError, binascii.Error, ValueError):
        return None
    return str(secret) if 0 <= services.base.clock.now() - made_at <= OFFER_SECONDS else None


def _is_held(services: IdpServices, facts: users.SignInFacts, secret: str) -> bool:
    """Whether the form was sent before: its secret is the account's, and its code is spent."""
    if facts.sealed_totp is None:
        return False
    return services.keys.unseal(facts.sealed_totp, totp_context(facts.user_id)) == secret.encode()


def _context(session: SessionFacts) -> str:
    return f"idp.totp_offer|{session.user_id}|{session.id}"


def _uri(services: IdpServices, secret: str, username: str) -> str:
    return provisioning_uri(secret, username=username, issuer_name="Ấn Tín")
