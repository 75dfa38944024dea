"""
Carrying out an approved request: wait for a place, sign, keep the result and its evidence.

However often an official presses, goes back or reloads, the request has one outcome and everybody is told the same.
"""

from __future__ import annotations

import logging
from typing import Any

from base.audit import append
from base.errors import AntinError
from base.metrics import SIGNATURES
from keys.api import KeyHandle
from signing.errors import SignatureRefused
from signing.events import SignatureTurnedDown
from signing.flows.authorise import find_request
from signing.flows.codes import settle_code
from signing.flows.evidence import add_evidence, evidence_of
from signing.flows.pictures import picture_of
from signing.flows.sign import SignedDocument, SigningOrder, sign_document
from signing.flows.upload import folder
from signing.flows.ways import order_fields
from signing.formats.base import VisibleSignature
from signing.formats.choice import PDF
from signing.services import SigningServices
from signing.store import documents, requests
from signing.store.desk_sessions import DeskSession
from signing.store.documents import DocumentState
from signing.store.requests import RequestState, SignatureRequest
from signing.store.sealed import activation_context

log = logging.getLogger("antin.signing")


def carry_out(services: SigningServices, session: DeskSession, request_id: str) -> SignatureRequest:
    """
    Sign if it is this request's turn. Returns the request as it stands afterwards: signed, refused, or still under way.

    Raises: SigningError("busy"): no place came free in time; nothing was used up, the same request can be tried again.

    1. Only an approved request of this session goes on.
    2. A place in the gate, so that a rush waits instead of exhausting the machine.
    3. One conditional UPDATE decides which of several calls signs.
    4. Sign; keep the bytes, then evidence, document, request and audit event in one transaction.
    """
    request = find_request(services, session.owner, request_id)
    if request.state is not RequestState.APPROVED or request.session_id != session.id:
        return request
    with services.signing_gate.enter():
        with services.base.db.begin() as connection:
            mine = requests.begin_signing(connection, request.id, now=services.base.clock.now())
        if mine:
            _sign(services, request)
    return find_request(services, session.owner, request_id)


def _sign(services: SigningServices, request: SignatureRequest) -> None:
    try:
        signed = sign_document(services, _order(services, request))
        _keep(services, request, signed)
    except AntinError as error:
        log.info("signature turned down: %s %s", error.code, error.debug)
        _turn_down(services, request, error.code)
    except Exception:
        log.exception("signing failed")
        _turn_down(services, request, "internal")
    else:
        SIGNATURES.labels(result="made").inc()


def _order(services: SigningServices, request: SignatureRequest) -> SigningOrder:
    if request.sealed_activation is None:
        raise SignatureRefused("approval_missing", en="The approval is missing.")
    with services.base.db.read() as connection:
        document = documents.find(connection, request.document_id, request.owner)
    if document is None or document.state is DocumentState.SIGNED:
        raise SignatureRefused("already_signed" if document else "document_deleted")
    token = services.keys.unseal(request.sealed_activation, activation_context(request.id)).decode()
    content = folder(services).read(document.id, document.sha256)
    return SigningOrder(
        document=content,
        expected_digest=request.document_digest,
        credential=KeyHandle(request.credential),
        activation_token=token,
        name=request.signer.full_name,
        **_form(services, request, content, document.label),
    )


def _form(services: SigningServices, request: SignatureRequest, content: bytes, label: str) -> dict[str, Any]:
    """What differs: a picture on a page of a PDF, or what the format asked for needs."""
    if request.format != PDF:
        return order_fields(content, request.format, label, request.signer)
    place = request.placement
    picture = picture_of(services, request.owner, request.signer.full_name)
    return {"visible": VisibleSignature(picture, place.page, place.box) if place.box else None}


def _keep(services: SigningServices, request: SignatureRequest, signed: SignedDocument) -> None:
    folder(services).keep(request.document_id, signed.content)
    row = evidence_of(request.document_id, request.signer, signed)
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        kept = documents.mark_signed(
            connection,
            request.document_id,
            request.format,
            row.digest_out,
            len(signed.content),
            now=now,
            expires_at=now + services.settings.signed_retention_seconds,
        )
        if not kept or not requests.finish(connection, request.id, now=now):
            raise SignatureRefused("already_signed")
        settle_code(connection, services, row, len(signed.content))
        add_evidence(connection, services, row)


def _turn_down(services: SigningServices, request: SignatureRequest, reason: str) -> None:
    """End the request; the document stays as it was and can be tried again, unless our own check refused the result."""
    now = services.base.clock.now()
    to = DocumentState.REFUSED if reason == "own_check_failed" else DocumentState.RECEIVED
    with services.base.db.begin() as connection:
        if requests.refuse(connection, request.id, reason, now=now):
            documents.move(connection, request.document_id, DocumentState.AUTHORISED, to=to, now=now)
            append(
                connection,
                services.base.clock,
                SignatureTurnedDown(request.document_digest, request.credential, reason[:60]),
            )
    SIGNATURES.labels(result="turned_down").inc()
