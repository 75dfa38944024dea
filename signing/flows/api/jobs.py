"""
Work that takes long: taken in, queued in the database, done by a worker, its result kept for a while.

Bytes go to the disk before the row names them, so a crash leaves at most bytes that nobody names, and those are swept.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from base.audit import append
from base.errors import AntinError
from base.ids import new_id
from signing.errors import ApiRefused
from signing.events import JobAdded
from signing.flows.api.access import Caller
from signing.flows.api.answers import Answer, Question, act_once
from signing.flows.api.work import Options, Result, perform, read_options
from signing.services import SigningServices
from signing.store import api_jobs
from signing.store.api_jobs import ApiJob, JobState
from signing.store.files import DocumentFolder

log = logging.getLogger("antin.api")
MOST_ATTEMPTS = 3
LEASE_SECONDS = 300
WAITING_SECONDS = 86_400
AT_A_TIME = 20
BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Work:
    """Work that was asked for; content: of a detached signature, or None."""

    kind: str
    options: Options
    document: bytes
    content: bytes | None


def folder(services: SigningServices) -> DocumentFolder:
    """Where the bytes of jobs are."""
    return DocumentFolder(services.base.base.data_dir, "jobs")


def add(services: SigningServices, caller: Caller, question: Question, work: Work) -> Answer:
    """
    Queue a job. Returns the answer 202 with the job's address.

    Raises: ApiRefused: `too_many_jobs` (429), `queue_full` (503), `key_reused`; SigningError("storage_full").
    """
    with services.base.db.read() as connection:
        _check_room(connection, services, caller)
    job = _new_job(services, caller, work)
    keep = folder(services).keep
    try:
        keep(job.id, work.document)
        if work.content:
            keep(job.id, work.content)
        answer = Answer(202, f"/api/signatures/jobs/{job.id}", described(job))

        def act(connection: Connection) -> None:
            api_jobs.add(connection, job)
            event = JobAdded(job.id, caller.client_id, job.kind, job.input_sha256)
            append(connection, services.base.clock, event)

        counts, ours = act_once(services, question, answer, act)
    except BaseException:
        folder(services).drop(job.id)
        raise
    if not ours:
        folder(services).drop(job.id)
    return counts


def find(services: SigningServices, caller: Caller, job_id: str) -> ApiJob:
    """A job of this application whose kind its token allows. Raises: ApiRefused("no_such_job"), 404."""
    with services.base.db.read() as connection:
        job = api_jobs.find(connection, job_id, caller.client_id)
    if job is None or f"signatures:{job.kind}" not in caller.scope or job.expires_at <= services.base.clock.now():
        raise no_such_job()
    return job


def result_of(services: SigningServices, job: ApiJob) -> Result:
    """Raises: ApiRefused("not_ready"), 409, also for a job that failed: its state says why."""
    if job.state is not JobState.DONE:
        raise ApiRefused(
            "not_ready",
            vi="Công việc chưa có kết quả. Hãy xem trạng thái của công việc.",
            en="The job has no result. Look at its state.",
            status=409,
        )
    return Result(job.result_type, folder(services).read(job.id, job.result_sha256))


def forget(services: SigningServices, job: ApiJob) -> None:
    """Delete a job with everything of it, whatever its state."""
    with services.base.db.begin() as connection:
        api_jobs.remove(connection, job.id, job.client_id)
    folder(services).drop(job.id)


def described(job: ApiJob) -> str:
    """A job as its application sees it, JSON."""
    found: dict[str, Any] = {
        "id": job.id,
        "kind": job.kind,
        "state": str(job.state),
        "document_digest": job.input_sha256,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "expires_at": job.expires_at,
    }
    if job.state is JobState.DONE:
        found["result"] = {"href": f"/api/signatures/jobs/{job.id}/result", "type": job.result_type}
        found["result"]["sha256"] = job.result_sha256
    if job.problem:
        found["problem"] = orjson.loads(job.problem)
    return orjson.dumps(found).decode()


def run_queue(services: SigningServices) -> None:
    """Do up to AT_A_TIME jobs, oldest first; what earlier workers did not survive is given up."""
    lost = orjson.dumps(_problem("interrupted", *_LOST)).decode()
    for _ in range(AT_A_TIME):
        now = services.base.clock.now()
        until = now + services.settings.api_result_seconds
        with services.base.db.begin() as connection:
            api_jobs.give_up(connection, lost, now, MOST_ATTEMPTS, until)
            job = api_jobs.claim(connection, now, now + LEASE_SECONDS, MOST_ATTEMPTS)
        if job is None:
            return
        _do(services, job)


def no_such_job() -> ApiRefused:
    return ApiRefused(
        "no_such_job",
        vi="Ứng dụng của bạn không có công việc này; kết quả quá hạn đã được xóa.",
        en="Your application has no such job; results are deleted when their time is over.",
        status=404,
    )


def _do(services: SigningServices, job: ApiJob) -> None:
    try:
        kept = folder(services)
        content = kept.read(job.id, job.content_sha256) if job.content_sha256 else None
        document = kept.read(job.id, job.input_sha256)
        result = perform(services, job.kind, read_options(job.options), document, content)
        digest = kept.keep(job.id, result.content)
    except AntinError as error:
        _fail(services, job, _problem(error.code, error.vi, error.en))
        return
    except Exception:
        log.exception("job failed")
        _fail(services, job, _problem("internal", *_OURS))
        return
    now = services.base.clock.now()
    until = now + services.settings.api_result_seconds
    with services.base.db.begin() as connection:
        kept_it = api_jobs.finish(connection, job, result.media_type, digest, now=now, until=until)
    if not kept_it:
        log.info("a job was deleted, or taken by another worker, while it was done")


def _fail(services: SigningServices, job: ApiJob, problem: dict[str, str]) -> None:
    now = services.base.clock.now()
    until = now + services.settings.api_result_seconds
    with services.base.db.begin() as connection:
        api_jobs.fail(connection, job, orjson.dumps(problem).decode(), now=now, until=until)


def _problem(code: str, vi: str, en: str) -> dict[str, str]:
    return {"code": code, "vi": vi or en, "en": en}


def _check_room(connection: Connection, services: SigningServices, caller: Caller) -> None:
    own, whole = api_jobs.count_waiting(connection, caller.client_id)
    if own >= services.settings.api_jobs_per_client:
        raise _full(
            "too_many_jobs",
            "Ứng dụng của bạn có quá nhiều công việc đang chờ. Hãy đợi một số việc xong.",
            "Too many jobs of your application are waiting. Let some of them finish.",
            429,
        )
    if whole >= services.settings.api_queue:
        raise _full("queue_full", "Hàng đợi đã đầy. Hãy thử lại sau.", "The queue is full. Try again later.", 503)


def _full(code: str, vi: str, en: str, status: int) -> ApiRefused:
    error = ApiRefused(code, vi=vi, en=en, status=status)
    error.retry_seconds = BUSY_SECONDS
    return error


def _new_job(services: SigningServices, caller: Caller, work: Work) -> ApiJob:
    now = services.base.clock.now()
    return ApiJob(
        id=new_id("job"),
        client_id=caller.client_id,
        kind=work.kind,
        state=JobState.QUEUED,
        options=work.options.as_text(),
        input_sha256=hashlib.sha256(work.document).hexdigest(),
        content_sha256=hashlib.sha256(work.content).hexdigest() if work.content else "",
        result_type="",
        result_sha256="",
        problem="",
        attempts=0,
        lease_until=0,
        created_at=now,
        updated_at=now,
        expires_at=now + WAITING_SECONDS,
    )


_LOST = (
    "Công việc bị gián đoạn nhiều lần nên đã dừng. Hãy gửi lại; nếu vẫn lỗi, hãy báo bộ phận quản trị.",
    "The job was interrupted several times and was given up. Send it again; if that fails, tell the administrator.",
)
_OURS = (
    "Hệ thống gặp lỗi khi xử lý tệp này. Hãy thử lại sau; nếu vẫn lỗi, hãy báo bộ phận quản trị.",
    "The system failed at this file. Try again later; if that fails, tell the administrator.",
)
