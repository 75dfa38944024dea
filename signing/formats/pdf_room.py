"""
Make room for a signature by our own reader and writer; what is not of the plain kind goes to the library's.

1. Follow the cross-references; find catalogue, page, form and its fields, each taken as it stands.
2. Write the signature field (which is its own widget) and the empty signature dictionary as new objects; page, form and
   catalogue again only where something in them changes.
3. One pass over the document gives both digests: of the upload, and, going on from there, of the signed ranges.
Source: ISO 32000-2 §7.5.6, §12.7.3, §12.8.1; EN 319 142-1 §6.3.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from base.clock import as_utc
from signing.errors import SignatureRefused
from signing.formats.base import PrepareRequest, Terms
from signing.formats.large import digest_of
from signing.formats.pdf_field import (
    FIELD_NAME,
    check_unsigned,
    empty_look,
    into_form,
    onto_page,
    page_of,
    version_needed,
)
from signing.formats.pdf_graph import Graph, Reference
from signing.formats.pdf_scan import Unusual
from signing.formats.pdf_text import text_string
from signing.formats.pdf_tokens import Document, TokenError
from signing.formats.pdf_update import Update
from signing.formats.signature_algorithms import algorithm_of

REST_ROOM = 1024
_TRANSFORM = b"<<\n/Type /SigRef\n/TransformMethod /%s\n%s/TransformParams << /Type /TransformParams /V /1.2 %s >>\n>>"
_SIGNATURE = b"\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached"


@dataclass(frozen=True, slots=True)
class Room:
    """
    What to append to the document, with an empty place in it.

    place:           (start, end) in bytes of the whole file, including the angle brackets.
    digest:          of everything but the place, with the hash of the algorithm. document_digest: SHA-256 of the
                     document, hexadecimal.
    """

    update: bytes
    place: tuple[int, int]
    digest: bytes
    document_digest: str


def room_for(request: PrepareRequest) -> int:
    """
    Bytes to keep for the CMS.

    Reckoned, not measured by a trial signature: certificates and signature as long as they can be, the time stamp, and
    1 KiB for the rest.
    """
    certificates = len(request.certificate) + sum(map(len, request.chain))
    return certificates + algorithm_of(request.algorithm).most_bytes + request.stamp_bytes + REST_ROOM


def make_room(document: Document, request: PrepareRequest) -> Room:
    """
    Append the signature field and the empty signature dictionary.

    Raises: DocumentRefused: no such page, a bad picture or box, or whatever the library's way finds wrong;
            SignatureRefused: terms that do not go together, or that the document does not permit.
    """
    check_terms_agree(request)
    try:
        update, place = plain_update(document, request)
    except (TokenError, zlib.error):
        from signing.formats.pdf_prepare import library_update  # the rest: libraries are loaded when they are needed
        from signing.formats.pdf_refusals import trapping_library_errors

        with trapping_library_errors():
            update, place = library_update(document[:], request)
    digest = digest_of("sha256", document)
    document_digest = digest.hexdigest()
    name = algorithm_of(request.algorithm).digest
    if name != digest.name:
        digest = digest_of(name, document)  # a second pass where the signed ranges go with another hash
    with memoryview(update) as view:
        digest.update(view[: place[0] - len(document)])
        digest.update(view[place[1] - len(document) :])
    return Room(update, place, digest.digest(), document_digest)


def check_terms_agree(request: PrepareRequest) -> None:
    """Raises: SignatureRefused("terms"): terms that do not exist."""
    terms = request.terms
    known = terms.locks is None or (
        terms.locks.action == "All" or (terms.locks.action in ("Include", "Exclude") and bool(terms.locks.fields))
    )
    if terms.certify not in (0, 1, 2, 3) or not known:
        raise SignatureRefused(
            "terms",
            vi="Yêu cầu ký không hợp lệ: mức chứng nhận là 1 đến 3; khóa ô thì khóa mọi ô, hoặc nêu tên ô.",
            en="These terms do not exist: a certification is 1 to 3, and a lock is of all fields, or of named ones.",
            status=422,
        )


def plain_update(document: Document, request: PrepareRequest) -> tuple[bytes, tuple[int, int]]:
    """
    The update and the place in it, by our own writer.

    Raises: Unusual, zlib.error: not of the plain kind; DocumentRefused: no such page, a bad picture or box;
            SignatureRefused: a certification of a signed document.
    """
    graph = Graph(document)
    root_at, root = graph.root()
    if b"Perms" in root or request.terms.field:
        raise Unusual("permissions, or a field that is there")
    page_at, page = page_of(graph, root, request.visible.page if request.visible else 1)
    update = Update(len(document), graph.sections, newline=document[-1:] not in (b"\n", b"\r"))
    field, signature = update.number(), update.number()
    in_root: dict[bytes, bytes | None] = version_needed(document, root)
    name = into_form(graph, root, update, field, in_root, FIELD_NAME)
    if request.terms.certify:
        check_unsigned(graph, root)
        in_root[b"Perms"] = b"<< /DocMDP %d 0 R >>" % signature
    if in_root:
        update.add(root_at[0], root.edited(in_root), root_at[1])
    onto_page(graph, page_at, page[0], update, field)
    rectangle, look = b"0 0 0 0", b"" if request.visible else empty_look(document, root, update)
    if request.visible:
        from signing.formats.pdf_picture import picture_of  # imaging is loaded when there is a picture

        rectangle, look = picture_of(graph, page, update, request.visible)
    update.add(
        field,
        b"<<\n/FT /Sig\n/T (%s)\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [%s]\n/P %d %d R%s\n/V %d 0 R\n>>"
        % (name, rectangle, *page_at, look, signature),
    )
    before = _SIGNATURE + _references(request.terms, root_at)
    update.reserve(signature, before, 2 * room_for(request), _words(request))
    return update.close()


def _references(terms: Terms, root: Reference) -> bytes:
    """/Reference: what the signature lays down for later revisions."""
    found = []
    if terms.certify:
        found.append(_TRANSFORM % (b"DocMDP", b"", b"/P %d" % terms.certify))
    if terms.locks is not None:
        names = b" ".join(map(text_string, terms.locks.fields))
        named = b" /Fields [%s]" % names if names else b""
        parameters = b"/Action /%s%s" % (terms.locks.action.encode(), named)
        found.append(_TRANSFORM % (b"FieldMDP", b"/Data %d %d R\n" % root, parameters))
    return b"\n/Reference [%s]" % b" ".join(found) if found else b""


def _words(request: PrepareRequest) -> bytes:
    """What the signature dictionary says of time, person, place and reason."""
    texts = ((b"Name", request.name), (b"Location", request.location), (b"Reason", request.reason))
    said = b"".join(b"\n/%s %s" % (key, text_string(text)) for key, text in texts if text)
    return b"\n/M (D:%sZ)%s" % (f"{as_utc(request.signing_time):%Y%m%d%H%M%S}".encode(), said)
