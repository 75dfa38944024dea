"""Changing a password: by the person, who has just proven the old one, or by an administrator for one who forgot it."""

from __future__ import annotations

from base import audit
from idp.accounts.password_rules import WeakPassword, check_password
from idp.events import PasswordChanged
from idp.flows.end_session import end_others_within
from idp.flows.renew_session import AccountChanged, Renewed, renew
from idp.services import IdpServices
from idp.store import users
from idp.store.sessions import SessionFacts


def change_password(services: IdpServices, session: SessionFacts, new: str) -> Renewed:
    """
    Replace the person's own password. The caller has judged the proof fresh (idp/accounts/fresh_proof.py).

    Every other session of hers ends: whoever knew the old password is out. Her own goes on with a new secret.

    Raises: WeakPassword, HashingBusy; AccountChanged: it was changed by somebody else in the same moment.
    """
    old, made = _hashed(services, session.user_id, new)
    clock = services.base.clock
    with services.base.db.begin() as connection:
        if not users.change_password_hash(connection, session.user_id, old, made, clock.now()):
            raise AccountChanged
        return renew(connection, services, session, {"pwd": clock.now()}, PasswordChanged(session.user_id, "person"))


def reset_password(services: IdpServices, user_id: str, new: str) -> int:
    """
    Give somebody a new password, whatever the old one was; every session ends. Returns how many did.

    Raises: WeakPassword, HashingBusy, AccountChanged.
    """
    old, made = _hashed(services, user_id, new)
    clock = services.base.clock
    with services.base.db.begin() as connection:
        if not users.change_password_hash(connection, user_id, old, made, clock.now()):
            raise AccountChanged
        ended = end_others_within(connection, services, user_id, "factor_changed")
        for event in (PasswordChanged(user_id, "administrator"), *ended):
            audit.append(connection, clock, event)
    return len(ended)


def _hashed(services: IdpServices, user_id: str, new: str) -> tuple[str, str]:
    """The hash that is stored, and that of the new password, made outside any transaction."""
    with services.base.db.read() as connection:
        facts = users.by_id(connection, user_id, "")
        profile = users.profile(connection, user_id, services.base.clock.now())
    if facts is None or not facts.active:
        raise AccountChanged
    words = [facts.username, profile.record.full_name]
    for position in profile.positions:
        words += [position.organisation_code, position.organisation_vi, position.organisation_en]
    accepted = check_password(new, context=words, second_factor=facts.sealed_totp is not None)
    if services.accounts.passwords.matches(facts.password_hash, accepted):
        raise WeakPassword(
            "password_unchanged",
            vi="Mật khẩu mới trùng với mật khẩu đang dùng.",
            en="The new password is the one in use.",
        )
    return facts.password_hash, services.accounts.passwords.hash(accepted)
