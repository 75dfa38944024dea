"""Revocation: seen at once, for good, in lists whose numbers only rise."""

from __future__ import annotations

import pytest
from cryptography import x509

from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys, PersonSubject, RevocationReason
from keys.errors import KeyRefused
from keys.handles import REVOKING, KeyHandle
from keys.services import jobs
from tests.unit.keys.conftest import SETTINGS

PERSON = PersonSubject("owner-1", "Trần Văn Bình", "UBND phường", "Phó chủ tịch")


def current(held: Keys, role: str = "issuing") -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(held.crl(role))


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_revoked_certificate_is_listed_at_once(held: Keys, services: BaseServices) -> None:
    credential = held.enrol_person(PERSON)
    before = current(held)
    held.revoke(credential.handle, RevocationReason.KEY_COMPROMISE)
    after = current(held)
    serial = x509.load_der_x509_certificate(credential.certificate).serial_number
    assert before.get_revoked_certificate_by_serial_number(serial) is None
    entry = after.get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert number(after) == number(before) + 1
    assert held.credential(credential.handle).status == "revoked"
    issuing = x509.load_der_x509_certificate(held.issuer_certificates()[0])
    assert after.is_signature_valid(issuing.public_key())  # type: ignore[arg-type]  # an authority's key is on P-256
    audit.verify(services.db)


@pytest.mark.parametrize("reason", REVOKING)
def test_every_reason(held: Keys, reason: RevocationReason) -> None:
    credential = held.enrol_person(PERSON)
    held.revoke(credential.handle, reason)
    serial = x509.load_der_x509_certificate(credential.certificate).serial_number
    entry = current(held).get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    assert len(entry.extensions) == (0 if reason is RevocationReason.UNSPECIFIED else 1)


def test_revoked_stay_listed_and_numbers_rise(held: Keys, clock: FixedClock) -> None:
    numbers, serials = [number(current(held))], []
    for count in range(1, 6):
        credential = held.enrol_person(PERSON)
        serials.append(x509.load_der_x509_certificate(credential.certificate).serial_number)
        held.revoke(credential.handle, RevocationReason.SUPERSEDED)
        clock.move(SETTINGS.person_certificate_seconds)
        crl = current(held)
        numbers.append(number(crl))
        assert {entry.serial_number for entry in crl} == set(serials)
        assert len(serials) == count
    assert numbers == sorted(set(numbers))


def test_revoked_twice_is_refused(held: Keys) -> None:
    credential = held.enrol_person(PERSON)
    held.revoke(credential.handle, RevocationReason.SUPERSEDED)
    with pytest.raises(KeyRefused, match="already_revoked"):
        held.revoke(credential.handle, RevocationReason.KEY_COMPROMISE)


def test_authorities_are_not_revoked(held: Keys) -> None:
    for one in held.list_keys():
        if one.purpose in ("root", "issuing"):
            with pytest.raises(KeyRefused):
                held.revoke(one.handle, RevocationReason.UNSPECIFIED)
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.revoke(KeyHandle("key_absent"), RevocationReason.UNSPECIFIED)


def test_job_renews_before_the_list_runs_out(held: Keys, clock: FixedClock) -> None:
    job = next(job for job in jobs(held) if job.name == "renew revocation lists")
    first = {role: number(current(held, role)) for role in ("root", "issuing")}
    job.run()
    assert {role: number(current(held, role)) for role in first} == first
    clock.move(SETTINGS.crl_lifetime_seconds // 2)
    job.run()
    assert {role: number(current(held, role)) for role in first} == {role: count + 1 for role, count in first.items()}


def test_stale_list_makes_us_not_ready_and_is_not_handed_out(held: Keys, clock: FixedClock) -> None:
    clock.move(SETTINGS.crl_lifetime_seconds)
    assert not held.ready()
    assert current(held).next_update_utc is not None
    assert current(held, "root").next_update_utc is not None
    assert held.ready()


def test_revoked_unit_stamps_no_more(held: Keys) -> None:
    unit = next(one.handle for one in held.list_keys() if one.purpose == "tsu")
    held.revoke(unit, RevocationReason.KEY_COMPROMISE)
    with pytest.raises(Exception, match="time-stamping unit"):
        held.timestamp(b"0" * 32)
    assert not held.ready()
