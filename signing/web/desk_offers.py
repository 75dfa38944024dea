"""What applications have put before an official: one page for each, where it is taken onto the desk or declined."""

from __future__ import annotations

import flask

from base.texts import Text
from base.web.pages import Way, message_page
from signing.flows import offers
from signing.services import SigningServices
from signing.store.api_requests import RequestState
from signing.store.desk_sessions import DeskSession
from signing.web.desk_visitor import Answer, officials_only

DESK = Way("/desk", Text("Về bàn ký", "To the signing desk"))


class OfferPages:
    """An offer is a document of an application that waits for this official."""

    def __init__(self, services: SigningServices) -> None:
        self.services = services

    @officials_only
    def show(self, session: DeskSession, request_id: str) -> Answer:
        """Who wants what signed; an accepted one leads to its document."""
        offer = offers.find_offer(self.services, session, request_id)
        if offer.state is RequestState.ACCEPTED:
            return flask.redirect(f"/desk/documents/{offer.document_id}", 303)
        is_open = offer.state is RequestState.WAITING and offer.expires_at > self.services.base.clock.now()
        return flask.render_template("signing/desk_offer.html", session=session, offer=offer, is_open=is_open)

    @officials_only
    def accept(self, session: DeskSession, request_id: str) -> Answer:
        """Onto the desk, where it is read before anything is signed."""
        offer = offers.find_offer(self.services, session, request_id)
        return flask.redirect(f"/desk/documents/{offers.accept(self.services, session, offer)}", 303)

    @officials_only
    def decline(self, session: DeskSession, request_id: str) -> Answer:
        """No."""
        offers.decline(self.services, offers.find_offer(self.services, session, request_id))
        said = Text(
            "Bạn đã từ chối ký văn bản này. Ứng dụng gửi yêu cầu sẽ biết điều đó.",
            "You declined to sign this document. The application that asked will learn so.",
        )
        return message_page(Text("Đã từ chối", "Declined"), said, (DESK,))
