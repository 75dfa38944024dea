"""
An application wants an official to sign a document. It can ask, look, withdraw and fetch; it can never sign.

The document waits on nobody's desk, under the name of the request. The official who is meant takes it onto their own
desk (one conditional UPDATE moves the owner), and from there it goes the way of every document: shown, approved at the
provider with the second factor for this very digest, signed. The application learns the state of that document.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from base.audit import append
from base.ids import new_id
from keys.api import KeyHandle
from keys.errors import KeyRefused
from signing.errors import ApiRefused
from signing.events import DocumentDeleted, RequestMoved, RequestReceived
from signing.flows import upload
from signing.flows.api.access import Caller
from signing.flows.api.answers import Answer, Question, act_once
from signing.flows.api.work import Result
from signing.flows.codes import address_of, code_of
from signing.flows.ways import judge
from signing.formats.choice import FILE_TYPES
from signing.preview.placement import Placement, Way
from signing.services import SigningServices
from signing.store import api_requests, documents
from signing.store.api_requests import ApiRequest, RequestState
from signing.store.documents import Document, DocumentState


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What an application wants signed, and by whom.

    digest: the SHA-256 the application has in mind, hexadecimal, or empty. credential: a key; or else name and agency,
    and perhaps the position. purpose: its words to the official.
    """

    document: bytes
    label: str
    digest: str
    purpose: str
    credential: str
    signer_name: str
    signer_organisation: str
    signer_position: str


def owner_of(request_id: str) -> str:
    """Whose a document is that waits for an official."""
    return f"request:{request_id}"


def create(services: SigningServices, caller: Caller, question: Question, wanted: Wanted) -> Answer:
    """
    Take in a document and put it before its official. Returns the answer 201.

    Raises: ApiRefused: `digest_differs`, `unknown_credential`, `no_signer`, `too_many_requests`, `key_reused`;
            DocumentRefused: what ways.judge() finds; SigningError: `busy`, `storage_full`.
    """
    digest = _checked_digest(wanted)
    owner = _signer(services, wanted)
    with services.base.db.read() as connection:
        _check_room(connection, services, caller)
    with services.preview_gate.enter():
        taken = judge(services, wanted.document, wanted.label)
    now = services.base.clock.now()
    until = now + services.settings.api_request_seconds
    request = _new_request(caller, wanted, digest, owner, now, until)
    document = Document(
        id=request.document_id,
        owner=owner_of(request.id),
        label=wanted.label,
        sha256=digest,
        size=len(wanted.document),
        sizes=taken.sizes,
        signatures=taken.signatures,
        state=DocumentState.RECEIVED,
        placement=Placement(Way.NONE),
        format=taken.format,
        signed_sha256=None,
        signed_size=None,
        created_at=now,
        updated_at=now,
        expires_at=until,
    )
    answer = Answer(201, f"/api/signatures/requests/{request.id}", described(services, request, document))

    def act(connection: Connection) -> None:
        documents.add(connection, document)
        api_requests.add(connection, request)
        event = RequestReceived(request.id, caller.client_id, document.id, digest)
        append(connection, services.base.clock, event)

    try:
        upload.folder(services).keep(document.id, wanted.document)
        counts, ours = act_once(services, question, answer, act)
    except BaseException:
        upload.folder(services).drop(document.id)
        raise
    if not ours:
        upload.folder(services).drop(document.id)
    return counts


def find(services: SigningServices, caller: Caller, request_id: str) -> tuple[ApiRequest, Document | None]:
    """A request of this application and its document, if it is still kept. Raises: ApiRefused("no_such_request")."""
    with services.base.db.read() as connection:
        request = api_requests.find(connection, request_id, caller.client_id)
        document = documents.find_any(connection, request.document_id) if request else None
    if request is None:
        raise ApiRefused(
            "no_such_request",
            vi="Ứng dụng của bạn không có yêu cầu ký này.",
            en="Your application has no such signature request.",
            status=404,
        )
    return request, document


def withdraw(services: SigningServices, caller: Caller, request_id: str) -> ApiRequest:
    """Take a request back before it is answered. Raises: ApiRefused: `no_such_request`, `already_answered` (409)."""
    request, _document = find(services, caller, request_id)
    if not end(services, request, RequestState.CANCELLED):
        raise ApiRefused(
            "already_answered",
            vi="Yêu cầu đã được trả lời hoặc đã hết hạn nên không rút lại được.",
            en="The request was answered or is over, so it cannot be withdrawn.",
            status=409,
        )
    return find(services, caller, request_id)[0]


def end(services: SigningServices, request: ApiRequest, state: RequestState) -> bool:
    """Decline or cancel: the document is deleted with it. False when it was answered before."""
    now = services.base.clock.now()
    owner = owner_of(request.id)
    with services.base.db.begin() as connection:
        moved = api_requests.move(connection, request.id, state, now=now, expires_at=request.expires_at)
        if moved:
            documents.remove(connection, request.document_id, owner)
            append(connection, services.base.clock, DocumentDeleted(request.document_id, owner, str(state)))
            append(connection, services.base.clock, RequestMoved(request.id, str(state)))
    if moved:
        upload.folder(services).drop(request.document_id)
    return moved


