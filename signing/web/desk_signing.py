"""Signing one document: off to the provider for the approval, and the outcome."""

from __future__ import annotations

import flask

from base.web.csrf import browser_id
from base.web.texts import current_lang
from signing.errors import SigningError
from signing.flows import authorise, upload
from signing.flows.carry_out import carry_out
from signing.services import SigningServices
from signing.store.desk_sessions import DeskSession
from signing.store.requests import RequestState
from signing.web.desk_visitor import Answer, officials_only
from signing.web.refusals import refusal_text

AGAIN_SECONDS = 3


class SigningPages:
    """The sign button and the page after the approval."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    @officials_only
    def sign(self, session: DeskSession, document_id: str) -> Answer:
        """Ask for the approval of this very document."""
        document = upload.find_document(self.services, session, document_id)
        return flask.redirect(authorise.ask(self.services, session, browser_id(), document, current_lang()), 303)

    @officials_only
    def request(self, session: DeskSession, request_id: str) -> Answer:
        """
        Where a request stands. An approved one is carried out here; loading the page again changes nothing.

        While it waits for its turn the page loads itself again every few seconds.
        """
        busy = False
        try:
            request = carry_out(self.services, session, request_id)
        except SigningError as error:
            if error.code != "busy":
                raise
            busy, request = True, authorise.find_request(self.services, session.owner, request_id)
        address = f"/desk/documents/{request.document_id}"
        if request.state is RequestState.SIGNED:
            return flask.redirect(address, 303)
        if request.state is RequestState.REFUSED:
            text = refusal_text(request.reason)
            return flask.render_template(
                "signing/desk_refused.html", text=text, reason=request.reason, address=address
            ), 409
        waiting = self.services.signing_gate.waiting if busy else 0
        html = flask.render_template("signing/desk_waiting.html", request=request, address=address, waiting=waiting)
        return html, 200, {"Refresh": str(AGAIN_SECONDS)}
