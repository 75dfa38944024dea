"""Suspension, its end, revocation by serial number; the responder says what the list says."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import flask
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy import select

import keys.web
from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from base.web.edge import dispatcher
from base.web.shell import make_app
from keys.api import Keys, PersonSubject, RevocationReason
from keys.errors import KeyRefused
from keys.handles import REVOKING, Credential
from keys.services import jobs
from keys.web.ocsp import KEPT_SECONDS, REQUEST, RESPONSE
from tests.unit.keys.conftest import SETTINGS

PERSON = PersonSubject("owner-1", "Trần Văn Bình", "UBND phường", "Phó chủ tịch")
Name = ocsp.OCSPCertStatus


@pytest.fixture
def owned(held: Keys) -> Credential:
    return held.enrol_person(PERSON)


def serial_of(owned: Credential) -> str:
    return format(x509.load_der_x509_certificate(owned.certificate).serial_number, "x")


def asked(held: Keys, serial: int, hash_: HashAlgorithm | None = None, nonce: bytes | None = None) -> bytes:
    issuer = x509.load_der_x509_certificate(held.issuer_certificates()[0])
    hash_ = hash_ or SHA256()
    named = ocsp.OCSPRequestBuilder().add_certificate(issuer, issuer, hash_).build()  # for the key
    name_hash = hashlib.new(hash_.name, issuer.subject.public_bytes()).digest()
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name_hash, named.issuer_key_hash, serial, hash_)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answer(held: Keys, serial: int, **how: HashAlgorithm | bytes | None) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(held.ocsp_answer(asked(held, serial, **how)).der)  # type: ignore[arg-type]  # keywords by kind


def status(held: Keys, owned: Credential) -> tuple[Name, x509.ReasonFlags | None]:
    """By the responder, with a nonce; the list must say the same."""
    serial = int(serial_of(owned), 16)
    found = answer(held, serial, nonce=os.urandom(32))
    entry = x509.load_der_x509_crl(held.crl()).get_revoked_certificate_by_serial_number(serial)
    assert (entry is not None) is (found.certificate_status is Name.REVOKED)
    if entry is not None and found.revocation_reason is not None:
        assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is found.revocation_reason
        assert entry.revocation_date_utc == found.revocation_time_utc
    return found.certificate_status, found.revocation_reason


def number(held: Keys) -> int:
    crl = x509.load_der_x509_crl(held.crl())
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_suspended_and_resumed(held: Keys, owned: Credential, services: BaseServices) -> None:
    before = number(held)
    assert status(held, owned) == (Name.GOOD, None)
    held.suspend(owned.handle)
    assert status(held, owned) == (Name.REVOKED, x509.ReasonFlags.certificate_hold)
    assert held.credential(owned.handle).status == "suspended"
    held.resume(serial_of(owned))
    assert status(held, owned) == (Name.GOOD, None)
    assert held.credential(owned.handle).status == "active"
    assert number(held) == before + 2
    audit.verify(services.db)


def test_suspended_then_revoked_counts_from_the_suspension(held: Keys, owned: Credential, clock: FixedClock) -> None:
    held.suspend(owned.handle)
    since = clock.now()
    clock.move(3600)
    held.revoke(owned.handle, RevocationReason.KEY_COMPROMISE)
    assert status(held, owned) == (Name.REVOKED, x509.ReasonFlags.key_compromise)
    found = answer(held, int(serial_of(owned), 16))
    assert found.revocation_time_utc is not None
    assert int(found.revocation_time_utc.timestamp()) == since
    with pytest.raises(KeyRefused, match="wrong_status"):
        held.resume(owned.handle)


def test_only_what_is_suspended_is_resumed(held: Keys, owned: Credential) -> None:
    with pytest.raises(KeyRefused, match="wrong_status"):
        held.resume(owned.handle)
    held.suspend(owned.handle)
    with pytest.raises(KeyRefused, match="wrong_status"):
        held.suspend(owned.handle)
    with pytest.raises(KeyRefused, match="unknown_key"):
        held.suspend("00ff")


@pytest.mark.parametrize("reason", [RevocationReason.HOLD, RevocationReason.CA_COMPROMISE])
def test_reasons_that_end_no_certificate_of_a_person(held: Keys, owned: Credential, reason: RevocationReason) -> None:
    with pytest.raises(KeyRefused, match="wrong_reason"):
        held.revoke(owned.handle, reason)
    assert status(held, owned) == (Name.GOOD, None)


@pytest.mark.parametrize("reason", REVOKING)
def test_every_reason_by_serial_number(held: Keys, owned: Credential, reason: RevocationReason) -> None:
    held.revoke(serial_of(owned).upper(), reason)
    word = None if reason is RevocationReason.UNSPECIFIED else x509.ReasonFlags(reason.value)
    assert status(held, owned) == (Name.REVOKED, word)


@pytest.mark.parametrize("hash_", [SHA1(), SHA256()])  # names, no protection
def test_unknown_is_never_good(held: Keys, hash_: HashAlgorithm) -> None:
    for serial in (1, 2**158 + 12345):
        assert answer(held, serial, hash_=hash_).certificate_status is Name.UNKNOWN
    root = x509.load_der_x509_certificate(held.trust_anchors()[0])  # it stands in the table, but the root issued it
    assert answer(held, root.serial_number, hash_=hash_).certificate_status is Name.UNKNOWN


def test_of_an_authority_that_is_not_ours(held: Keys) -> None:
    request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(b"n" * 32, b"k" * 32, 5, SHA256()).build()
    found = ocsp.load_der_ocsp_response(held.ocsp_answer(request.public_bytes(Encoding.DER)).der)
    assert found.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_kept_answers_are_dropped_after_a_revocation(held: Keys, owned: Credential, clock: FixedClock) -> None:
    serial = int(serial_of(owned), 16)
    first = held.ocsp_answer(asked(held, serial))
    clock.move(60)
    assert held.ocsp_answer(asked(held, serial)) is first
    held.revoke(owned.handle, RevocationReason.SUPERSEDED)
    clock.move(1)
    assert answer(held, serial).certificate_status is Name.REVOKED


def test_unknown_answers_are_not_kept(held: Keys) -> None:
    request = asked(held, 77)
    assert held.ocsp_answer(request) is not held.ocsp_answer(request)


def test_responder_is_delegated_short_lived_and_renewed(held: Keys, owned: Credential, clock: FixedClock) -> None:
    serial = int(serial_of(owned), 16)
    first = answer(held, serial).certificates[0]
    usage = first.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert first.extensions.get_extension_for_class(x509.OCSPNoCheck).value == x509.OCSPNoCheck()
    first.verify_directly_issued_by(x509.load_der_x509_certificate(held.issuer_certificates()[0]))
    job = next(job for job in jobs(held) if job.name == "renew responders")
    job.run()
    assert answer(held, serial, nonce=b"1" * 16).certificates[0] == first
    clock.move(SETTINGS.ocsp_certificate_seconds // 2 + 61)
    job.run()
    clock.move(1)
    second = answer(held, serial).certificates[0]
    assert second.public_key() != first.public_key()
    assert answer(held, serial).certificate_status is Name.GOOD


def test_responder_out_of_its_time_says_try_later(held: Keys, owned: Credential, clock: FixedClock) -> None:
    clock.move(SETTINGS.ocsp_certificate_seconds + 1)
    assert answer(held, int(serial_of(owned), 16)).response_status is ocsp.OCSPResponseStatus.TRY_LATER


def test_failing_database_says_try_later(held: Keys, owned: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(held, int(serial_of(owned), 16))
    held.ocsp_answer(asked(held, 1))

    def broken() -> None:
        raise OSError("gone")

    monkeypatch.setattr(held.custody.base.db, "read", broken)
    found = ocsp.load_der_ocsp_response(held.ocsp_answer(request).der)
    assert found.response_status is ocsp.OCSPResponseStatus.TRY_LATER


# ── Lists that nobody renews ─────────────────────────────────────────────────────────────────────────────────────


def late_events(services: BaseServices) -> int:
    with services.db.read() as connection:
        rows = connection.execute(select(audit.audit_events.c.kind).where(audit.audit_events.c.kind == "keys.crl.late"))
        return len(rows.all())


def test_alarm_before_the_end_of_a_list(held: Keys, services: BaseServices, clock: FixedClock) -> None:
    """The job that renews stands still: the alarm comes a quarter before nextUpdate, once for each list."""
    watch = next(job for job in jobs(held) if job.name == "watch revocation lists")
    clock.move(SETTINGS.crl_lifetime_seconds * 3 // 4 - 1)
    watch.run()
    assert late_events(services) == 0
    clock.move(1)
    for _ in range(3):
        watch.run()
        assert held.ready()
    assert late_events(services) == 2  # the root's and the issuing authority's
    assert all(one.is_late and one.seconds_left > 0 for one in held.lists())
    next(job for job in jobs(held) if job.name == "renew revocation lists").run()
    assert not any(one.is_late for one in held.lists())
    clock.move(SETTINGS.crl_lifetime_seconds)
    assert not held.ready()
    assert late_events(services) == 4
    audit.verify(services.db)


def test_lists_say_that_what_has_ended_stays(held: Keys, owned: Credential, clock: FixedClock) -> None:
    held.revoke(owned.handle, RevocationReason.KEY_COMPROMISE)
    clock.move(SETTINGS.person_certificate_seconds + 10)
    crl = x509.load_der_x509_crl(held.crl())
    assert crl.get_revoked_certificate_by_serial_number(int(serial_of(owned), 16)) is not None
    kept = crl.extensions.get_extension_for_oid(x509.ObjectIdentifier("2.5.29.60"))
    assert not kept.critical


# ── Over HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["flask", "hot"])
def app(request: pytest.FixtureRequest, services: BaseServices, held: Keys) -> flask.Flask:
    """The same by both edges."""
    app = make_app(services, name="Ấn Tín", roads=(), cookie_key=held.derive_cookie_key())
    keys.web.mount(app, held)
    if request.param == "hot":
        app.wsgi_app = dispatcher(keys.web.routes(held), app.wsgi_app, keys.web.prefixes(held))  # type: ignore[method-assign]  # as wsgi.py does
    return app


def test_get_can_be_kept_by_caches(app: flask.Flask, held: Keys, owned: Credential) -> None:
    client, path = app.test_client(), _path(asked(held, int(serial_of(owned), 16)))
    found = client.get(path)
    assert (found.status_code, found.content_type) == (200, RESPONSE)
    assert ocsp.load_der_ocsp_response(found.data).certificate_status is Name.GOOD
    assert f"max-age={KEPT_SECONDS}" in found.headers["Cache-Control"]
    assert {"ETag", "Expires", "Last-Modified"} <= set(found.headers.keys())
    again = client.get(path, headers={"If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.post("/pki/ocsp", data=asked(held, 5), content_type=REQUEST).status_code == 200


def _path(request: bytes) -> str:
    return "/pki/ocsp/" + quote(base64.b64encode(request).decode(), safe="")


def test_slashes_in_the_address(app: flask.Flask, held: Keys) -> None:
    """Base64 of these numbers has a slash, two in a row, and a plus; escaped or not."""
    client, seen = app.test_client(), set()
    for serial in range(0x3FFF0000, 0x3FFF0000 + 2**18, 4099):
        text = base64.b64encode(asked(held, serial << 64 | 0xFFFFFFFFFFFFFFFF)).decode()
        seen |= {mark for mark in ("//", "/", "+") if mark in text}
        for path in (f"/pki/ocsp/{text}", f"/pki/ocsp/{quote(text, safe='')}"):
            found = ocsp.load_der_ocsp_response(client.get(path).data)
            assert found.certificate_status is Name.UNKNOWN
    assert seen == {"//", "/", "+"}


def test_nonce_is_repeated_and_nothing_kept(app: flask.Flask, held: Keys, owned: Credential) -> None:
    request = asked(held, int(serial_of(owned), 16), nonce=b"n" * 32)
    found = app.test_client().post("/pki/ocsp", data=request, content_type=REQUEST)
    assert found.headers["Cache-Control"] == "no-store"
    read = ocsp.load_der_ocsp_response(found.data)
    assert read.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\x30" * 5000, b"\x00" * 70_000])
def test_nonsense_is_malformed(app: flask.Flask, body: bytes) -> None:
    found = app.test_client().post("/pki/ocsp", data=body, content_type=REQUEST)
    assert found.status_code == 200
    assert ocsp.load_der_ocsp_response(found.data).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("path", ["/pki/ocsp", "/pki/ocsp/%FF%FE", "/pki/ocsp/AAAA", "/pki/ocsp/" + "A" * 6000])
def test_nonsense_in_the_address_is_malformed(app: flask.Flask, path: str) -> None:
    found = app.test_client().get(path)
    assert ocsp.load_der_ocsp_response(found.data).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_other_methods_and_types(app: flask.Flask) -> None:
    client = app.test_client()
    assert client.put("/pki/ocsp").status_code == 405
    assert client.post("/pki/ocsp", data=b"x").status_code == 415


def test_openssl_believes_list_and_responder(
    app: flask.Flask, held: Keys, owned: Credential, tmp_path: Path, clock: FixedClock
) -> None:
    for name, der in (
        ("root", held.trust_anchors()[0]),
        ("issuing", held.issuer_certificates()[0]),
        ("owned", owned.certificate),
    ):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / name).write_bytes(pem)

    def openssl(*words: str) -> str:
        done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    at = ("-attime", str(clock.now()))

    def said() -> str:
        openssl("ocsp", "-issuer", "issuing", "-cert", "owned", "-reqout", "q", "-nonce")
        found = app.test_client().post("/pki/ocsp", data=(tmp_path / "q").read_bytes(), content_type=REQUEST)
        (tmp_path / "r").write_bytes(found.data)
        files = ("-issuer", "issuing", "-cert", "owned", "-CAfile", "root", "-verify_other", "issuing")
        long = str(2**31 - 1)  # the test's clock stands far from the machine's
        return openssl("ocsp", "-respin", "r", "-no_nonce", *files, *at, "-validity_period", long)

    def checked() -> str:
        for role in ("root", "issuing"):
            crl = x509.load_der_x509_crl(held.crl(role))
            (tmp_path / f"{role}.crl").write_bytes(crl.public_bytes(Encoding.PEM))
        lists = ("-CRLfile", "root.crl", "-CRLfile", "issuing.crl", "-crl_check_all")
        return openssl("verify", "-CAfile", "root", "-untrusted", "issuing", *lists, *at, "owned")

    first = said()
    assert "Response verify OK" in first
    assert "owned: good" in first
    assert "owned: OK" in checked()
    held.suspend(owned.handle)
    assert "Reason: certificateHold" in said()
    assert "certificate revoked" in checked()
    held.resume(owned.handle)
    assert "owned: good" in said()
    assert "owned: OK" in checked()
    held.revoke(owned.handle, RevocationReason.KEY_COMPROMISE)
    assert "Reason: keyCompromise" in said()
    assert "certificate revoked" in checked()
    (tmp_path / "list").write_bytes(held.crl())
    assert "verify OK" in openssl("crl", "-inform", "DER", "-in", "list", "-CAfile", "issuing", "-noout")