def signed_file(services: SigningServices, document: Document | None) -> Result:
    """The signed document. Raises: ApiRefused("not_ready"), 409."""
    if document is None or document.signed_sha256 is None:
        raise ApiRefused(
            "not_ready",
            vi="Văn bản chưa được ký. Hãy xem trạng thái của yêu cầu.",
            en="The document is not signed. Look at the state of the request.",
            status=409,
        )
    content = upload.folder(services).read(document.id, document.signed_sha256)
    return Result(FILE_TYPES[document.format].media_type, content)


def state_of(services: SigningServices, request: ApiRequest, document: Document | None) -> str:
    """waiting, accepted, signed, declined, cancelled, expired (nobody answered), or gone (no longer kept)."""
    if document is not None and document.state is DocumentState.SIGNED:
        return "signed"
    if request.state is RequestState.WAITING:
        return "waiting" if document is not None and request.expires_at > services.base.clock.now() else "expired"
    if request.state is RequestState.ACCEPTED:
        return "accepted" if document is not None else "gone"
    return str(request.state)


def described(services: SigningServices, request: ApiRequest, document: Document | None) -> str:
    """A request as its application sees it, JSON. Who signed is in the signed document, not here."""
    found: dict[str, Any] = {
        "id": request.id,
        "state": state_of(services, request, document),
        "document_digest": request.document_digest,
        "label": request.label,
        "approval": f"{services.base.base.issuer}/desk/offers/{request.id}",
        "created_at": request.created_at,
        "updated_at": max(request.updated_at, document.updated_at if document else 0),
        "expires_at": request.expires_at,
    }
    if document is not None and document.signed_sha256 is not None:
        found["result"] = {
            "href": f"/api/signatures/requests/{request.id}/document",
            "type": FILE_TYPES[document.format].media_type,
            "sha256": document.signed_sha256,
        }
        found["verification"] = address_of(services, code_of(services, document.id))
    return orjson.dumps(found).decode()


def _checked_digest(wanted: Wanted) -> str:
    """The digest of what arrived. Raises: ApiRefused("digest_differs"): not the one the application has in mind."""
    digest = hashlib.sha256(wanted.document).hexdigest()
    if wanted.digest and not hmac.compare_digest(wanted.digest.lower().encode(), digest.encode()):
        raise ApiRefused(
            "digest_differs",
            vi="Mã băm của văn bản nhận được khác với mã băm ghi trong yêu cầu. Hãy gửi lại văn bản.",
            en="The document that arrived has another digest than the request says. Send the document again.",
            status=422,
        )
    return digest


def _signer(services: SigningServices, wanted: Wanted) -> str:
    """The owner of the credential that is named; empty where a name is. Raises: ApiRefused."""
    if wanted.credential:
        try:
            return services.keys.credential(KeyHandle(wanted.credential)).owner
        except KeyRefused:
            raise ApiRefused(
                "unknown_credential",
                vi="Không có khóa ký này. Hãy hỏi lại người ký tên khóa của họ.",
                en="There is no such signing key. Ask the official for the name of theirs.",
                status=422,
            ) from None
    if not wanted.signer_name or not wanted.signer_organisation:
        raise ApiRefused(
            "no_signer",
            vi="Hãy nêu người ký: credential, hoặc signer_name cùng signer_organisation.",
            en="Name who is to sign: credential, or signer_name with signer_organisation.",
            status=422,
        )
    return ""


def _check_room(connection: Connection, services: SigningServices, caller: Caller) -> None:
    now = services.base.clock.now()
    waiting = api_requests.count_waiting(connection, caller.client_id, now)
    if waiting >= services.settings.api_requests_per_client:
        error = ApiRefused(
            "too_many_requests",
            vi="Ứng dụng của bạn có quá nhiều yêu cầu đang chờ ký. Hãy rút bớt hoặc đợi trả lời.",
            en="Too many requests of your application are waiting. Withdraw some, or wait for answers.",
            status=429,
        )
        error.retry_seconds = 60
        raise error


def _new_request(caller: Caller, wanted: Wanted, digest: str, owner: str, now: int, until: int) -> ApiRequest:
    return ApiRequest(
        id=new_id("srq"),
        client_id=caller.client_id,
        document_id=new_id("doc"),
        document_digest=digest,
        label=wanted.label,
        purpose=wanted.purpose,
        signer_owner=owner,
        signer_name=wanted.signer_name,
        signer_organisation=wanted.signer_organisation,
        signer_position=wanted.signer_position,
        credential=wanted.credential,
        state=RequestState.WAITING,
        created_at=now,
        updated_at=now,
        expires_at=until,
    )
