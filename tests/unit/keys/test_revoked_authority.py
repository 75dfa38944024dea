"""An issuing authority is revoked by two persons: everything under it falls, and what stands beside it does not."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys, PersonSubject, RevocationReason
from keys.ca.ceremony import AuthorityPlan, CeremonyScript
from keys.ca.order import Profile
from keys.errors import KeyRefused
from keys.flows import approvals, staff
from keys.flows import revoke_authority as flow
from keys.flows.bootstrap import enter
from keys.flows.ceremony import hold_ceremony
from keys.flows.certify import above, certify
from keys.flows.list_authorities import listed
from keys.flows.operators import identify
from keys.flows.renew import renew
from keys.flows.renew_crl import renew_due_crls
from keys.flows.responders import renew_responders
from keys.flows.revoke_authority import REASONS, revoke_authority, revoking
from keys.flows.subscribers import Subscription, issue_inside, subject_name
from keys.flows.watch_lists import watch_lists
from keys.handles import KeyHandle
from keys.lifecycle.states import Purpose, State
from keys.store.certificates import StoredCertificate
from tests.unit.keys.test_status import Name

WHY = RevocationReason.CESSATION
YEAR = 365 * 86_400
SECOND = CeremonyScript(
    AuthorityPlan("root-2", "Root CA 2", Algorithm.ES256, 20),
    (AuthorityPlan("issuing-2", "Issuing CA 2", Algorithm.ES256, 10),),
    "",
    "",
    (),
)


def person(held: Keys, owner: str, issuer: str = "") -> StoredCertificate:
    return issue_inside(
        held.custody, Subscription(Profile.PERSON, PersonSubject(owner, "Nguyễn Thị Ánh", "Sở Tư pháp", ""), issuer)
    )


def reason_on(list_: bytes, serial: str) -> str:
    entry = x509.load_der_x509_crl(list_).get_revoked_certificate_by_serial_number(int(serial, 16))
    return "" if entry is None else entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value


def test_all_under_it_falls_and_what_is_beside_it_stands(held: Keys, services: BaseServices, clock: FixedClock) -> None:
    hold_ceremony(held.custody, SECOND)
    fallen, other = person(held, "u1", "issuing-2"), person(held, "u2")
    held.suspend(person(held, "u3", "issuing-2").serial)
    named = x509.load_der_x509_certificate(held.authority_certificate("issuing-2"))
    assert revoke_authority(held.custody, "issuing-2", WHY) == 2
    assert reason_on(held.crl("root-2"), format(named.serial_number, "x")) == WHY
    assert reason_on(held.crl("issuing-2"), fallen.serial) == WHY
    assert held.credential(fallen.handle).status == "revoked"
    assert held.credential(other.handle).status == "active"
    last = x509.load_der_x509_crl(held.crl("issuing-2"))
    assert last.next_update_utc == named.not_valid_after_utc
    assert {one.name for one in watch_lists(held.custody)} == {"root", "issuing", "root-2"}
    clock.move(YEAR)
    renew_due_crls(held.custody)
    assert held.crl("issuing-2") == last.public_bytes(Encoding.DER)
    audit.verify(services.db)


def test_it_issues_and_renews_nothing_any_more(held: Keys) -> None:
    hold_ceremony(held.custody, SECOND)
    fallen = person(held, "u1", "issuing-2")
    revoke_authority(held.custody, "issuing-2", RevocationReason.CA_COMPROMISE)
    with pytest.raises(KeyRefused, match="authority_revoked"):
        person(held, "u9", "issuing-2")
    with pytest.raises(KeyRefused, match="not_renewable"):
        renew(held.custody, fallen.handle)
    assert next(one for one in listed(held.custody) if one.name == "issuing-2").revoked == "cACompromise"
    with pytest.raises(KeyRefused, match="already_revoked"):
        revoke_authority(held.custody, "issuing-2", WHY)


def test_the_responder_says_so_until_its_certificate_runs_out(held: Keys, clock: FixedClock) -> None:
    owned = person(held, "u1")
    revoke_authority(held.custody, "issuing", WHY)
    clock.move(1)
    renew_responders(held.custody)
    found = answer_with(held, int(owned.serial, 16))
    assert (found.certificate_status, found.revocation_reason) == (Name.REVOKED, x509.ReasonFlags(WHY))


def answer_with(held: Keys, serial: int) -> x509.ocsp.OCSPResponse:
    issuer = x509.load_der_x509_certificate(held.authority_certificate("issuing"))
    named = x509.ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, SHA256()).build()
    name_hash = sha256(issuer.subject.public_bytes()).digest()
    asked = x509.ocsp.OCSPRequestBuilder().add_certificate_by_hash(name_hash, named.issuer_key_hash, serial, SHA256())
    return x509.ocsp.load_der_ocsp_response(held.ocsp_answer(asked.build().public_bytes(Encoding.DER)).der)


def test_a_unit_under_it_ends_and_another_one_is_made(held: Keys) -> None:
    hold_ceremony(held.custody, SECOND)
    under = held.rotate("tsu", "ES256", issuer="issuing-2")
    revoke_authority(held.custody, "issuing-2", WHY)
    units = {one.handle: one.state for one in held.list_keys() if one.purpose == "tsu"}
    assert units.pop(under) == "revoked"
    assert "active" in units.values()
    assert held.timestamp(b"d" * 32)


def test_one_alone_cannot(held: Keys) -> None:
    hold_ceremony(held.custody, SECOND)
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    first, second = (identify(custody, one, staff.add_operator(custody, one)) for one in ("mot", "hai"))
    with pytest.raises(KeyRefused, match="approval_needed"):
        revoke_authority(custody, "issuing-2", WHY)
    other = approvals.propose(custody, revoking("issuing", WHY), first)
    approvals.approve(custody, other, second)
    with pytest.raises(KeyRefused, match="approval_refused"):
        revoke_authority(custody, "issuing-2", WHY, other)
    harder = approvals.propose(custody, revoking("issuing-2", RevocationReason.CA_COMPROMISE), first)
    approvals.approve(custody, harder, second)
    with pytest.raises(KeyRefused, match="approval_refused"):
        revoke_authority(custody, "issuing-2", WHY, harder)
    assert held.authority_certificate("issuing-2") in held.issuer_certificates()
    right = approvals.propose(custody, revoking("issuing-2", WHY), first)
    with pytest.raises(KeyRefused, match="approval_refused"):
        revoke_authority(custody, "issuing-2", WHY, right)
    with pytest.raises(KeyRefused, match="same_person"):
        approvals.approve(custody, right, first)
    approvals.approve(custody, right, second)
    revoke_authority(custody, "issuing-2", WHY, right)
    assert held.authority_certificate("issuing-2") not in held.custody.ring.refresh().issuers


def test_what_cannot_be_revoked(held: Keys) -> None:
    for name, why, code in (
        ("root", WHY, "not_revocable"),
        ("nobody", WHY, "unknown_authority"),
        ("issuing", RevocationReason.HOLD, "wrong_reason"),
        ("issuing", RevocationReason.KEY_COMPROMISE, "wrong_reason"),
    ):
        with pytest.raises(KeyRefused, match=code):
            revoke_authority(held.custody, name, why)
    assert RevocationReason.HOLD not in REASONS
    issuing = next(one for one in listed(held.custody) if one.name == "issuing")
    with pytest.raises(KeyRefused, match="not_revocable"):
        held.revoke(KeyHandle(issuing.handle), WHY)


def test_the_event_names_nobody(held: Keys, services: BaseServices) -> None:
    hold_ceremony(held.custody, SECOND)
    person(held, "u1", "issuing-2")
    revoke_authority(held.custody, "issuing-2", WHY)
    with services.db.read() as connection:
        kinds = select(audit.audit_events.c.data).where(audit.audit_events.c.kind == "keys.authority.revoked")
        (data,) = connection.execute(kinds).scalars()
    said = orjson.loads(data)
    assert (said["reason"], said["certificates"]) == (WHY, 1)


def test_what_was_signed_a_moment_before_is_never_handed_out(held: Keys) -> None:
    """A certificate whose authority ends between its signature and its row would stand on no list."""
    hold_ceremony(held.custody, SECOND)
    custody, order = held.custody, Subscription(Profile.PERSON, PersonSubject("u1", "Nguyễn Thị Ánh", "Sở", ""))
    with custody.base.db.read() as connection:
        signer = above(connection, "issuing-2")
    new = custody.generate(Algorithm.ES256)
    row = certify(custody, new, subject_name(custody, order), Profile.PERSON, seconds=YEAR, above=signer)
    revoke_authority(custody, "issuing-2", WHY)
    with pytest.raises(KeyRefused, match="limit_reached"), custody.base.db.begin() as connection:
        enter(custody, connection, new, Purpose.PERSON, State.ACTIVE, row, owner="u1")
    assert held.credentials_of("u1") == []


def test_of_two_revocations_at_once_one_goes_through(held: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has gathered before the first wrote, and finds nothing left to mark."""
    hold_ceremony(held.custody, SECOND)
    person(held, "u1", "issuing-2")
    with held.custody.base.db.read() as connection:
        stale = flow._gather(connection, "issuing-2")
    assert revoke_authority(held.custody, "issuing-2", WHY) == 1
    before = held.crl("root-2")
    monkeypatch.setattr(flow, "_gather", lambda *_: stale)
    with pytest.raises(KeyRefused, match="already_revoked"):
        revoke_authority(held.custody, "issuing-2", RevocationReason.CA_COMPROMISE)
    assert held.crl("root-2") == before
