"""A key does one thing: every other door is shut, by type and at run time; limits and traces of use (CR-10, S2)."""

from __future__ import annotations

import json
from itertools import product

import pytest
from cryptography import x509
from sqlalchemy import select, update

from base import audit
from base.audit import audit_events
from base.clock import FixedClock
from base.services import BaseServices
from keys import models
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject, TokenType
from keys.backends.base import Signer
from keys.errors import KeyRefused
from keys.flows.record_use import count_use, record_use
from keys.handles import KeyHandle
from keys.lifecycle.purposes import USES, Use, check_use
from keys.lifecycle.states import Purpose, State
from keys.signers import (
    AuditSigner,
    CertificateSigner,
    CrlSigner,
    DocumentSigner,
    OcspSigner,
    PurposeSigner,
    ReportSigner,
    SealSigner,
    TimestampSigner,
    TokenKeySigner,
    TrustListSigner,
)
from keys.store import keys as key_rows
from keys.store.keys import StoredKey
from keys.store.uses import set_limits
from tests.unit.keys.test_status import answer

KINDS: dict[Use, type[PurposeSigner]] = {
    kind.use: kind
    for kind in (
        TokenKeySigner,
        DocumentSigner,
        CertificateSigner,
        CrlSigner,
        OcspSigner,
        TimestampSigner,
        AuditSigner,
        TrustListSigner,
        ReportSigner,
        SealSigner,
    )
}
PERSON = PersonSubject("owner-1", "Nguyễn Thị Ánh", "Ủy ban nhân dân phường Bến Nghé", "Chủ tịch")


def person(held: Keys) -> StoredKey:
    handle = held.enrol_person(PERSON).handle
    with held.custody.base.db.read() as connection:
        found = key_rows.find(connection, handle)
    assert found is not None
    return found


def events(services: BaseServices, kind: str) -> list[dict[str, object]]:
    wanted = select(audit_events.c.data).where(audit_events.c.kind == kind).order_by(audit_events.c.position)
    with services.db.read() as connection:
        return [json.loads(data) for data in connection.execute(wanted).scalars()]


def test_there_is_a_type_for_every_use_and_a_row_for_every_purpose() -> None:
    assert set(KINDS) == set(Use)
    assert set(USES) == set(Purpose)


@pytest.mark.parametrize(("purpose", "use"), list(product(Purpose, Use)))
def test_only_what_the_table_allows(held: Keys, purpose: Purpose, use: Use) -> None:
    new = held.custody.generate(Algorithm.ES256)
    if use in USES[purpose]:
        check_use(purpose, use)
        assert len(held.custody.open_new(KINDS[use], new, purpose).sign(b"x")) > 60
    else:
        with pytest.raises(KeyRefused, match="wrong_purpose"):
            held.custody.open_new(KINDS[use], new, purpose)


def test_no_use_is_shared_by_two_kinds_of_keys_but_the_authorities() -> None:
    for use in Use:
        holders = {purpose for purpose, uses in USES.items() if use in uses}
        assert len(holders) == 1 or holders == {Purpose.ROOT, Purpose.ISSUING}


def test_a_key_of_a_person_signs_no_token_and_no_certificate(held: Keys) -> None:
    key = person(held)
    for kind in (TokenKeySigner, CertificateSigner, CrlSigner, OcspSigner, TimestampSigner, AuditSigner):
        with pytest.raises(KeyRefused, match="wrong_purpose"):
            held.custody.open_for(kind, key)


def test_a_row_that_changed_its_purpose_does_not_open(held: Keys, services: BaseServices) -> None:
    """Whoever writes to the database and calls an authority's key a person's has an owner without a certificate."""
    with services.db.begin() as connection:
        root = key_rows.in_slot(connection, Purpose.ROOT, Algorithm.ES256, State.ACTIVE)
        assert root is not None
        connection.execute(update(models.keys).where(models.keys.c.handle == root.handle).values(purpose="person"))
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.credential(root.handle)


def test_opened_keys_do_not_travel(held: Keys) -> None:
    opened: Signer = held.custody.open_for(DocumentSigner, person(held))
    with pytest.raises(TypeError):
        opened.__reduce__()


