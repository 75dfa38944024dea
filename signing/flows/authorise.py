"""
Asking the official to approve one signature, and taking the answer.

The approval happens at the provider: it shows the document's name and digest, asks for the second factor for this very
request, and answers with a one-shot token bound to person, key and digest. What is approved is the SHA-256 of exactly
the bytes on our disk.

Source: Cloud Signature Consortium API 2.1 §8.3.2; RFC 9396; EN 419 241-1 §5.9 (signature activation data).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from base.audit import append
from base.ids import new_id
from signing.errors import DeskRefused, SignatureRefused, SigningError
from signing.events import ApprovalAsked, ApprovalRefused
from signing.flows import journey
from signing.flows.desk_client import APPROVAL_TYPE
from signing.flows.enrol import check_usable, credential_for
from signing.flows.signer_status import check_status
from signing.flows.upload import folder
from signing.flows.ways import check_signable
from signing.formats.choice import PDF
from signing.services import SigningServices
from signing.store import api_requests, desk_logins, documents, requests
from signing.store.desk_logins import DeskLogin
from signing.store.desk_sessions import DeskSession, Signer
from signing.store.documents import Document, DocumentState
from signing.store.requests import RequestState, SignatureRequest
from signing.store.sealed import activation_context

SHA256_OID = "2.16.840.1.101.3.4.2.1"
TWO_FACTORS = "urn:vn:xt:2"


def ask(services: SigningServices, session: DeskSession, browser: str, document: Document, lang: str) -> str:
    """
    Start the approval of one signature. Returns the provider's address to send the browser to.

    Raises: SignatureRefused: `already_signed`, `certificate_not_valid`, `certificate_not_trusted`,
            `certificate_status_unknown`; SigningError: what the format says of a document that it cannot sign.
    """
    if document.state is DocumentState.SIGNED:
        raise SignatureRefused(
            "already_signed",
            vi="Bạn đã ký văn bản này. Hãy tải bản đã ký về.",
            en="You have already signed this document. Download the signed copy.",
            status=409,
        )
    now = services.base.clock.now()
    credential = credential_for(services, session, _wanted_key(services, document))
    check_usable(credential, now)
    check_status(services, credential)
    if document.format != PDF:
        content = folder(services).read(document.id, document.sha256)
        check_signable(content, document.format, document.label, session.signer, credential, now)
    request = SignatureRequest(
        id=new_id("sgr"),
        document_id=document.id,
        session_id=session.id,
        owner=session.owner,
        credential=str(credential.handle),
        document_digest=document.sha256,
        placement=document.placement,
        format=document.format,
        signer=session.signer,
        state=RequestState.ASKED,
        sealed_activation=None,
        reason="",
        updated_at=now,
    )
    event = ApprovalAsked(request.id, document.id, session.owner, request.credential, document.sha256)
    with services.base.db.begin() as connection:
        requests.add(connection, request, now=now)
        state = journey.set_out(connection, services, browser, desk_logins.APPROVE, request.id)
        append(connection, services.base.clock, event)
    details = orjson.dumps([approval_details(request.credential, document)]).decode()
    return journey.address(services, state, lang, {"acr_values": TWO_FACTORS, "authorization_details": details})


def _wanted_key(services: SigningServices, document: Document) -> str:
    """The key that an application has named for a document; empty: any of the official's."""
    with services.base.db.read() as connection:
        return api_requests.credential_of(connection, document.id)


def approval_details(credential: str, document: Document) -> dict[str, Any]:
    """What the official is asked to approve: one signature with one key over one document."""
    digest = base64.b64encode(bytes.fromhex(document.sha256)).decode()
    return {
        "type": APPROVAL_TYPE,
        "credentialID": credential,
        "numSignatures": 1,
        "documentDigests": [{"hash": digest, "label": document.label, "hashType": "SDR"}],
        "hashAlgorithmOID": SHA256_OID,
    }


def take_answer(
    services: SigningServices, session: DeskSession | None, login: DeskLogin, parameters: Mapping[str, str]
) -> SignatureRequest:
    """
    The provider's answer to an approval. Returns the request, approved; a repeated answer returns it as it stands.

    Raises: SigningError: no approval; the request is then refused, the document as it was.

    1. The request must be of this very session.
    2. A state that was spent is a second click or the back button: the same answer again.
    3. The answer must be about the same person; the token is kept sealed until it is used.
    """
    request = _request_of(services, session, login)
    if login.spent:
        return request
    try:
        arrival = journey.arrive(services, login, parameters)
        signer = _same_official(arrival, request)
    except SigningError as error:
        if error.code == "already_used":
            return request
        if error.code == "busy":
            raise
        refuse(services, request, error.code)
        raise
    sealed = services.keys.seal(arrival.tokens.access_token.encode(), activation_context(request.id))
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        if requests.approve(connection, request.id, sealed, signer, now=now):
            documents.move(
                connection, request.document_id, DocumentState.RECEIVED, to=DocumentState.AUTHORISED, now=now
            )
    return find_request(services, request.owner, request.id)


def refuse(services: SigningServices, request: SignatureRequest, reason: str) -> None:
    """End a request without a signature; the document can be tried again."""
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        if requests.refuse(connection, request.id, reason, now=now):
            documents.move(
                connection, request.document_id, DocumentState.AUTHORISED, to=DocumentState.RECEIVED, now=now
            )
            append(connection, services.base.clock, ApprovalRefused(request.id, reason))


def find_request(services: SigningServices, owner: str, request_id: str) -> SignatureRequest:
    """A request of this person. Raises: SigningError("no_such_request")."""
    with services.base.db.read() as connection:
        request = requests.find(connection, request_id, owner)
    if request is None:
        raise SigningError(
            "no_such_request",
            vi="Không có yêu cầu ký này trên bàn ký của bạn.",
            en="There is no such signature request on your desk.",
            status=404,
        )
    return request


def _same_official(arrival: journey.Arrival, request: SignatureRequest) -> Signer:
    if arrival.claims["sub"] != request.owner:
        raise SignatureRefused(
            "other_person",
            vi="Người chấp thuận không phải là người đang ngồi ở bàn ký. Không có gì được ký.",
            en="The approval came from another person than the one at the desk. Nothing was signed.",
            status=403,
        )
    if arrival.signer is None:
        raise SignatureRefused(
            "not_official",
            vi="Tài khoản của bạn hiện không gắn với cơ quan và chức vụ nào. Không có gì được ký.",
            en="Your account is not linked to an organisation and a position now. Nothing was signed.",
            status=403,
        )
    return arrival.signer


def _request_of(services: SigningServices, session: DeskSession | None, login: DeskLogin) -> SignatureRequest:
    if session is None or login.request_id is None:
        raise DeskRefused(
            "session_ended",
            vi="Phiên làm việc ở bàn ký đã kết thúc nên không có gì được ký. Hãy đăng nhập rồi ký lại.",
            en="Your session at the desk has ended, so nothing was signed. Sign in and sign again.",
            status=401,
        )
    request = find_request(services, session.owner, login.request_id)
    if request.session_id != session.id:
        refuse(services, request, "session_changed")
        raise DeskRefused(
            "session_changed",
            vi="Yêu cầu ký thuộc về một phiên làm việc khác nên đã bị hủy. Hãy ký lại.",
            en="The signature request belongs to another session and was cancelled. Please sign again.",
            status=409,
        )
    return request
