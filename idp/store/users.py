"""The people, their factors and the browsers they are known from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from base.db import upsert
from base.lanes import later
from idp.models import consents, known_devices, organisations, positions, totp_credentials, users
from idp.protocol.person_claims import PersonRecord
from idp.protocol.person_claims import Position as ClaimedPosition
from idp.store.consents import ONE_CONSENT, Consent, consent_in, standing

ACTIVE, DISABLED = "active", "disabled"


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """
    What the database knows about somebody who wants to sign in.

    sealed_totp: the sealed secret, None without a second factor. totp_spent: the highest time step already spent.
    device_known: whether this person has signed in from this browser before.
    consent: what the person has allowed the service that was asked about, None where nothing or none.
    """

    user_id: str
    username: str
    full_name: str
    active: bool
    password_hash: str
    sealed_totp: bytes | None
    totp_spent: int
    device_known: bool
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Position:
    """What an official is, where, since when (epoch seconds)."""

    organisation_code: str
    organisation_vi: str
    organisation_en: str
    title_vi: str
    title_en: str
    from_at: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the account and consent pages show one. record: what services can be given."""

    user_id: str
    username: str
    created_at: int
    has_totp: bool
    record: PersonRecord
    positions: tuple[Position, ...]


_SIGN_IN = (
    select(
        users.c.id,
        users.c.username,
        users.c.full_name,
        users.c.status,
        users.c.password_hash,
        totp_credentials.c.sealed_secret,
        totp_credentials.c.last_timecode,
        known_devices.c.device,
        *ONE_CONSENT,
    )
    .select_from(users)
    .outerjoin(totp_credentials, totp_credentials.c.user_id == users.c.id)
    .outerjoin(
        known_devices, and_(known_devices.c.user_id == users.c.id, known_devices.c.device == bindparam("device"))
    )
    .outerjoin(consents, standing(users.c.id))
)
_BY_NAME = _SIGN_IN.where(users.c.username == bindparam("username"))
_BY_ID = _SIGN_IN.where(users.c.id == bindparam("user_id"))
_REMEMBER_DEVICE = upsert(known_devices, ("last_used_at",))
_SPEND = (
    update(totp_credentials)
    .where(totp_credentials.c.user_id == bindparam("owner"), totp_credentials.c.last_timecode < bindparam("timecode"))
    .values(last_timecode=bindparam("timecode"))
    .returning(totp_credentials.c.user_id)
)


def by_username(connection: Connection, username: str, device: str, client_id: str = "") -> SignInFacts | None:
    """The facts by canonical name; one query, the same for names that exist and names that do not."""
    values = {"username": username, "device": device, "client_id": client_id}
    return _facts(connection.execute(_BY_NAME, values).first())


def by_id(connection: Connection, user_id: str, device: str) -> SignInFacts | None:
    """The facts by internal id."""
    return _facts(connection.execute(_BY_ID, {"user_id": user_id, "device": device, "client_id": ""}).first())


def _facts(row: Any) -> SignInFacts | None:
    if row is None:
        return None
    return SignInFacts(
        user_id=row.id,
        username=row.username,
        full_name=row.full_name,
        active=row.status == ACTIVE,
        password_hash=row.password_hash,
        sealed_totp=row.sealed_secret,
        totp_spent=row.last_timecode or 0,
        device_known=row.device is not None,
        consent=consent_in(row),
    )


def spend_timecode(connection: Connection, user_id: str, timecode: int) -> bool:
    """
    Spend one time step of a person's second factor. False: it, or a later one, was spent already.

    One conditional UPDATE: of any number of requests with the same code exactly one gets the row back. Reading the
    last step, comparing and then writing would let two of them through (tests/contract/test_totp_race.py shows it).
    """
    return connection.execute(_SPEND, {"owner": user_id, "timecode": timecode}).first() is not None


def replace_password_hash(connection: Connection, user_id: str, old: str, new: str, now: int) -> None:
    """Store a stronger hash of the same password, unless the password was changed meanwhile."""
    connection.execute(
        update(users)
        .where(users.c.id == user_id, users.c.password_hash == old)
        .values(password_hash=new, updated_at=now)
    )


