"""
`/verify`: anybody brings a document and learns who signed it. Nothing is kept, no script is needed, no cookie either.

The view is exempt from the CSRF check because it changes nothing and programs post to it. The upload is held in memory
only: no temporary file, no log of its name.
"""

from __future__ import annotations

import base64
import io
from typing import IO, Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from base.metrics import VERIFICATIONS
from base.web.csrf import csrf_exempt
from base.web.pages import wants_json
from base.web.texts import current_lang, t
from signing.flows.label import clean_label
from signing.flows.own_trust import own_trust
from signing.flows.verify import verify_document
from signing.reports import REPORTS
from signing.reports.base import ReportFormat
from signing.reports.json_report import JSON
from signing.services import SigningServices
from signing.validation import summary
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report, result_of

FORM_ROOM = 64 * 1024
MOST_PARTS = 8
STATES = {
    Indication.TOTAL_PASSED: "passed",
    Indication.INDETERMINATE: "indeterminate",
    Indication.TOTAL_FAILED: "failed",
}


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the page."""

    def show_form(error: str = "", status: int = 200) -> tuple[str, int]:
        limit = services.settings.document_max_bytes // (1024 * 1024)
        return flask.render_template("signing/verify.html", error=error, limit=limit), status

    def form() -> tuple[str, int]:
        return show_form()

    @csrf_exempt
    def check() -> Any:
        try:
            files = read_upload(services.settings.document_max_bytes)
        except RequestEntityTooLarge:
            return _refuse(show_form, "too_large", t("Tệp quá lớn.", "The file is too large."), 413)
        if "file" not in files:
            said = t("Hãy chọn tệp cần kiểm tra.", "Choose the file to verify.")
            return _refuse(show_form, "no_file", said, 400)
        name, document = files["file"]
        _name, detached = files.get("detached", ("", b""))
        with services.verify_gate.enter():
            report = verify(services, document, Beside(content=detached) if detached else ALONE)
        VERIFICATIONS.labels(str(report.indication)).inc()
        chosen = _asked_for()
        return _page(report, clean_label(name)) if chosen is None else _sent(chosen, report, clean_label(name))

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
    )


def read_upload(most_bytes: int) -> dict[str, tuple[str, bytes]]:
    """
    The files of a multipart form by field: (name, bytes), held in memory.

    Raises: RequestEntityTooLarge: more than allowed, found out while reading, whatever Content-Length says.
    """
    request = flask.request
    request.max_content_length = 2 * most_bytes + FORM_ROOM
    parser = FormDataParser(
        stream_factory=_in_memory(most_bytes),
        max_form_memory_size=FORM_ROOM,
        max_content_length=request.max_content_length,
        max_form_parts=MOST_PARTS,
        silent=True,
    )
    _stream, _fields, files = parser.parse(
        request.stream, request.mimetype, request.content_length, request.mimetype_params
    )
    return {name: (sent.filename or "", sent.stream.read()) for name, sent in files.items() if sent.filename}


def _in_memory(most_bytes: int) -> Any:
    class Bounded(io.BytesIO):
        """Refuses to grow past the cap while the upload is still running."""

        def write(self, data: Any, /) -> int:
            if self.tell() + len(data) > most_bytes:
                raise RequestEntityTooLarge
            return super().write(data)

    def factory(*_: object, **__: object) -> IO[bytes]:
        return Bounded()

    return factory


def _asked_for() -> ReportFormat | None:
    """The format of reports a program asks for by Accept; None: a person, who gets the page."""
    if wants_json():
        return JSON
    offered = {media_type: one for one in REPORTS for media_type in one.media_types}
    wanted = flask.request.accept_mimetypes.best_match(["text/html", *offered])
    return offered.get(wanted or "")


def _sent(chosen: ReportFormat, report: Report, name: str) -> flask.Response:
    return flask.Response(chosen.render(report, current_lang(), name), content_type=chosen.media_types[0])


def _page(report: Report, name: str) -> str:
    return flask.render_template(
        "signing/verify_result.html",
        report=report,
        name=name,
        state=STATES[report.indication],
        states=STATES,
        summary=summary,
        result_of=result_of,
        downloads={one.name: _as_link(one, report, name) for one in REPORTS},
    )


def _as_link(chosen: ReportFormat, report: Report, name: str) -> tuple[str, str]:
    """The report inside the page itself, for nothing is kept that could be fetched later: address and file name."""
    written = base64.b64encode(chosen.render(report, current_lang(), name)).decode()
    word = t("bao-cao-kiem-tra", "verification-report")
    return f"data:{chosen.media_types[0]};charset=utf-8;base64,{written}", word + chosen.suffix


def _refuse(show_form: Any, code: str, said: str, status: int) -> Any:
    if not wants_json():
        return show_form(said, status)
    response = flask.jsonify({"error": code, "error_description": said})
    response.status_code = status
    return response
