"""Making an account, with an optional second factor and an optional office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from base import audit
from base.errors import AntinError
from base.ids import new_id
from idp.accounts.password_rules import check_password
from idp.accounts.totp import is_totp_secret, new_totp_secret
from idp.accounts.usernames import canonical_username, shown_name
from idp.events import FactorAdded, UserCreated
from idp.services import IdpServices
from idp.store import organisations, users
from idp.store.sealed import totp_context


class UserRefused(AntinError):
    """The account cannot be made: `username_taken`, `totp_secret` or `organisation_unknown`."""


@dataclass(frozen=True, slots=True)
class Official:
    """An office: the agency by its code, and the title."""

    organisation_code: str
    title_vi: str
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class NewUser:
    """
    Who is to have an account.

    totp: True makes a secret, a string is one (base32, at least 128 bits), False means no second factor.
    attributes: further standard claims by name (nickname, website, a structured address, …).
    email_verified, phone_verified: that the person can be reached there was checked.
    """

    username: str
    password: str
    full_name: str
    email: str | None = None
    phone: str | None = None
    birthdate: str | None = None
    gender: str | None = None
    address: str | None = None
    totp: bool | str = False
    official: Official | None = None
    attributes: Mapping[str, Any] | None = None
    email_verified: bool = False
    phone_verified: bool = False
    locale: str = "vi"


@dataclass(frozen=True, slots=True)
class CreatedUser:
    """totp_secret: base32, shown this once; None without a second factor, or when the account existed."""

    user_id: str
    totp_secret: str | None


def create_user(services: IdpServices, new: NewUser, *, if_missing: bool = False) -> CreatedUser:
    """
    Make an account; with `if_missing` an existing sign-in name is left as it is.

    Raises: UserRefused, BadUsername, WeakPassword, HashingBusy.

    1. Gather and judge: canonical name, agency, password rules.
    2. Hash outside the transaction, which would otherwise be held for its whole time.
    3. Act: account, factor, office, events in one transaction.
    """
    username, full_name = canonical_username(new.username), shown_name(new.full_name)
    with services.base.db.read() as connection:
        existing = users.id_of(connection, username)
        agency = _agency(connection, new.official)
    if existing is not None:
        if if_missing:
            return CreatedUser(existing, None)
        raise UserRefused("username_taken", vi="Tên đăng nhập đã có người dùng.", en="The sign-in name is taken.")
    words = [username, full_name, *((agency.code, agency.name_vi, agency.name_en) if agency else ())]
    accepted = check_password(new.password, context=words, second_factor=bool(new.totp))
    secret = _secret(new.totp)
    password_hash = services.accounts.passwords.hash(accepted)
    clock, user_id = services.base.clock, new_id("usr")
    with services.base.db.begin() as connection:
        users.add_user(connection, _row(new, user_id, username, full_name, password_hash, clock.now()))
        if secret is not None:
            sealed = services.keys.seal(secret.encode(), totp_context(user_id))
            users.put_totp(connection, user_id, None, sealed, 0, clock.now())
        if new.official is not None and agency is not None:
            _appoint(connection, user_id, agency, new.official, clock.now())
        audit.append(connection, clock, UserCreated(user_id, official=agency is not None))
        if secret is not None:
            audit.append(connection, clock, FactorAdded(user_id, "otp"))
    return CreatedUser(user_id, secret)


def _agency(connection: Connection, official: Official | None) -> organisations.Organisation | None:
    if official is None:
        return None
    found = organisations.by_code(connection, official.organisation_code)
    if found is None:
        raise UserRefused("organisation_unknown", en=f"There is no agency with code {official.organisation_code}.")
    return found


def _secret(wish: bool | str) -> str | None:
    if isinstance(wish, bool):
        return new_totp_secret() if wish else None
    if not is_totp_secret(wish):
        raise UserRefused("totp_secret", en="The TOTP secret must be base32 of at least 128 bits.")
    return wish


def _row(
    new: NewUser, user_id: str, username: str, full_name: str, password_hash: str, now: int
) -> dict[str, str | int | None]:
    return {
        "id": user_id,
        "username": username,
        "full_name": full_name,
        "email": new.email,
        "email_verified": new.email_verified,
        "phone": new.phone,
        "phone_verified": new.phone_verified,
        "locale": new.locale,
        "birthdate": new.birthdate,
        "gender": new.gender,
        "address": new.address,
        "attributes": json.dumps(dict(new.attributes), ensure_ascii=False) if new.attributes else None,
        "password_hash": password_hash,
        "status": users.ACTIVE,
        "created_at": now,
        "updated_at": now,
    }


def _appoint(
    connection: Connection, user_id: str, agency: organisations.Organisation, official: Official, now: int
) -> None:
    users.add_position(
        connection,
        {
            "id": new_id("pos"),
            "user_id": user_id,
            "organisation_id": agency.id,
            "title_vi": official.title_vi,
            "title_en": official.title_en or official.title_vi,
            "from_at": now,
        },
    )
