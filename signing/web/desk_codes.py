"""The verification code at the desk: printed into a document before it is signed, and the sheet that goes with it."""

from __future__ import annotations

import flask

from base.web.texts import current_lang, t
from signing.flows import codes, upload
from signing.flows.sealed_pdf import sealed_pdf
from signing.reports.code_sheet import code_rows, code_sheet
from signing.services import SigningServices
from signing.store import evidence
from signing.store.desk_sessions import DeskSession
from signing.web.desk_visitor import Answer, officials_only


class CodePages:
    """Code and sheet of one document."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    @officials_only
    def print(self, session: DeskSession, document_id: str) -> Answer:
        """Print the code, then show the document as it is now."""
        document = upload.find_document(self.services, session, document_id)
        codes.print_code(self.services, session, document)
        return flask.redirect(f"/desk/documents/{document_id}?from={document.pages}", 303)

    @officials_only
    def sheet(self, session: DeskSession, document_id: str) -> Answer:
        """The sheet of a signed document, sealed."""
        document = upload.find_document(self.services, session, document_id)
        code = codes.code_of(self.services, document.id)
        with self.services.base.db.read() as connection:
            row = evidence.of_document(connection, document.id, session.owner)
        if row is None or not code:
            flask.abort(404)
        rows = code_rows(
            name=row.full_name,
            position=row.position_title,
            organisation=row.organisation_name,
            stamp_time=row.stamp_time,
            digest_in=row.digest_in,
            digest_out=row.digest_out,
        )
        sheet = code_sheet(rows, codes.grouped(code), codes.address_of(self.services, code), current_lang())
        with self.services.verify_gate.enter():
            content = sealed_pdf(self.services, sheet)
        answer = flask.Response(content, content_type="application/pdf")
        name = t("phieu-xac-thuc.pdf", "verification-sheet.pdf")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
