"""
A time stamp over the whole document, and the store of validation data, each as an incremental update of its own.

By our own writer; what is not of the plain kind goes to the library's. Either changes as little as is allowed after a
signature: new objects, the catalogue, the form, and the list of annotations that the invisible field joins.
Source: EN 319 142-1 §5.4.2, §5.4.3; ISO 32000-2 §12.8.4.3, §12.8.5.
"""

from __future__ import annotations

import zlib

from signing.formats.base import Timestamper
from signing.formats.large import digest_of
from signing.formats.pdf_field import STAMP_NAME, empty_look, into_form, onto_page, page_of, version_needed
from signing.formats.pdf_graph import Graph
from signing.formats.pdf_scan import RawDictionary, reference
from signing.formats.pdf_store import KEYS, read_store
from signing.formats.pdf_tokens import Document, TokenError
from signing.formats.pdf_update import Update
from signing.formats.refusals import stamped
from signing.validation.signed import ValidationData

FIRST_ROOM = 8192
"""Bytes kept for a token at first; one that is larger gets the room it needs."""
_ROOM_TO_GROW = 512
_STAMP = b"\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161"
_ESIC = b"/ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >>"


def document_stamp(document: Document, timestamper: Timestamper, password: str = "") -> tuple[bytes, bytes]:
    """
    password: for a document that is encrypted.
    Returns: what to append to the document for a time stamp over all of it, and the token.

    Raises: SignatureRefused: no stamp came; DocumentRefused: the document cannot be extended. What the timestamper
            raises passes through.
    """
    room = FIRST_ROOM
    while True:
        update, (start, end) = _stamp_update(document, room, password)
        at = start - len(document)
        digest = digest_of("sha256", document)
        with memoryview(update) as view:
            digest.update(view[:at])
            digest.update(view[end - len(document) :])
        token = stamped(timestamper, digest.digest())
        if len(token) <= room:
            value = token.hex().upper().encode()
            return b"".join((update[: at + 1], value, update[at + 1 + len(value) :])), token
        room = len(token) + _ROOM_TO_GROW


def more_stored(document: Document, wanted: ValidationData, password: str = "") -> bytes:
    """
    What to append to the document for these values to be in its store, beside those that are there; nothing, if all
    are.

    password: for a document that is encrypted.
    Raises: DocumentRefused: it cannot be extended.
    """
    try:
        graph = Graph(document)
        known = {(one.kind, one.der) for one in read_store(graph).values}
        new = _missing(wanted, known)
        return _store_update(graph, new) if any(new) else b""
    except (TokenError, zlib.error):
        from signing.formats.pdf_library import library_store  # the rest: loaded when it is needed
        from signing.formats.pdf_refusals import trapping_library_errors

        with trapping_library_errors():
            whole = document[:]
            return library_store(whole, wanted, password)[len(whole) :]


def _missing(wanted: ValidationData, known: set[tuple[int, bytes]]) -> tuple[list[bytes], ...]:
    """Of each kind, what is not there yet."""
    kinds = (wanted.certificates, wanted.lists, wanted.answers)
    return tuple([der for der in dict.fromkeys(ders) if (kind, der) not in known] for kind, ders in enumerate(kinds))


def _stamp_update(document: Document, room: int, password: str) -> tuple[bytes, tuple[int, int]]:
    try:
        return _plain_stamp_update(document, room)
    except (TokenError, zlib.error):
        from signing.formats.pdf_library import library_stamp_update
        from signing.formats.pdf_refusals import trapping_library_errors

        with trapping_library_errors():
            return library_stamp_update(document[:], room, password)


def _plain_stamp_update(document: Document, room: int) -> tuple[bytes, tuple[int, int]]:
    graph = Graph(document)
    root_at, root = graph.root()
    page_at, page = page_of(graph, root, 1)
    update = _begin(document, graph)
    field, stamp = update.number(), update.number()
    in_root = _extended(graph, root, update) | version_needed(document, root)
    name = into_form(graph, root, update, field, in_root, STAMP_NAME)
    if in_root:
        update.add(root_at[0], root.edited(in_root), root_at[1])
    onto_page(graph, page_at, page[0], update, field)
    update.add(
        field,
        b"<<\n/FT /Sig\n/T (%s)\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [0 0 0 0]\n/P %d %d R%s\n/V %d 0 R\n>>"
        % (name, *page_at, empty_look(document, root, update), stamp),
    )
    update.reserve(stamp, _STAMP, 2 * room, b"")
    return update.close()


def _store_update(graph: Graph, new: tuple[list[bytes], ...]) -> bytes:
    root_at, root = graph.root()
    update = _begin(graph.document, graph)
    store = graph.child(root, b"DSS")
    changes: dict[bytes, bytes | None] = {}
    for key, ders in zip(KEYS, new, strict=True):
        if ders:
            listed = (store and graph.array_of(store, key)) or b"[]"
            added = b" ".join(b"%d 0 R" % update.add_stream(der) for der in ders)
            changes[key] = b"%s %s]" % (listed[:-1].rstrip(), added)
    in_root = _extended(graph, root, update) | version_needed(graph.document, root)
    at = reference(root.get(b"DSS"))
    if store is None:
        number = update.number()
        body = b"".join(b"\n/%s %s" % (key, value or b"") for key, value in changes.items())
        update.add(number, b"<<\n/Type /DSS%s\n>>" % body)
        in_root[b"DSS"] = b"%d 0 R" % number
    elif at:
        update.add(at[0], store.edited(changes), at[1])
    else:
        in_root[b"DSS"] = store.edited(changes)
    if in_root:
        update.add(root_at[0], root.edited(in_root), root_at[1])
    return update.close()[0]


def _begin(document: Document, graph: Graph) -> Update:
    return Update(len(document), graph.sections, newline=document[-1:] not in (b"\n", b"\r"))


def _extended(graph: Graph, root: RawDictionary, update: Update) -> dict[bytes, bytes | None]:
    """The developer extension that readers of PDF 1.7 know the store and the stamp by; for the catalogue."""
    extensions = graph.child(root, b"Extensions")
    if extensions is None:
        return {b"Extensions": b"<< %s >>" % _ESIC}
    if b"ESIC" in extensions:
        return {}
    edited = extensions.edited({b"ESIC": _ESIC[6:]})
    at = reference(root.get(b"Extensions"))
    if at is None:
        return {b"Extensions": edited}
    update.add(at[0], edited, at[1])
    return {}
