"""The custody log of persons' keys: made, handed over, used; names stay out of the audit log."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from base import audit
from base.audit import audit_events
from base.services import BaseServices
from keys.api import Keys, PersonSubject
from keys.errors import KeyRefused
from keys.flows.hand_over import hand_over, log_of
from keys.flows.record_use import record_use
from keys.handles import KeyHandle, RevocationReason
from keys.lifecycle.purposes import Use
from keys.store import keys as key_rows

PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân phường Bến Nghé", "Chủ tịch")


def use(held: Keys, handle: KeyHandle, digest: bytes) -> None:
    with held.custody.base.db.begin() as connection:
        key = key_rows.find(connection, handle)
        assert key is not None
        record_use(held.custody, connection, key, Use.DOCUMENT, digest)


def test_from_its_making_over_uses_to_another_holder(held: Keys, services: BaseServices) -> None:
    handle = held.enrol_person(PERSON).handle
    use(held, handle, b"a" * 32)
    hand_over(held.custody, handle, to="Trần Văn Bình", place="Két sắt, phòng Văn thư", minutes="12/BB-UBND")
    use(held, handle, b"b" * 32)
    log = log_of(held.custody, handle)
    assert [(one.number, one.kind, one.holder, one.digest) for one in log] == [
        (1, "made", "owner-1", ""),
        (2, "used", "", (b"a" * 32).hex()),
        (3, "handed_over", "Trần Văn Bình", ""),
        (4, "used", "", (b"b" * 32).hex()),
    ]
    assert (log[2].place, log[2].minutes) == ("Két sắt, phòng Văn thư", "12/BB-UBND")
    audit.verify(services.db)


def test_names_stay_out_of_the_audit_log(held: Keys, services: BaseServices) -> None:
    handle = held.enrol_person(PERSON).handle
    hand_over(held.custody, handle, to="Tran Van Binh", place="Ket sat")
    with services.db.read() as connection:
        wanted = select(audit_events.c.data).where(audit_events.c.kind == "keys.key.handed_over")
        (data,) = connection.execute(wanted).scalars()
    assert "Binh" not in data
    assert "Ket" not in data
    assert set(json.loads(data)) == {"handle", "entry", "entry_sha256"}


@pytest.mark.parametrize(
    ("to", "place", "minutes"),
    [("", "x", ""), ("x", "", ""), (" ", "x", ""), ("x" * 121, "x", ""), ("x\ny", "x", ""), ("x", "x", "\x1b[31m")],
)
def test_entries_that_say_nothing_or_too_much(held: Keys, to: str, place: str, minutes: str) -> None:
    handle = held.enrol_person(PERSON).handle
    with pytest.raises(KeyRefused, match="entry_refused"):
        hand_over(held.custody, handle, to=to, place=place, minutes=minutes)
    assert len(log_of(held.custody, handle)) == 1


def test_only_active_keys_of_persons_are_handed_over(held: Keys) -> None:
    handle = held.enrol_person(PERSON).handle
    held.revoke(handle, RevocationReason.CESSATION)
    others = [one.handle for one in held.list_keys() if one.purpose in ("root", "token")]
    for refused in (handle, *others, KeyHandle("key_nowhere")):
        with pytest.raises(KeyRefused, match="unknown_key"):
            hand_over(held.custody, refused, to="x", place="y")
    with pytest.raises(KeyRefused, match="unknown_key"):
        log_of(held.custody, KeyHandle("key_nowhere"))


def test_a_use_that_is_rolled_back_is_not_in_the_log(held: Keys) -> None:
    handle = held.enrol_person(PERSON).handle
    with pytest.raises(RuntimeError), held.custody.base.db.begin() as connection:
        key = key_rows.find(connection, handle)
        assert key is not None
        record_use(held.custody, connection, key, Use.DOCUMENT, b"a" * 32)
        raise RuntimeError("the back end did not sign")
    assert [one.kind for one in log_of(held.custody, handle)] == ["made"]
