"""Verification, extension, seals: at once where the document is small, else as a job; and the jobs themselves."""

from __future__ import annotations

import hashlib

import flask

from base.metrics import VERIFICATIONS
from base.web.texts import current_lang
from keys.api import KeyHandle
from signing.flows.api import jobs
from signing.flows.api.access import Caller
from signing.flows.api.answers import Answer, given_before
from signing.flows.api.jobs import Work
from signing.flows.api.work import EXTEND, PDF, SEAL, VERIFY, Options, Result, perform
from signing.flows.label import clean_label
from signing.formats.base import Level
from signing.formats.choice import FILE_TYPES
from signing.reports import REPORTS
from signing.services import SigningServices
from signing.web.api.reading import Sent, bad_field, read_sent
from signing.web.verify_upload import read_beside

LEVELS = tuple(str(level) for level in Level if level is not Level.B_B)
REPORT_NAMES = (*(one.name for one in REPORTS), PDF)


def verify(services: SigningServices, caller: Caller) -> flask.Response:
    """A report, or a job that will have it."""
    sent = read_sent(services, caller, ("detached",), ("digest", "report", "lang"))
    lang = sent.choice("lang", ("vi", "en"), current_lang())
    options = Options(
        name=sent.name,
        digest=_digest(sent),
        report=sent.choice("report", REPORT_NAMES, "json"),
        lang="en" if lang == "en" else "vi",
    )
    return _answered(services, caller, sent, VERIFY, options)


def extend(services: SigningServices, caller: Caller) -> flask.Response:
    """The document with its signatures at a higher level, or a job that will have it."""
    sent = read_sent(services, caller, ("detached",), ("digest", "level"))
    options = Options(name=sent.name, digest=_digest(sent), level=sent.choice("level", LEVELS))
    return _answered(services, caller, sent, EXTEND, options)


def seal(services: SigningServices, caller: Caller) -> flask.Response:
    """The sealed document, or a job that will have it. Without a grant nothing is even queued."""
    sent = read_sent(services, caller, (), ("seal", "digest", "label", "format"))
    handle, digest = sent.get("seal"), hashlib.sha256(sent.document).hexdigest()
    services.keys.check_seal(KeyHandle(handle), caller.client_id)
    if sent.get("digest").lower() not in ("", digest):
        raise bad_field("digest", "the SHA-256 of the document, hexadecimal")
    label = clean_label(sent.get("label")) if sent.get("label") else sent.name
    form = sent.choice("format", ("", *FILE_TYPES))
    options = Options(name=label, seal=handle, client_id=caller.client_id, format=form)
    return _answered(services, caller, sent, SEAL, options)


def job(services: SigningServices, caller: Caller, job_id: str) -> flask.Response:
    """How far it is."""
    return as_json(Answer(200, "", jobs.described(jobs.find(services, caller, job_id))))


def job_result(services: SigningServices, caller: Caller, job_id: str) -> flask.Response:
    """What came of it."""
    return as_file(jobs.result_of(services, jobs.find(services, caller, job_id)))


def job_delete(services: SigningServices, caller: Caller, job_id: str) -> flask.Response:
    """Forget it with everything that is kept of it."""
    jobs.forget(services, jobs.find(services, caller, job_id))
    return flask.Response(status=204)


def as_json(answer: Answer) -> flask.Response:
    """An answer that was made, or kept, as text."""
    response = flask.Response(answer.body, status=answer.status, content_type="application/json")
    if answer.location:
        response.headers["Location"] = answer.location
    return response


def as_file(result: Result) -> flask.Response:
    """Bytes as what they are."""
    return flask.Response(result.content, content_type=result.media_type)


def _answered(services: SigningServices, caller: Caller, sent: Sent, kind: str, options: Options) -> flask.Response:
    """
    At once, or as a job: where the document is large, where the application says it need not wait (RFC 7240 §4.1), and
    where it sends an Idempotency-Key, which asks us to keep the answer.
    """
    before = given_before(services, sent.question)
    if before is not None:
        return as_json(before)
    size = len(sent.document) + len(sent.content or b"")
    wanted = {word.strip().lower() for word in flask.request.headers.get("Prefer", "").split(",")}
    if size > services.settings.api_at_once_bytes or sent.question.key or "respond-async" in wanted:
        work = Work(kind, options, sent.document, sent.content)
        response = as_json(jobs.add(services, caller, sent.question, work))
        response.headers["Retry-After"] = "1"
        if "respond-async" in wanted:
            response.headers["Preference-Applied"] = "respond-async"
        return response
    result = perform(services, kind, options, sent.document, sent.content)
    if kind == VERIFY:
        VERIFICATIONS.labels("api").inc()
    return as_file(result)


def _digest(sent: Sent) -> str:
    found = read_beside(sent.content, sent.get("digest")).digest
    return found.hex() if found else ""
