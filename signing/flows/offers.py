"""Documents that applications have put before an official: look at them, take one onto the desk, or decline it."""

from __future__ import annotations

from base.audit import append
from signing.errors import SigningError
from signing.events import RequestMoved
from signing.flows import upload
from signing.flows.api.requests import end, owner_of
from signing.services import SigningServices
from signing.store import api_requests, documents
from signing.store.api_requests import ApiRequest, RequestState
from signing.store.desk_sessions import DeskSession

MOST_SHOWN = 50


def waiting(services: SigningServices, session: DeskSession) -> list[ApiRequest]:
    """What waits for this official, oldest first."""
    with services.base.db.read() as connection:
        return api_requests.waiting_for(connection, session, services.base.clock.now(), MOST_SHOWN)


def find_offer(services: SigningServices, session: DeskSession, request_id: str) -> ApiRequest:
    """An offer to this official. Raises: SigningError("no_such_request"), 404, also for one that is somebody else's."""
    with services.base.db.read() as connection:
        found = api_requests.for_official(connection, request_id, session)
    if found is None:
        raise SigningError(
            "no_such_request",
            vi="Không có yêu cầu ký này cho bạn. Hãy kiểm tra bạn đã đăng nhập đúng tài khoản hay chưa.",
            en="There is no such signature request for you. Check that you are signed in with the right account.",
            status=404,
        )
    return found


def accept(services: SigningServices, session: DeskSession, request: ApiRequest) -> str:
    """
    Take the document onto the official's desk; nothing is signed by that. Returns the document's identifier.

    Raises: SigningError: `too_many_documents`; `already_answered` (409): by somebody else, withdrawn, or too late.
    """
    upload.check_quota(services, session)
    now = services.base.clock.now()
    until = now + services.settings.draft_retention_seconds
    with services.base.db.begin() as connection:
        if not api_requests.move(
            connection, request.id, RequestState.ACCEPTED, now=now, expires_at=request.expires_at
        ) or not documents.hand_over(
            connection, request.document_id, owner_of(request.id), session.owner, now=now, expires_at=until
        ):
            raise _answered()
        append(connection, services.base.clock, RequestMoved(request.id, "accepted"))
    document = upload.find_document(services, session, request.document_id)
    if document.pages:
        upload.place_by_name(services, session, document)
    return request.document_id


def decline(services: SigningServices, request: ApiRequest) -> None:
    """Say no; the document is deleted. Raises: SigningError("already_answered")."""
    if not end(services, request, RequestState.DECLINED):
        raise _answered()


def _answered() -> SigningError:
    return SigningError(
        "already_answered",
        vi="Yêu cầu này đã được trả lời, đã được rút lại hoặc đã hết hạn.",
        en="This request was answered, withdrawn or is over.",
        status=409,
    )
