"""Documents on the desk: take in, show, place the signature, hand out, delete."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import flask

from base.web.headers import allow_form_action
from base.web.texts import t
from signing.errors import SigningError
from signing.flows import codes, provider, upload
from signing.flows.enrol import credential_for
from signing.flows.label import signed_name
from signing.flows.pictures import picture_of
from signing.flows.self_check import earlier_signatures
from signing.formats.choice import FILE_TYPES, PDF
from signing.preview.child import draw_page, overlay_for
from signing.preview.placement import ACROSS, DOWN, Way
from signing.services import SigningServices
from signing.store import evidence
from signing.store.desk_sessions import DeskSession
from signing.store.documents import Document, DocumentState
from signing.validation.report import SignatureReport
from signing.web.desk_entry import desk_page
from signing.web.desk_seen import format_words, seen
from signing.web.desk_visitor import Answer, officials_only

PAGES_AT_ONCE = 20
PICTURE_SECONDS = 3600
_BYTES = "application/octet-stream"


class DocumentPages:
    """Everything about one document except signing it."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    @officials_only
    def upload(self, session: DeskSession) -> Answer:
        """Take in a file; a refusal is shown beside the field."""
        sent = flask.request.files.get("file")
        if sent is None or not sent.filename:
            return desk_page(self.services, session, error=t("Hãy chọn một tệp.", "Choose a file."), status=400)
        content = sent.stream.read(self.services.settings.document_max_bytes + 1)
        try:
            document_id = upload.receive(self.services, session, upload.Upload(sent.filename, content))
        except SigningError as error:
            return desk_page(self.services, session, error=t(error.vi or error.en, error.en), status=error.status)
        return flask.redirect(f"/desk/documents/{document_id}", 303)

    @officials_only
    def show(self, session: DeskSession, document_id: str) -> Answer:
        """The document: its pages, digest, earlier signatures, who will sign, and where."""
        document = upload.find_document(self.services, session, document_id)
        if document.state is DocumentState.SIGNED:
            return self._signed_page(session, document)
        allow_form_action(provider.issuer(self.services))
        content = upload.folder(self.services).read(document.id, document.sha256)
        return flask.render_template(
            "signing/desk_document.html",
            session=session,
            document=document,
            credential=credential_for(self.services, session),
            earlier=self._earlier(document, content),
            **seen(document, content),
            printable=codes.may_print(self.services, document),
            code=codes.grouped(code) if (code := codes.code_of(self.services, document.id)) else "",
            pages=self._page_range(document),
            version=self._version(document, session),
            across=_options(ACROSS),
            down=_options(DOWN),
        )

    @officials_only
    def page(self, session: DeskSession, document_id: str, page: int) -> Answer:
        """A picture of one page, with the frame of the signature to come; kept by this browser for a while."""
        document = upload.find_document(self.services, session, document_id)
        if not 1 <= page <= document.pages:
            flask.abort(404)
        overlay, digest = None, document.signed_sha256
        if digest is None:
            digest = document.sha256
            picture = picture_of(self.services, session.owner, session.signer.full_name)
            overlay = overlay_for(document.placement, page, picture)
        path = upload.folder(self.services).path(document.id, digest)
        with self.services.preview_gate.enter():
            png = draw_page(path, page, width=self.services.settings.preview_width, overlay=overlay)
        response = flask.Response(png, mimetype="image/png")
        response.headers["Cache-Control"] = f"private, max-age={PICTURE_SECONDS}"
        return response

    @officials_only
    def place(self, session: DeskSession, document_id: str) -> Answer:
        """Where the visible signature will stand."""
        document, form = upload.find_document(self.services, session, document_id), flask.request.form
        way = form.get("way")
        if way == Way.CHOSEN:
            page = form.get("page", type=int) or 0
            place = upload.Place(page, form.get("across", ""), form.get("down", ""))
            upload.move_signature(self.services, session, document, place)
        elif way == Way.NONE:
            upload.hide_signature(self.services, session, document)
        else:
            upload.place_by_name(self.services, session, document)
        return flask.redirect(f"/desk/documents/{document_id}#place", 303)

    @officials_only
    def choose_format(self, session: DeskSession, document_id: str) -> Answer:
        """In which format it will be signed."""
        document = upload.find_document(self.services, session, document_id)
        upload.choose_format(self.services, session, document, flask.request.form.get("format", ""))
        return flask.redirect(f"/desk/documents/{document_id}#kind", 303)

    @officials_only
    def delete(self, session: DeskSession, document_id: str) -> Answer:
        """Delete a document from the desk."""
        upload.delete(self.services, session, document_id)
        return flask.redirect("/desk", 303)

    @officials_only
    def original(self, session: DeskSession, document_id: str) -> Answer:
        """The uploaded bytes."""
        document = upload.find_document(self.services, session, document_id)
        if document.format != PDF:
            return self._file(document, document.sha256, document.label, _BYTES)
        name = document.label if document.label.lower().endswith(".pdf") else f"{document.label}.pdf"
        return self._file(document, document.sha256, name, FILE_TYPES[PDF].media_type)

    @officials_only
    def signed(self, session: DeskSession, document_id: str) -> Answer:
        """The signed bytes."""
        document = upload.find_document(self.services, session, document_id)
        if document.signed_sha256 is None:
            flask.abort(404)
        kind = FILE_TYPES[document.format]
        name = signed_name(document.label, kind.ending)
        return self._file(document, document.signed_sha256, name, kind.media_type)

    def _file(self, document: Document, digest: str, name: str, media_type: str) -> flask.Response:
        """Saved, never shown: a stranger's file must not speak as a page of ours."""
        content = upload.folder(self.services).read(document.id, digest)
        response = flask.send_file(
            io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name, max_age=None
        )
        response.headers["Cache-Control"] = "private, no-store"
        return response

    def _signed_page(self, session: DeskSession, document: Document) -> str:
        with self.services.base.db.read() as connection:
            row = evidence.of_document(connection, document.id, session.owner)
        code = codes.code_of(self.services, document.id)
        return flask.render_template(
            "signing/desk_signed.html",
            session=session,
            document=document,
            evidence=row,
            format=format_words(document.format),
            code=code,
            grouped=codes.grouped(code) if code else "",
            pages=self._page_range(document),
        )

    def _earlier(self, document: Document, content: bytes) -> tuple[SignatureReport, ...]:
        """What the verification engine says about signatures the document came with."""
        if not document.signatures:
            return ()
        with self.services.verify_gate.enter():
            return earlier_signatures(self.services, content)

    def _version(self, document: Document, session: DeskSession) -> str:
        """Changes whenever the page pictures do: with the place and with the handwriting."""
        picture = picture_of(self.services, session.owner, session.signer.full_name)
        return hashlib.sha256(document.placement.as_text().encode() + picture).hexdigest()[:12]

    def _page_range(self, document: Document) -> dict[str, Any]:
        """Which pages are shown: PAGES_AT_ONCE from the one asked for."""
        first = min(max(flask.request.args.get("from", 1, type=int), 1), document.pages)
        last = min(first + PAGES_AT_ONCE - 1, document.pages)
        return {"first": first, "last": last, "step": PAGES_AT_ONCE, "numbers": range(first, last + 1)}


_WORDS = {
    "left": ("bên trái", "left"),
    "centre": ("ở giữa", "centre"),
    "right": ("bên phải", "right"),
    "top": ("đầu trang", "top of the page"),
    "middle": ("giữa trang", "middle of the page"),
    "bottom": ("cuối trang", "bottom of the page"),
}


def _options(codes: dict[str, float]) -> list[tuple[str, str]]:
    return [(code, t(*_WORDS[code])) for code in codes]
