"""The desk's addresses on one screen. Every page needs a desk session except the first five rows."""

from __future__ import annotations

import flask

from signing.services import SigningServices
from signing.web.desk_codes import CodePages
from signing.web.desk_documents import DocumentPages
from signing.web.desk_entry import EntryPages
from signing.web.desk_offers import OfferPages
from signing.web.desk_picture import PicturePages
from signing.web.desk_signing import SigningPages


def mount(app: flask.Flask, services: SigningServices) -> None:
    """Add the desk's pages."""
    entry, papers = EntryPages(services), DocumentPages(services)
    code = CodePages(services)
    signing, picture, offer = SigningPages(services), PicturePages(services), OfferPages(services)
    for address, method, name, view in (
        ("/desk", "GET", "home", entry.home),
        ("/desk/sign-in", "GET", "sign_in", entry.sign_in),
        ("/desk/callback", "GET", "callback", entry.callback),
        ("/desk/sign-out", "POST", "sign_out", entry.sign_out),
        ("/desk/backchannel-logout", "POST", "backchannel_logout", entry.backchannel_logout),
        ("/desk/documents", "POST", "upload", papers.upload),
        ("/desk/documents/<document_id>", "GET", "document", papers.show),
        ("/desk/documents/<document_id>/pages/<int:page>.png", "GET", "page", papers.page),
        ("/desk/documents/<document_id>/placement", "POST", "placement", papers.place),
        ("/desk/documents/<document_id>/format", "POST", "format", papers.choose_format),
        ("/desk/documents/<document_id>/delete", "POST", "delete", papers.delete),
        ("/desk/documents/<document_id>/original", "GET", "original", papers.original),
        ("/desk/documents/<document_id>/signed", "GET", "signed", papers.signed),
        ("/desk/documents/<document_id>/sign", "POST", "sign", signing.sign),
        ("/desk/requests/<request_id>", "GET", "request", signing.request),
        ("/desk/documents/<document_id>/code", "POST", "code", code.print),
        ("/desk/documents/<document_id>/sheet.pdf", "GET", "sheet", code.sheet),
        ("/desk/offers/<request_id>", "GET", "offer", offer.show),
        ("/desk/offers/<request_id>/accept", "POST", "offer_accept", offer.accept),
        ("/desk/offers/<request_id>/decline", "POST", "offer_decline", offer.decline),
        ("/desk/picture", "GET", "picture", picture.show),
        ("/desk/picture.png", "GET", "picture_file", picture.file),
        ("/desk/picture", "POST", "picture_change", picture.change),
        ("/desk/picture/delete", "POST", "picture_delete", picture.delete),
    ):
        app.add_url_rule(address, f"desk.{name}", view, methods=[method])
