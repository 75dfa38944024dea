"""Chores of the desk: what nobody finished is ended, what is over is deleted. Each run does one bounded batch."""

from __future__ import annotations

from base.audit import append
from base.services import Job
from signing.events import ApprovalRefused, DocumentDeleted
from signing.flows.api.jobs import folder as job_folder
from signing.flows.api.jobs import run_queue
from signing.flows.upload import folder
from signing.services import SigningServices
from signing.store import api_answers, api_jobs, api_requests, codes, desk_logins, desk_sessions, documents, requests
from signing.store.documents import DocumentState

BATCH = 200
STUCK_SECONDS = 3600
ORPHAN_SECONDS = 3600
JOURNEY_SECONDS = 86_400
ENDED_SESSION_SECONDS = 7 * 86_400
OLD_REQUEST_SECONDS = 60 * 86_400


def jobs(services: SigningServices) -> list[Job]:
    """The periodic jobs of this package."""
    return [
        Job("signing.documents", 60, lambda: reap_documents(services)),
        Job("signing.requests", 60, lambda: end_stuck_requests(services)),
        Job("signing.orphans", 600, lambda: sweep_orphans(services)),
        Job("signing.sessions", 300, lambda: forget_journeys(services)),
        Job("signing.api", 60, lambda: reap_api(services)),
        Job("signing.queue", 1, lambda: run_queue(services), alone=True),
    ]


def reap_documents(services: SigningServices) -> None:
    """Delete documents whose time is over; their evidence stays."""
    with services.base.db.read() as connection:
        over = documents.expired(connection, services.base.clock.now(), BATCH)
    for document_id, owner in over:
        with services.base.db.begin() as connection:
            gone = documents.remove(connection, document_id, owner)
            if gone:
                append(connection, services.base.clock, DocumentDeleted(document_id, owner, "expired"))
        if gone:
            folder(services).drop(document_id)


def end_stuck_requests(services: SigningServices) -> None:
    """Refuse requests that stopped half-way (browser closed, process killed); the approval cannot be used later."""
    now = services.base.clock.now()
    with services.base.db.read() as connection:
        stuck = requests.stuck(connection, now - STUCK_SECONDS, BATCH)
    for request_id, document_id in stuck:
        with services.base.db.begin() as connection:
            if requests.refuse(connection, request_id, "interrupted", now=now):
                documents.move(connection, document_id, DocumentState.AUTHORISED, to=DocumentState.RECEIVED, now=now)
                append(connection, services.base.clock, ApprovalRefused(request_id, "interrupted"))


def sweep_orphans(services: SigningServices) -> None:
    """Delete bytes that no row names: an upload that was cut off after its bytes were written."""
    old = list(folder(services).older_than(services.base.clock.now() - ORPHAN_SECONDS))
    for start in range(0, len(old), BATCH):
        ids = old[start : start + BATCH]
        with services.base.db.read() as connection:
            known = documents.known(connection, ids)
        for document_id in ids:
            if document_id not in known:
                folder(services).drop(document_id)


def reap_api(services: SigningServices) -> None:
    """Delete jobs whose time is over with their results, bytes no job names, answers, proofs, requests, codes."""
    now, kept = services.base.clock.now(), job_folder(services)
    with services.base.db.begin() as connection:
        over = api_jobs.expired(connection, now, BATCH)
        for job_id, client_id in over:
            api_jobs.remove(connection, job_id, client_id)
        api_answers.forget_before(connection, now, BATCH)
        codes.forget_unsigned(connection, now - codes.SETTLE_SECONDS, BATCH)
        api_requests.forget_before(connection, now - OLD_REQUEST_SECONDS, BATCH)
    old = list(kept.older_than(now - ORPHAN_SECONDS))
    with services.base.db.read() as connection:
        known = api_jobs.known(connection, old)
    for job_id in (*(row[0] for row in over), *(one for one in old if one not in known)):
        kept.drop(job_id)


def forget_journeys(services: SigningServices) -> None:
    """Delete finished journeys to the provider, spent logout tokens and sessions that ended long ago."""
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        desk_logins.forget_before(connection, now - JOURNEY_SECONDS, now, BATCH)
        desk_sessions.forget_before(connection, now - ENDED_SESSION_SECONDS, BATCH)