def change_password_hash(connection: Connection, user_id: str, old: str, new: str, now: int) -> bool:
    """Store the hash of another password. False: the stored one is not `old` any more, or the account is not in use."""
    changed = (
        update(users)
        .where(users.c.id == user_id, users.c.password_hash == old, users.c.status == ACTIVE)
        .values(password_hash=new, updated_at=now)
        .returning(users.c.id)
    )
    return connection.execute(changed).first() is not None


def set_status(connection: Connection, user_id: str, status: str, now: int) -> None:
    """Make an account active or disabled."""
    connection.execute(update(users).where(users.c.id == user_id).values(status=status, updated_at=now))


def remember_device(connection: Connection, user_id: str, device: str, now: int) -> None:
    """Note that this person signed in from this browser. `device` is a MAC of the browser cookie."""
    later(connection, _REMEMBER_DEVICE, {"user_id": user_id, "device": device, "last_used_at": now})


def add_user(connection: Connection, row: Mapping[str, Any]) -> None:
    """Insert a person. Raises: IntegrityError: the sign-in name is taken."""
    connection.execute(insert(users), dict(row))


def id_of(connection: Connection, username: str) -> str | None:
    """The internal id of a canonical name."""
    return connection.execute(select(users.c.id).where(users.c.username == username)).scalar()


def active_id_of(connection: Connection, username: str) -> str | None:
    """The internal id of a canonical name whose account is in use."""
    named = select(users.c.id).where(users.c.username == username, users.c.status == ACTIVE)
    return connection.execute(named).scalar()


def put_totp(
    connection: Connection, user_id: str, old: bytes | None, sealed_secret: bytes, timecode: int, now: int
) -> bool:
    """
    Store a second factor in place of `old` (None: there is none yet), with the time step its first code was of.

    False: what is stored is not `old` any more. Raises: IntegrityError: there is one by now.
    """
    values = {"sealed_secret": sealed_secret, "last_timecode": timecode, "created_at": now}
    if old is None:
        connection.execute(insert(totp_credentials), {"user_id": user_id, **values})
        return True
    held = and_(totp_credentials.c.user_id == user_id, totp_credentials.c.sealed_secret == old)
    replaced = update(totp_credentials).where(held).values(values).returning(totp_credentials.c.user_id)
    return connection.execute(replaced).first() is not None


def add_position(connection: Connection, row: Mapping[str, Any]) -> None:
    """Appoint an official."""
    connection.execute(insert(positions), dict(row))


def profile(connection: Connection, user_id: str, now: int) -> Profile:
    """What our pages show of a person. Raises: NoResultFound: nobody has that id."""
    row = connection.execute(
        select(users, totp_credentials.c.created_at.label("totp_at"))
        .outerjoin(totp_credentials, totp_credentials.c.user_id == users.c.id)
        .where(users.c.id == user_id)
    ).one()
    held = _positions(connection, user_id, now)
    first = held[0] if held else None
    record = PersonRecord(
        full_name=row.full_name,
        email=row.email,
        email_verified=row.email_verified,
        phone=row.phone,
        phone_verified=row.phone_verified,
        birthdate=row.birthdate,
        gender=row.gender,
        address=row.address,
        locale=row.locale,
        attributes=row.attributes,
        updated_at=row.updated_at,
        position=ClaimedPosition(first.organisation_code, first.organisation_vi, first.title_vi) if first else None,
    )
    return Profile(user_id, row.username, row.created_at, row.totp_at is not None, record, held)


def _positions(connection: Connection, user_id: str, now: int) -> tuple[Position, ...]:
    held = (
        select(
            organisations.c.code,
            organisations.c.name_vi,
            organisations.c.name_en,
            positions.c.title_vi,
            positions.c.title_en,
            positions.c.from_at,
        )
        .join(organisations, organisations.c.id == positions.c.organisation_id)
        .where(positions.c.user_id == user_id, positions.c.from_at <= now)
        .where((positions.c.to_at.is_(None)) | (positions.c.to_at > now))
        .order_by(positions.c.from_at)
    )
    return tuple(Position(*row) for row in connection.execute(held))
