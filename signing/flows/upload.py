"""Taking in a document: judged by content, kept byte for byte, its name only a label."""

from __future__ import annotations

from dataclasses import dataclass

from base.audit import append
from base.ids import new_id
from signing.errors import DocumentRefused, SigningError
from signing.events import DocumentDeleted, DocumentReceived, DocumentTurnedAway
from signing.flows.label import clean_label
from signing.flows.ways import Taken, judge
from signing.formats.choice import formats_for
from signing.preview.child import find_name
from signing.preview.placement import NameSpot, Placement, Way, choose_place, find_place
from signing.services import SigningServices
from signing.store import documents
from signing.store.desk_sessions import DeskSession
from signing.store.documents import Document, DocumentState
from signing.store.files import DocumentFolder


@dataclass(frozen=True, slots=True)
class Upload:
    """What came in: the name the browser sent and the bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """What the official chose in the form, not yet judged."""

    page: int
    across: str
    down: str


def folder(services: SigningServices) -> DocumentFolder:
    """Where document bytes are kept."""
    return DocumentFolder(services.base.base.data_dir)


def receive(services: SigningServices, session: DeskSession, upload: Upload) -> str:
    """
    Take in a file. Returns its identifier.

    Raises: SigningError: what ways.judge() finds, `too_many_documents`, `storage_full`; the refusal is audited.

    1. Gather: quota, what kind of file it is, in a PDF the place of the signer's name. Heavy work passes the gate.
    2. Act: bytes to the disk first, then row and event in one transaction; a failure there takes the bytes away.
    """
    label = clean_label(upload.name)
    try:
        check_quota(services, session)
        with services.preview_gate.enter():
            taken = judge(services, upload.content, label)
    except SigningError as error:
        with services.base.db.begin() as connection:
            append(connection, services.base.clock, DocumentTurnedAway(session.owner, error.code))
        raise
    document_id = new_id("doc")
    digest = folder(services).keep(document_id, upload.content)
    try:
        place = _first_place(services, document_id, digest, session, taken)
        now = services.base.clock.now()
        document = Document(
            id=document_id,
            owner=session.owner,
            label=label,
            sha256=digest,
            size=len(upload.content),
            sizes=taken.sizes,
            signatures=taken.signatures,
            state=DocumentState.RECEIVED,
            placement=place,
            format=taken.format,
            signed_sha256=None,
            signed_size=None,
            created_at=now,
            updated_at=now,
            expires_at=now + services.settings.draft_retention_seconds,
        )
        _add(services, document)
    except BaseException:
        folder(services).drop(document_id)
        raise
    return document_id


def move_signature(services: SigningServices, session: DeskSession, document: Document, to: Place) -> None:
    """Put the visible signature where the official chose. Raises: SigningError("bad_place")."""
    _place(services, session, document, choose_place(to.page, to.across, to.down, document.sizes))


def hide_signature(services: SigningServices, session: DeskSession, document: Document) -> None:
    """No picture on the page; the electronic signature is the same."""
    _place(services, session, document, Placement(Way.NONE))


def place_by_name(services: SigningServices, session: DeskSession, document: Document) -> None:
    """Back to the place above the signer's name."""
    spot = _name_spot(services, document.id, document.sha256, session)
    _place(services, session, document, find_place(spot, document.sizes))


def choose_format(services: SigningServices, session: DeskSession, document: Document, name: str) -> None:
    """
    Another of the formats that the file can be signed in.

    Raises: SigningError: `bad_format`; `already_asked` (409): an approval is on its way, or it is signed.
    """
    if name not in formats_for(folder(services).read(document.id, document.sha256)):
        raise SigningError(
            "bad_format",
            vi="Tệp này không ký được theo dạng đó.",
            en="This file cannot be signed in that format.",
            status=422,
        )
    with services.base.db.begin() as connection:
        if not documents.choose_format(connection, document.id, session.owner, name, now=services.base.clock.now()):
            raise SigningError(
                "already_asked",
                vi="Văn bản đang được ký hoặc đã ký nên không đổi được dạng chữ ký.",
                en="The document is being signed or is signed, so the format cannot be changed.",
                status=409,
            )


def find_document(services: SigningServices, session: DeskSession, document_id: str) -> Document:
    """The official's own document. Raises: SigningError("no_such_document")."""
    with services.base.db.read() as connection:
        document = documents.find(connection, document_id, session.owner)
    if document is None:
        raise SigningError(
            "no_such_document",
            vi="Không có văn bản này trên bàn ký của bạn. Văn bản có thể đã hết hạn lưu và được xóa.",
            en="There is no such document on your desk. It may have expired and been deleted.",
            status=404,
        )
    return document


def delete(services: SigningServices, session: DeskSession, document_id: str) -> bool:
    """Delete an official's own document; evidence of a signature stays."""
    with services.base.db.begin() as connection:
        gone = documents.remove(connection, document_id, session.owner)
        if gone:
            append(connection, services.base.clock, DocumentDeleted(document_id, session.owner, "owner"))
    if gone:
        folder(services).drop(document_id)
    return gone


def check_quota(services: SigningServices, session: DeskSession) -> None:
    """Raises: DocumentRefused("too_many_documents")."""
    with services.base.db.read() as connection:
        kept = documents.count(connection, session.owner)
    if kept >= services.settings.document_quota:
        raise DocumentRefused(
            "too_many_documents",
            vi=f"Bàn ký của bạn đang giữ {kept} văn bản. Hãy xóa bớt văn bản cũ rồi tải lên lại.",
            en=f"Your desk holds {kept} documents. Delete old ones, then upload again.",
            status=409,
        )


def _first_place(
    services: SigningServices, document_id: str, digest: str, session: DeskSession, taken: Taken
) -> Placement:
    """Above the signer's name; a file without pages has no place for a picture."""
    if not taken.sizes:
        return Placement(Way.NONE)
    return find_place(_name_spot(services, document_id, digest, session), taken.sizes)


def _name_spot(services: SigningServices, document_id: str, digest: str, session: DeskSession) -> NameSpot | None:
    """Where the signer's name stands. A document whose text cannot be read is not refused: the corner is used."""
    try:
        with services.preview_gate.enter():
            return find_name(folder(services).path(document_id, digest), session.signer.full_name)
    except SigningError:
        return None


def _add(services: SigningServices, document: Document) -> None:
    event = DocumentReceived(document.id, document.owner, document.sha256, document.size, document.pages)
    with services.base.db.begin() as connection:
        documents.add(connection, document)
        append(connection, services.base.clock, event)


def _place(services: SigningServices, session: DeskSession, document: Document, placement: Placement) -> None:
    with services.base.db.begin() as connection:
        documents.place(connection, document.id, session.owner, placement, now=services.base.clock.now())
