"""
Revocations by several processes at once: list numbers rise one by one, nothing is lost, every other process says so.

CA-06, CA-08. Each `Keys` has its own database pool, counters and kept answers, as a server process has. `make faults`
asks for a hundred (ANTIN_STATUS_TRIALS).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

import keys.models  # noqa: F401  # its tables are created below
from base.clock import SystemClock
from base.db import metadata
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings
from keys.api import Keys, PersonSubject, RevocationReason
from keys.errors import KeyRefused
from keys.settings import KeysSettings
from tests.ready_keys import open_ready_keys

TRIALS = int(os.environ.get("ANTIN_STATUS_TRIALS", "6"))
SEEN_WITHIN_SECONDS = 60
Open = Callable[[], Keys]


@pytest.fixture
def another(db_url: str, tmp_path: Path) -> Iterator[Open]:
    """`another()` → keys as one more process would open them."""
    opened: list[BaseServices] = []

    def make() -> Keys:
        groups = (BaseSettings(database_url=db_url, data_dir=tmp_path / "var"), KeysSettings(rsa_key_bits=2048))
        services = open_base(Settings({type(group): group for group in groups}), clock=SystemClock())
        opened.append(services)
        metadata.create_all(services.db.engine)
        return open_ready_keys(services)

    yield make
    for services in opened:
        services.db.close()


def enrolled(held: Keys) -> tuple[str, int]:
    """Handle and serial number of a new person."""
    owned = held.enrol_person(PersonSubject("owner-1", "Trần Văn Bình", "UBND phường", ""))
    return owned.handle, x509.load_der_x509_certificate(owned.certificate).serial_number


def request_for(held: Keys, serial: int) -> bytes:
    issuer = x509.load_der_x509_certificate(held.issuer_certificates()[0])
    name = hashlib.sha256(issuer.subject.public_bytes()).digest()
    key = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, SHA256()).build().issuer_key_hash
    request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, serial, SHA256()).build()
    return request.public_bytes(Encoding.DER)


def said(held: Keys, request: bytes) -> ocsp.OCSPCertStatus:
    return ocsp.load_der_ocsp_response(held.ocsp_answer(request).der).certificate_status


def number(held: Keys) -> int:
    crl = x509.load_der_x509_crl(held.crl())
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_numbers_rise_one_by_one_and_nothing_is_lost(another: Open) -> None:
    processes = [another() for _ in range(4)]
    people = [enrolled(processes[0]) for _ in range(12)]
    before = number(processes[0])

    def end(position: int) -> None:
        processes[position % 4].revoke(people[position][0], RevocationReason.SUPERSEDED)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(end, range(len(people))))
    crl = x509.load_der_x509_crl(processes[3].crl())
    assert {entry.serial_number for entry in crl} >= {serial for _, serial in people}
    assert number(processes[1]) == before + len(people)


def test_of_many_who_end_one_certificate_one_does(another: Open) -> None:
    processes = [another() for _ in range(4)]
    handle, serial = enrolled(processes[0])

    def end(one: Keys) -> str:
        try:
            one.revoke(handle, RevocationReason.SUPERSEDED)
        except KeyRefused as error:
            return error.code
        return "done"

    before = number(processes[0])
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(end, processes)) == [*["already_revoked"] * 3, "done"]
    assert number(processes[0]) == before + 1
    assert said(processes[2], request_for(processes[2], serial)) is ocsp.OCSPCertStatus.REVOKED


def test_revocation_is_seen_by_every_process_in_time(another: Open) -> None:
    """Every process has kept the answer `good`; after a revocation elsewhere none gives it out for long."""
    processes = [another() for _ in range(3)]
    longest = 0.0
    for _ in range(TRIALS):
        handle, serial = enrolled(processes[0])
        request = request_for(processes[0], serial)
        assert all(said(one, request) is ocsp.OCSPCertStatus.GOOD for one in processes)
        began = time.monotonic()
        processes[0].revoke(handle, RevocationReason.KEY_COMPROMISE)
        for one in processes:
            while said(one, request) is not ocsp.OCSPCertStatus.REVOKED:
                assert time.monotonic() - began < SEEN_WITHIN_SECONDS
                time.sleep(0.02)
            crl = x509.load_der_x509_crl(one.crl())
            assert crl.get_revoked_certificate_by_serial_number(serial) is not None
        longest = max(longest, time.monotonic() - began)
    assert longest < SEEN_WITHIN_SECONDS
    print(f"{TRIALS} revocations, 3 processes: seen after {longest:.2f} s at most")


@pytest.mark.parametrize("second", ["resume", "revoke"])
def test_what_is_suspended_ends_in_one_way(another: Open, second: str) -> None:
    """Resumed and revoked at once: whatever comes first, revoked is the end, in the list and in every process."""
    one, two = another(), another()
    handle, serial = enrolled(one)
    one.suspend(handle)

    def act(who: Keys, what: str) -> str:
        try:
            if what == "resume":
                who.resume(handle)
            else:
                who.revoke(handle, RevocationReason.SUPERSEDED)
        except KeyRefused as error:
            return error.code
        return "done"

    first = "revoke" if second == "resume" else "resume"
    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(act, (one, two), (first, second))) <= {"done", "wrong_status"}
    entry = x509.load_der_x509_crl(two.crl()).get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.superseded
