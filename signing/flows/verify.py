"""
Verify a document: gather (locate, parse, fetch lists) → judge (the table) → report. Keeps nothing, never raises.

1. Anchors: those given, else our own; our own authorities and lists are always at hand.
2. What a stranger's document holds is read and judged in a process under limits (verify_inside.py, verify_wire.py).
3. What is missing for a *trusted* path is fetched here, from where its certificates say, unless offline.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Sequence

from base.http import HttpClient
from base.run.confined import BeyondLimits, Confinement, Limits, Standing, TaskFailed
from signing.flows import verify_wire
from signing.flows.fetch_lists import Kept, fetcher
from signing.flows.own_trust import NO_SOURCE, TrustSource
from signing.flows.verify_inside import Inquiry, look_inside, only
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import Trust
from signing.validation.findings import finding
from signing.validation.located import ALONE, Beside
from signing.validation.policy_file import ValidationPolicy, built_in_policy
from signing.validation.report import Report

log = logging.getLogger("antin.verify")
LIMITS = Limits(cpu_seconds=5, memory_bytes=512 * 1024 * 1024, wall_seconds=40)
"""Of one document; its own bytes come on top of the memory."""
_INSIDE = Confinement(verify_wire.TASK, verify_wire.LOADS, verify_wire.ABSENT)


def expect_document() -> None:
    """Somebody is choosing a document: what will read it is made ready meanwhile."""
    _INSIDE.expect()


def verify_document(
    document: bytes,
    *,
    moment: int,
    own: TrustSource = NO_SOURCE,
    anchors: Sequence[bytes] = (),
    lists: Sequence[bytes] = (),
    beside: Beside = ALONE,
    http: HttpClient | None = None,
    policy: ValidationPolicy | None = None,
    limits: Limits | None = None,
    kept: Kept | None = None,
    hosts: Sequence[str] = (),
) -> Report:
    """
    Verify every signature of a document.

    moment:  time of validation, epoch seconds. anchors: DER of trusted roots; none means our own.
    lists:   DER of further revocation lists. http: None means offline.
    beside:  what was brought along with a detached signature. policy: what is judged by; None means ours.
    kept:    where answers are remembered for a while. hosts: where a missing authority may be looked for (missing.py).
    limits:  of the process it is read in (LIMITS for strangers' documents); None: in this one, for documents of ours.
    Returns: always a Report; an error on our side, and a document that goes over a limit, are INDETERMINATE / GENERIC.
    """
    trust = Trust(
        anchors=tuple(anchors) or own.anchors,
        known=own.known,
        lists=(*own.lists, *lists),
        moment=moment,
        asked_online=http is not None,
        domains=own.domains,
        granted={} if anchors else own.granted,  # what was given for this one verification is limited by nobody
        late={} if anchors else own.late,
        policy=policy or built_in_policy(),
        hosts=tuple(hosts),
    )
    inquiry = Inquiry(document, beside, trust, DocumentDigests(document))

    fetch = fetcher(http, kept)
    try:
        if limits is None:
            return _here(inquiry, fetch)
        return _under(limits, inquiry, fetch)
    except BeyondLimits as error:
        log.warning("a document of %d bytes went over a limit: %s", len(document), error)
        return only(inquiry, finding("beyond_limits", debug=str(error)))
    except (TaskFailed, pickle.UnpicklingError) as error:
        log.error("verification failed on our side: %s", error)  # the trace is in the other process
        return only(inquiry, finding("internal", debug=str(error)))
    except (Exception, RecursionError, MemoryError) as error:
        # the last net: whatever a hostile file provokes, people get a verdict, and it is never "passed"
        log.exception("verification failed on our side")
        return only(inquiry, finding("internal", debug=type(error).__name__))


def _here(inquiry: Inquiry, fetch: verify_wire.Fetch) -> Report:
    inside = look_inside(inquiry)
    try:
        asked = next(inside)
        while True:
            asked = inside.send(fetch(asked))
    except StopIteration as done:
        report: Report = done.value
        return report


def _under(limits: Limits, inquiry: Inquiry, fetch: verify_wire.Fetch) -> Report:
    trust = inquiry.trust
    standing = Standing(verify_wire.standing_of(trust), lambda: verify_wire.standing_bytes(trust))
    parts = verify_wire.order_of(inquiry)
    return verify_wire.report_from(_INSIDE.run(standing, parts, limits, verify_wire.answer_with(fetch)))
