"""
THE TABLE of the API: method, address, scope, form and answers of every operation. Routes, the check of access and the
OpenAPI document come from here, so none of them can forget one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signing.flows.api.registration import CREATE, EXTEND, SEAL, VERIFY
from signing.formats.choice import FILE_TYPES
from signing.reports import REPORTS
from signing.web.api import request_views, work_views
from signing.web.api.schemas import CREATE_FORM, EXTEND_FORM, SEAL_FORM, VERIFY_FORM, Schema, ref

BASE = "/api/signatures"


@dataclass(frozen=True, slots=True)
class Answers:
    """One status: what it means, and its content by media type; None: bytes."""

    description: str
    content: Mapping[str, Schema | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """
    path: below BASE, parameters in braces. scopes: any of them opens it. form: of the request, as a schema.

    act: (services, caller, **path parameters) → the answer.
    """

    method: str
    path: str
    name: str
    scopes: tuple[str, ...]
    summary: str
    act: Callable[..., Any]
    answers: Mapping[int, Answers]
    form: Schema | None = None

    @property
    def route(self) -> str:
        """As Flask writes it."""
        return BASE + re.sub(r"{(\w+)}", r"<\1>", self.path)


_JOB = Answers("The job", {"application/json": ref("Job")})
_QUEUED = Answers("Taken in; Location is the job", {"application/json": ref("Job")})
_REQUEST = Answers("The request", {"application/json": ref("Request")})
_REPORT = Answers(
    "The report",
    {**{one.media_types[0]: ref("Report") if one.name == "json" else None for one in REPORTS}, "application/pdf": None},
)
_FILES: Mapping[str, Schema | None] = {one.media_type: None for one in FILE_TYPES.values()}
_SIGNED = Answers("The document", _FILES)
_EXTENDED = Answers("The document with its signatures at that level", _FILES)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST", "/requests", "create_request", (CREATE,),
        "Put a document before an official, who reads and signs it at the desk, or declines.",
        request_views.create, {201: Answers("Waiting; Location is the request", {"application/json": ref("Request")})},
        CREATE_FORM,
    ),
    Operation(
        "GET", "/requests/{request_id}", "show_request", (CREATE,),
        "How far a signature request is.", request_views.show, {200: _REQUEST},
    ),
    Operation(
        "DELETE", "/requests/{request_id}", "withdraw_request", (CREATE,),
        "Withdraw a signature request that nobody has answered.", request_views.withdraw, {200: _REQUEST},
    ),
    Operation(
        "GET", "/requests/{request_id}/document", "signed_document", (CREATE,),
        "The signed document.", request_views.signed, {200: _SIGNED},
    ),
    Operation(
        "POST", "/verifications", "verify", (VERIFY,),
        "Verify every signature of a document; large ones, and those with an Idempotency-Key, become a job.",
        work_views.verify, {200: _REPORT, 202: _QUEUED}, VERIFY_FORM,
    ),
    Operation(
        "POST", "/extensions", "extend", (EXTEND,),
        "Bring the signatures of a document to a higher level; becomes a job as a verification does.",
        work_views.extend, {200: _EXTENDED, 202: _QUEUED}, EXTEND_FORM,
    ),
    Operation(
        "POST", "/seals", "seal", (SEAL,),
        "Seal a document with the seal of an agency that the application has a grant for; becomes a job likewise.",
        work_views.seal, {200: Answers("The sealed document", _FILES), 202: _QUEUED}, SEAL_FORM,
    ),
    Operation(
        "GET", "/jobs/{job_id}", "show_job", (VERIFY, EXTEND, SEAL),
        "How far a job is.", work_views.job, {200: _JOB},
    ),
    Operation(
        "GET", "/jobs/{job_id}/result", "job_result", (VERIFY, EXTEND, SEAL),
        "What came of a job: a report or a document. It is deleted some time after the job is done.",
        work_views.job_result, {200: Answers("The result", {**_REPORT.content, **_EXTENDED.content})},
    ),
    Operation(
        "DELETE", "/jobs/{job_id}", "delete_job", (VERIFY, EXTEND, SEAL),
        "Forget a job and everything that is kept of it.", work_views.job_delete, {204: Answers("Forgotten")},
    ),
)  # fmt: skip
