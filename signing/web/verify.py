"""
`/verify`: anybody brings documents and learns who signed them. Nothing is kept, no script is needed, no cookie either.

The view is exempt from the CSRF check because it changes nothing and programs post to it. The upload is held in memory
only: no temporary file, no log of its name.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import flask

from base.metrics import VERIFICATIONS
from base.web.csrf import csrf_exempt
from base.web.pages import wants_json
from base.web.texts import current_lang, t
from signing.errors import SigningError
from signing.flows.carried_sheet import arrive, carry
from signing.flows.differences import differences_among, places_of
from signing.flows.fetch_lists import Kept
from signing.flows.own_trust import own_trust
from signing.flows.sealed_pdf import sealed_pdf
from signing.flows.verify import LIMITS, expect_document, verify_document
from signing.reports import REPORTS
from signing.reports.base import NamedReport, ReportFormat, tally
from signing.reports.json_report import JSON
from signing.reports.sheet import Sheet, sheet_of
from signing.services import SigningServices
from signing.validation import summary
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report, result_of
from signing.web.verify_upload import MOST_FILES, DigestRefused, Uploaded, read_upload

PDF = "application/pdf"
STATES = {
    Indication.TOTAL_PASSED: "passed",
    Indication.INDETERMINATE: "indeterminate",
    Indication.TOTAL_FAILED: "failed",
}


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the page."""

    def form() -> tuple[str, int]:
        """Where anybody brings a document to learn who signed it."""
        expect_document()
        return _form(services)

    @csrf_exempt
    def check() -> Any:
        """Who signed it, when, and whether it was changed: a page, or a report by Accept."""
        try:
            sent = read_upload(services.settings.document_max_bytes)
        except SigningError as error:
            return _refuse(services, error)
        several = []
        for name, document in sent.documents:
            with services.verify_gate.enter():
                several.append(NamedReport(name, verify(services, document, sent.beside)))
            VERIFICATIONS.labels(str(several[-1].report.indication)).inc()
        if _wants_pdf():
            return _pdf(services, sheet_of(several, current_lang()))
        chosen = _asked_for()
        if chosen is not None:
            return _sent(chosen, several)
        return _page(services, several, sent)

    @csrf_exempt
    def report() -> Any:
        """The report that a page holds, as a sealed PDF."""
        return _pdf(services, arrive(services, flask.request.form.get("report", "")))

    app.add_url_rule("/verify/report.pdf", "signing.verify_report", report, methods=["POST"])
    app.add_url_rule("/verify", "signing.verify", form, methods=["GET"])
    app.add_url_rule("/verify", "signing.verify_post", check, methods=["POST"])


def verify(services: SigningServices, document: bytes, beside: Beside = ALONE) -> Report:
    """A document as of now, against our own anchors; missing revocation lists are fetched."""
    return verify_document(
        document,
        moment=services.base.clock.now(),
        own=own_trust(services.keys),
        beside=beside,
        http=services.base.http,
        policy=services.policy,
        limits=LIMITS,
        kept=Kept(services.list_memory, services.base.clock.monotonic(), lists=False),
        hosts=services.settings.issuer_hosts,
    )


def _asked_for() -> ReportFormat | None:
    """The format of reports a program asks for by Accept; None: a person, who gets the page."""
    if wants_json():
        return JSON
    offered = {media_type: one for one in REPORTS for media_type in one.media_types}
    wanted = flask.request.accept_mimetypes.best_match(["text/html", *offered])
    return offered.get(wanted or "")


def _wants_pdf() -> bool:
    offered = flask.request.accept_mimetypes
    return offered[PDF] > max(offered["text/html"], offered["application/json"])


def _pdf(services: SigningServices, sheet: Sheet) -> flask.Response:
    with services.verify_gate.enter():  # never the officials' places
        content = sealed_pdf(services, sheet)
    answer = flask.Response(content, content_type=PDF)
    name = t("bao-cao-kiem-tra", "verification-report") + ".pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _sent(chosen: ReportFormat, several: Sequence[NamedReport]) -> flask.Response:
    return flask.Response(_written(chosen, several), content_type=chosen.media_types[0])


def _written(chosen: ReportFormat, several: Sequence[NamedReport]) -> bytes:
    if len(several) == 1:
        return chosen.render(several[0].report, current_lang(), several[0].name)
    return chosen.render_all(several, current_lang())


def _page(services: SigningServices, several: Sequence[NamedReport], sent: Uploaded) -> str:
    """Later changes are drawn, of the first documents that have some."""
    reports = [(document, one.report) for (_name, document), one in zip(sent.documents, several, strict=True)]
    drawn = differences_among(services, reports, sent.beside.password)
    return flask.render_template(
        "signing/verify_result.html" if len(several) == 1 else "signing/verify_results.html",
        several=several,
        tally=tally(several),
        states=STATES,
        summary=summary,
        result_of=result_of,
        differences=drawn,
        places_of=places_of,
        carried=carry(services, sheet_of(several, current_lang())),
        downloads={one.name: _as_link(one, several) for one in REPORTS},
    )


def _as_link(chosen: ReportFormat, several: Sequence[NamedReport]) -> tuple[str, str]:
    """The report inside the page itself, for nothing is kept that could be fetched later: address and file name."""
    written = base64.b64encode(_written(chosen, several)).decode()
    word = t("bao-cao-kiem-tra", "verification-report")
    return f"data:{chosen.media_types[0]};charset=utf-8;base64,{written}", word + chosen.suffix


def _form(services: SigningServices, error: SigningError | None = None) -> tuple[str, int]:
    limit = services.settings.document_max_bytes // (1024 * 1024)
    typed = error.typed if isinstance(error, DigestRefused) else ""
    html = flask.render_template("signing/verify.html", error=error, limit=limit, most=MOST_FILES, typed=typed)
    return html, 200 if error is None else error.status


def _refuse(services: SigningServices, error: SigningError) -> Any:
    if not wants_json():
        return _form(services, error)
    response = flask.jsonify({"error": error.code, "error_description": t(error.vi, error.en)})
    response.status_code = error.status
    return response
