"""Applications verify and extend: at once, as jobs, twice with one key; and what is kept, for how long."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from base.clock import FixedClock
from base.services import BaseServices
from keys.api import KeyHandle
from signing.flows.api import jobs
from signing.flows.api.jobs import LEASE_SECONDS, MOST_ATTEMPTS, run_queue
from signing.flows.background import reap_api
from signing.flows.sign import SigningOrder, sign_document
from signing.formats.base import Packaging
from signing.store import api_jobs
from tests import signing_cms as made
from tests import signing_pdfs as pdfs
from tests.api_caller import Application, application, code_of
from tests.desk_city import BINH, DeskCity, asked_for, desk_city
from tests.desk_papers import decision
from tests.signing_pki import found_city

SIGNED = pdfs.sign(pdfs.plain(), found_city())
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base, document_max_bytes=300_000, api_at_once_bytes=100_000, api_jobs_per_client=3) as opened:
        yield opened


@pytest.fixture
def app(city: DeskCity) -> Application:
    return application(city)


@pytest.fixture
def own(city: DeskCity) -> bytes:
    """A document signed at this very desk."""
    browser = city.browser()
    browser.sign_in()
    document = browser.uploaded(decision())
    browser.sign(document)
    return bytes(browser.get(f"{document}/signed").data)


def kept(city: DeskCity) -> list[Path]:
    return sorted(path for path in jobs.folder(city.services).root.rglob("*") if path.is_file())


def test_a_small_document_is_verified_at_once_and_nothing_is_kept(city: DeskCity, app: Application, own: bytes) -> None:
    report = json.loads(app.post("/verifications", own).data)
    assert report["indication"] == "TOTAL-PASSED"
    assert report["document_digest"] == hashlib.sha256(own).hexdigest()
    altered = own.replace(b"1000", b"9000", 1) if b"1000" in own else own[:-200]
    assert json.loads(app.post("/verifications", altered).data)["indication"] != "TOTAL-PASSED"
    assert kept(city) == []


def test_the_digest_alone_and_the_content_apart(app: Application) -> None:
    apart = made.sign(packaging=Packaging.DETACHED)
    digest = hashlib.sha256(made.CONTENT).hexdigest()
    for beside in ({"digest": digest}, {"detached": made.CONTENT}):
        (signature,) = json.loads(app.post("/verifications", apart, **beside).data)["signatures"]
        assert signature["integrity"] == "intact"
    assert code_of(app.post("/verifications", apart, digest=digest, detached=made.CONTENT)) == (
        400,
        "detached_and_digest",
    )
    assert code_of(app.post("/verifications", apart, digest="abc")) == (400, "bad_digest")


def test_a_report_in_the_form_that_is_asked_for(app: Application) -> None:
    ElementTree.fromstring(app.post("/verifications", SIGNED, report="etsi").data)
    said = app.post("/verifications", SIGNED, report="text", lang="en").get_data(as_text=True)
    assert said.startswith("SIGNATURE VERIFICATION REPORT")
    assert code_of(app.post("/verifications", SIGNED, report="word")) == (422, "bad_field")


def test_a_large_document_becomes_a_job(city: DeskCity, app: Application) -> None:
    large = SIGNED + b"\n% " + b"x" * 100_000
    answer = app.post("/verifications", large)
    assert answer.status_code == 202
    where = answer.headers["Location"]
    assert json.loads(app.get(where).data)["state"] == "queued"
    assert code_of(app.get(f"{where}/result")) == (409, "not_ready")
    run_queue(city.services)
    job = json.loads(app.get(where).data)
    assert (job["state"], job["result"]["type"]) == ("done", "application/json")
    answer = app.get(job["result"]["href"])
    assert json.loads(answer.data)["document_digest"] == hashlib.sha256(large).hexdigest()
    assert hashlib.sha256(answer.data).hexdigest() == job["result"]["sha256"]
    assert app.call("DELETE", where).status_code == 204
    assert code_of(app.get(where)) == (404, "no_such_job")
    assert kept(city) == []


def test_results_are_deleted_when_their_time_is_over(city: DeskCity, app: Application, clock: FixedClock) -> None:
    where = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    run_queue(city.services)
    assert app.get(f"{where}/result").status_code == 200
    clock.move(city.services.settings.api_result_seconds)
    assert code_of(app.get(f"{where}/result")) == (404, "no_such_job")
    assert kept(city)
    reap_api(city.services)
    assert kept(city) == []


def test_a_job_is_seen_by_its_own_application_and_by_the_scope_of_its_kind(city: DeskCity, app: Application) -> None:
    where = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    assert code_of(application(city, "other").get(where)) == (404, "no_such_job")
    assert code_of(application(city, "other").call("DELETE", where)) == (404, "no_such_job")
    assert code_of(application(city, scope="signatures:extend").get(where)) == (404, "no_such_job")
    assert app.get(where).status_code == 200


def test_what_a_worker_did_not_survive_is_done_by_the_next(city: DeskCity, app: Application, clock: FixedClock) -> None:
    """A worker took it and died; nobody else touches it before the lease is over, and then it is done once."""
    where = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    services = city.services
    now = clock.now()
    with services.base.db.begin() as connection:
        dead = api_jobs.claim(connection, now, now + LEASE_SECONDS, MOST_ATTEMPTS)
    assert dead is not None
    run_queue(services)
    assert json.loads(app.get(where).data)["state"] == "running"
    clock.move(LEASE_SECONDS + 1)
    run_queue(services)
    assert json.loads(app.get(where).data)["state"] == "done"
    with services.base.db.begin() as connection:  # the dead one comes back to life: its lease is gone
        assert not api_jobs.finish(connection, dead, "text/plain", "0" * 64, now=now, until=now)
    assert json.loads(app.get(where).data)["result"]["type"] == "application/json"


def test_what_kills_every_worker_is_given_up(city: DeskCity, app: Application, clock: FixedClock) -> None:
    where = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    for _ in range(MOST_ATTEMPTS):
        with city.base.db.begin() as connection:
            assert api_jobs.claim(connection, clock.now(), clock.now() + LEASE_SECONDS, MOST_ATTEMPTS)
        clock.move(LEASE_SECONDS + 1)
    run_queue(city.services)
    job = json.loads(app.get(where).data)
    assert (job["state"], job["problem"]["code"]) == ("failed", "interrupted")


def test_lost_bytes_fail_the_job_and_not_the_worker(city: DeskCity, app: Application) -> None:
    first = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    second = app.post("/verifications", SIGNED, headers=ASYNC).headers["Location"]
    for path in kept(city):
        if path.parent.name == first.rsplit("/", 1)[1]:
            path.write_bytes(b"something else")
    run_queue(city.services)
    job = json.loads(app.get(first).data)
    assert (job["state"], job["problem"]["code"]) == ("failed", "document_damaged")
    assert json.loads(app.get(second).data)["state"] == "done"


def test_the_same_key_and_the_same_form_are_acted_on_once(city: DeskCity, app: Application) -> None:
    key = {"Idempotency-Key": "d5f0-1"}
    first = app.post("/verifications", SIGNED, headers=key)
    assert first.status_code == 202  # to keep an answer is what a key asks for
    run_queue(city.services)
    second = app.post("/verifications", SIGNED, headers=key)
    assert (second.status_code, second.data, second.headers["Location"]) == (202, first.data, first.headers["Location"])
    other = app.post("/verifications", SIGNED + b"\n", headers=key)
    assert code_of(other) == (422, "key_reused")
    assert code_of(app.post("/verifications", SIGNED, headers=key, report="etsi")) == (422, "key_reused")
    assert code_of(app.post("/extensions", SIGNED, headers=key, level="B-LT")) == (422, "key_reused")
    assert (
        application(city, "other").post("/verifications", SIGNED, headers=key).headers["Location"]
        != first.headers["Location"]
    )
    assert len({path.parent.name for path in kept(city)}) == 2


@pytest.mark.parametrize("key", ["x" * 256, "khoá", "a\tb"])
def test_what_is_no_key(app: Application, key: str) -> None:
    assert code_of(app.post("/verifications", SIGNED, headers={"Idempotency-Key": key}))[0] == 400


def test_a_key_is_forgotten_after_its_time(city: DeskCity, app: Application, clock: FixedClock) -> None:
    key = {"Idempotency-Key": "k"}
    first = app.post("/verifications", SIGNED, headers=key).headers["Location"]
    clock.move(city.services.settings.api_repeat_seconds + 1)
    assert app.post("/verifications", SIGNED + b"\n", headers=key).headers["Location"] != first


def test_the_queue_is_bounded_for_each_and_for_all(city: DeskCity, app: Application) -> None:
    for _ in range(3):
        assert app.post("/verifications", SIGNED, headers=ASYNC).status_code == 202
    answer = app.post("/verifications", SIGNED, headers=ASYNC)
    assert code_of(answer) == (429, "too_many_jobs")
    assert answer.headers["Retry-After"] == "30"
    settings = replace(city.services.settings, api_queue=3)
    object.__setattr__(city.services, "settings", settings)
    assert code_of(application(city, "other").post("/verifications", SIGNED, headers=ASYNC)) == (503, "queue_full")
    run_queue(city.services)
    assert app.post("/verifications", SIGNED, headers=ASYNC).status_code == 202


def test_too_much_is_cut_off(app: Application) -> None:
    assert code_of(app.post("/verifications", bytes(300_001))) == (413, "too_large")


def test_strange_forms_are_refused(app: Application) -> None:
    assert code_of(app.post("/verifications", None)) == (422, "no_document")
    assert code_of(app.post("/verifications", SIGNED, documnet="x")) == (422, "unknown_field")
    answer = app.client.post(
        "/api/signatures/verifications", data=b"%PDF", headers={"Authorization": f"Bearer {app.token}"}
    )
    assert code_of(answer) == (415, "unsupported_media_type")


def test_a_signature_is_extended_for_long_keeping(city: DeskCity, app: Application) -> None:
    browser = city.browser()
    browser.sign_in()
    content = decision()
    token = city.provider.access_token(BINH, asked_for(browser.ask(browser.uploaded(content))))
    (credential,) = city.keys.credentials_of(BINH.sub)
    digest = hashlib.sha256(content).hexdigest()
    order = SigningOrder(content, digest, KeyHandle(credential.handle), token, BINH.name, format="CAdES")
    file = sign_document(city.services, order).content
    answer = app.post("/extensions", file, level="B-LTA")
    assert answer.content_type == "application/pkcs7-mime"
    (signature,) = json.loads(app.post("/verifications", answer.data).data)["signatures"]
    assert (signature["indication"], signature["level"]) == ("TOTAL-PASSED", "B-LTA")
    assert code_of(app.post("/extensions", file, level="B-B")) == (422, "bad_field")


def test_what_cannot_be_extended_is_said(city: DeskCity, app: Application) -> None:
    assert code_of(app.post("/extensions", pdfs.plain(), level="B-LT")) == (422, "not_extendable")
    where = app.post("/extensions", pdfs.plain(), level="B-LT", headers=ASYNC).headers["Location"]
    run_queue(city.services)
    job = json.loads(app.get(where).data)
    assert (job["state"], job["problem"]["code"]) == ("failed", "not_extendable")