def test_every_use_is_an_event(held: Keys, services: BaseServices) -> None:
    key = person(held)
    with services.db.begin() as connection:
        record_use(held.custody, connection, key, Use.DOCUMENT, b"d" * 32)
    used = events(services, "keys.key.used")[-1]
    assert used == {"handle": key.handle, "purpose": "person", "caller": "document", "digest": (b"d" * 32).hex()}


def test_busy_keys_are_counted(held: Keys, services: BaseServices) -> None:
    now = services.clock.now()
    for _ in range(3):
        held.sign_jwt({"iss": "i"}, typ=TokenType.ID)
    count_use(held.custody, "key_x", Use.OCSP)
    held.custody.uses.flush()
    held.custody.uses.flush()
    counted = {str(one["caller"]): one for one in events(services, "keys.key.uses")}
    assert len(counted) == 2
    assert counted["token"]["count"] == 3
    assert counted["token"]["handle"] == held.custody.ring.current().signer("ES256").kid
    assert (counted["ocsp"]["from_time"], counted["ocsp"]["to_time"]) == (now, now)
    audit.verify(services.db)


def test_time_stamps_are_counted(held: Keys, services: BaseServices) -> None:
    held.timestamp(b"d" * 32)
    held.custody.uses.flush()
    (counted,) = events(services, "keys.key.uses")
    assert (counted["caller"], counted["count"]) == ("timestamp", 1)


def test_answers_about_status_are_counted_where_they_are_signed(held: Keys, services: BaseServices) -> None:
    """A kept answer is signed once, however often it is given; with a nonce each is signed anew."""
    serial = x509.load_der_x509_certificate(held.issuer_certificates()[0]).serial_number
    for _ in range(3):
        answer(held, serial)
    for _ in range(2):
        answer(held, serial, nonce=b"n" * 32)
    held.custody.uses.flush()
    (counted,) = events(services, "keys.key.uses")
    assert (counted["caller"], counted["count"]) == ("ocsp", 5)  # its own number is unknown to an authority: never kept
    owned = held.enrol_person(PersonSubject("owner-9", "Nguyễn Thị Ánh", "Sở Tư pháp", ""))
    known = x509.load_der_x509_certificate(owned.certificate).serial_number
    for _ in range(3):
        answer(held, known)
    held.custody.uses.flush()
    assert [one["count"] for one in events(services, "keys.key.uses") if one["caller"] == "ocsp"] == [5, 1]


def test_uses_that_cannot_be_written_are_kept(
    held: Keys, services: BaseServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = held.custody.uses
    count_use(held.custody, "key_x", Use.OCSP)
    with monkeypatch.context() as broken:
        broken.setattr("keys.use_counter.append", lambda *_: 1 / 0)
        counter.flush()
    count_use(held.custody, "key_x", Use.OCSP)
    counter.flush()
    assert [one["count"] for one in events(services, "keys.key.uses")] == [2]


def use(held: Keys, key: StoredKey) -> None:
    with held.custody.base.db.begin() as connection:
        record_use(held.custody, connection, key, Use.DOCUMENT, b"d" * 32)


def test_a_limit_of_signatures(held: Keys, services: BaseServices) -> None:
    key = person(held)
    with services.db.begin() as connection:
        assert set_limits(connection, key.handle, most=2, until=None)
    use(held, key)
    use(held, key)
    with pytest.raises(KeyRefused, match="limit_reached"):
        use(held, key)
    assert len([one for one in events(services, "keys.key.used") if one["handle"] == key.handle]) == 2


def test_a_limit_of_time(held: Keys, services: BaseServices, clock: FixedClock) -> None:
    key = person(held)
    with services.db.begin() as connection:
        assert set_limits(connection, key.handle, most=None, until=services.clock.now() + 10)
    use(held, key)
    clock.move(10)
    with pytest.raises(KeyRefused, match="limit_reached"):
        use(held, key)


def test_limits_are_for_keys_that_are_there(services: BaseServices) -> None:
    with services.db.begin() as connection:
        assert not set_limits(connection, KeyHandle("key_nowhere"), most=1, until=None)
