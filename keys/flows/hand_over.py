"""
The custody log of a person's or an agency's key: who answers for it, where it is kept, and each use.

Source: Decree 30/2020/ND-CP Art. 32 (keeping and using seals and keys of an agency; hand-over by record); Decree
23/2025/ND-CP Art. 13.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict

import orjson

from base.audit import append
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import KeyHandedOver
from keys.handles import KeyHandle
from keys.lifecycle.states import Purpose, State
from keys.store import custody_log
from keys.store import keys as key_rows
from keys.store.custody_log import HANDED_OVER, Entry

LONGEST = 120
MOST_LISTED = 1000


def hand_over(custody: Custody, handle: KeyHandle, *, to: str, place: str, minutes: str = "") -> Entry:
    """
    Record that another holder answers for a key. Names stay in the log; the audit event has the digest of the entry.

    to, place, minutes (number of the record of the hand-over): at most 120 letters, plain text.
    Raises: KeyRefused("unknown_key"): no such key of a person or an agency, or it is no longer active;
            KeyRefused("entry_refused"): empty, too long, or not plain text.
    """
    if not to.strip() or not place.strip() or any(not _plain(text) for text in (to, place, minutes)):
        raise KeyRefused(
            "entry_refused",
            vi="Cần ghi rõ người nhận và nơi giữ khóa, mỗi mục tối đa 120 ký tự.",
            en="The new holder and the place are needed, each in at most 120 plain letters.",
            status=422,
        )
    with custody.base.db.begin() as connection:
        custody_log.lock(connection, handle)
        key = key_rows.find(connection, handle)
        if key is None or key.purpose not in (Purpose.PERSON, Purpose.SEAL) or key.state is not State.ACTIVE:
            raise KeyRefused("unknown_key", status=404)
        now = custody.base.clock.now()
        entry = custody_log.add(connection, handle, HANDED_OVER, at=now, holder=to, place=place, minutes=minutes)
        digest = hashlib.sha256(orjson.dumps(asdict(entry), option=orjson.OPT_SORT_KEYS)).hexdigest()
        append(connection, custody.base.clock, KeyHandedOver(handle, entry.number, digest))
    return entry


def log_of(custody: Custody, handle: KeyHandle) -> list[Entry]:
    """The latest entries of a key, oldest first. Raises: KeyRefused("unknown_key")."""
    with custody.base.db.read() as connection:
        if key_rows.find(connection, handle) is None:
            raise KeyRefused("unknown_key", status=404)
        return custody_log.entries(connection, handle, most=MOST_LISTED)


def _plain(text: str) -> bool:
    return len(text) <= LONGEST and (text == "" or text.isprintable())
