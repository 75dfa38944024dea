"""Rows of `keys`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from keys.algorithms import Algorithm, KeyAlgorithm
from keys.backends.base import NewKey
from keys.handles import KeyHandle, KeyManagement
from keys.lifecycle.states import PUBLISHED, Purpose, State, check_move, keeps_private_part, slot_of
from keys.models import keys


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row; `stored` is None once the private part was destroyed."""

    handle: KeyHandle
    purpose: Purpose
    algorithm: KeyAlgorithm
    backend: str
    stored: bytes | None
    public_key: bytes
    owner: str | None
    state: State
    created_at: int
    activated_at: int | None
    retired_at: int | None


WORDS: Mapping[KeyAlgorithm, str] = {
    **{algorithm: str(algorithm) for algorithm in Algorithm},
    Algorithm.ML_DSA_44: "MLDSA44",
    Algorithm.ML_DSA_65: "MLDSA65",
    Algorithm.ML_DSA_87: "MLDSA87",
    KeyManagement.RSA_OAEP_256: "OAEP256",
    KeyManagement.ECDH_ES: "ECDH",
    KeyManagement.ECDH_ES_A128KW: "ECDH128",
    KeyManagement.ECDH_ES_A256KW: "ECDH256",
}
"""What stands in the column `algorithm`, which was made for eight letters and cannot grow on SQLite."""
ALGORITHM_OF = {word: algorithm for algorithm, word in WORDS.items()}
_COLUMNS = (
    keys.c.handle,
    keys.c.purpose,
    keys.c.algorithm,
    keys.c.backend,
    keys.c.stored,
    keys.c.public_key,
    keys.c.owner,
    keys.c.state,
    keys.c.created_at,
    keys.c.activated_at,
    keys.c.retired_at,
)
_ALL = select(*_COLUMNS).order_by(keys.c.created_at, keys.c.handle)


def add(
    connection: Connection,
    new: NewKey,
    *,
    purpose: Purpose,
    state: State,
    now: int,
    owner: str | None = None,
    in_slot: bool = True,
) -> None:
    """
    A new key. in_slot: False for authorities beside the first ones, which are told apart by their names.

    Raises: IntegrityError: another key has the slot, or this key is known already.
    """
    connection.execute(
        insert(keys),
        {
            "handle": new.handle,
            "purpose": purpose,
            "algorithm": WORDS[new.algorithm],
            "backend": new.backend,
            "stored": new.stored or None,
            "public_key": new.public_key,
            "owner": owner,
            "state": state,
            "slot": slot_of(purpose, new.algorithm, state) if in_slot else None,
            "public_key_sha256": hashlib.sha256(new.public_key).hexdigest(),
            "created_at": now,
            "activated_at": now if state is State.ACTIVE else None,
        },
    )


def find(connection: Connection, handle: KeyHandle) -> StoredKey | None:
    """One key by its handle."""
    row = connection.execute(_ALL.where(keys.c.handle == handle)).first()
    return None if row is None else _read(row)


def of_public_key(connection: Connection, public_key: bytes) -> StoredKey | None:
    """The key with that SubjectPublicKeyInfo, in whatever state."""
    wanted = _ALL.where(keys.c.public_key_sha256 == hashlib.sha256(public_key).hexdigest())
    row = connection.execute(wanted).first()
    return None if row is None else _read(row)


def in_slot(connection: Connection, purpose: Purpose, algorithm: KeyAlgorithm, state: State) -> StoredKey | None:
    """The one key of that purpose and algorithm in that state."""
    row = connection.execute(_ALL.where(keys.c.slot == slot_of(purpose, algorithm, state))).first()
    return None if row is None else _read(row)


def active_of(connection: Connection, purpose: Purpose) -> list[StoredKey]:
    """The active keys of a purpose that has slots, of whatever algorithm, oldest first."""
    wanted = _ALL.where(keys.c.purpose == purpose, keys.c.state == State.ACTIVE, keys.c.slot.is_not(None))
    return [_read(row) for row in connection.execute(wanted)]


def filled_slots(connection: Connection) -> frozenset[str]:
    """Every slot that has a key."""
    return frozenset(connection.execute(select(keys.c.slot).where(keys.c.slot.is_not(None))).scalars())


def published(connection: Connection) -> list[StoredKey]:
    """Token keys that are in the key set, oldest first."""
    wanted = _ALL.where(keys.c.purpose == Purpose.TOKEN, keys.c.state.in_(sorted(PUBLISHED)))
    return [_read(row) for row in connection.execute(wanted)]


def decrypting(connection: Connection) -> list[StoredKey]:
    """Encryption keys that still open what comes: active and retired, oldest first."""
    states = (State.ACTIVE, State.RETIRED)
    wanted = _ALL.where(keys.c.purpose == Purpose.ENCRYPTION, keys.c.state.in_(states))
    return [_read(row) for row in connection.execute(wanted)]


def of_service(connection: Connection) -> list[StoredKey]:
    """Every key that is not a person's, oldest first."""
    return [_read(row) for row in connection.execute(_ALL.where(keys.c.purpose != Purpose.PERSON))]


def exist(connection: Connection) -> bool:
    """Whether there is any key."""
    return connection.execute(select(keys.c.handle).limit(1)).first() is not None


def every(connection: Connection) -> list[StoredKey]:
    """Every key, oldest first."""
    return [_read(row) for row in connection.execute(_ALL)]


def retired_keys(connection: Connection, *, most: int) -> list[StoredKey]:
    """Retired token keys, still published, and encryption keys, which still decrypt; the longest retired first."""
    purposes = (Purpose.TOKEN, Purpose.ENCRYPTION)
    wanted = _ALL.where(keys.c.purpose.in_(purposes), keys.c.state == State.RETIRED).order_by(None)
    return [_read(row) for row in connection.execute(wanted.order_by(keys.c.retired_at).limit(most))]


def lock(connection: Connection, handle: KeyHandle) -> None:
    """Let others who change this row wait until the transaction ends."""
    connection.execute(update(keys).where(keys.c.handle == handle).values(signatures=keys.c.signatures))


def move(connection: Connection, key: StoredKey, to: State, *, now: int) -> bool:
    """
    One step of a key's life. Returns whether this call made it (of two at once, one does).

    A key that has done its work loses its private part here, in the same statement.
    Raises: KeyRefused("wrong_state"): there is no such step; IntegrityError: the slot is taken.
    """
    check_move(key.state, to)
    changes: dict[str, Any] = {"state": to, "slot": slot_of(key.purpose, key.algorithm, to)}
    changes["activated_at" if to is State.ACTIVE else f"{to}_at"] = now
    if not keeps_private_part(key.purpose, to):
        changes["stored"] = None
    mine = update(keys).where(keys.c.handle == key.handle, keys.c.state == key.state)
    return connection.execute(mine.values(**changes).returning(keys.c.handle)).first() is not None


def _read(row: Any) -> StoredKey:
    return StoredKey(
        handle=KeyHandle(row.handle),
        purpose=Purpose(row.purpose),
        algorithm=ALGORITHM_OF[row.algorithm],
        backend=row.backend,
        stored=row.stored,
        public_key=row.public_key,
        owner=row.owner,
        state=State(row.state),
        created_at=row.created_at,
        activated_at=row.activated_at,
        retired_at=row.retired_at,
    )
