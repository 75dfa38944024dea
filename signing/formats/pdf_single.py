"""
A document with one signature, over all of it, read by our own reader alone.

It finds what pdf_locate finds, or nothing: whatever is the least unusual (a second signature, bytes after the signed
ones, locks, nested fields, any defect) is left to the whole examination with both readers. So it can only be as strict.

1. Every object of every revision stands where the cross-references say.
2. Exactly one form field is filled, with a signature dictionary of the newest revision.
3. /ByteRange: from the first byte of the file to the last, with a gap that is exactly the value of /Contents.
4. No other byte range stands anywhere.
Source: ISO 32000-2 §12.7.5.5, §12.8.1; EN 319 142-1 §5; Mladenov et al. (2019).
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime

from signing.formats.pdf_contents import read_contents
from signing.formats.pdf_graph import Graph, Reference
from signing.formats.pdf_revisions import end_of_signed_revision
from signing.formats.pdf_scan import OBJECT, RawDictionary, Unusual, reference, references, value_spans
from signing.formats.pdf_sound import check_places, compressed_spans
from signing.formats.pdf_stray import stands_outside
from signing.formats.pdf_text import read_text
from signing.formats.pdf_tokens import Document, TokenError, skip_space
from signing.formats.pdf_xref import find
from signing.validation.located import Changes, Coverage, LocatedSignature, Place, SignatureKind, SignedContent
from signing.validation.signed import ValidationData

_BLANKS = rb"[\x00\t\n\x0c\r ]"
_RANGE = re.compile(
    rb"\["
    + _BLANKS
    + rb"*0"
    + _BLANKS
    + rb"+(\d{1,12})"
    + _BLANKS
    + rb"+(\d{1,12})"
    + _BLANKS
    + rb"+(\d{1,12})"
    + _BLANKS
    + rb"*\]"
)
_DATE = re.compile(r"D:(\d{14})(?:Z|([+-]\d\d)'(\d\d)'?)")
NO_DATA = ValidationData()
_PLAIN = re.compile(r"[ -~]*")


def locate_single(document: Document) -> LocatedSignature | None:
    """The one signature of a document where all is as it should be, else None. Raises nothing."""
    try:
        return _locate(Graph(document))
    except (TokenError, zlib.error, IndexError):  # IndexError: there is no page
        return None


def _locate(graph: Graph) -> LocatedSignature:
    _at, root = graph.root()
    if b"Perms" in root or b"DSS" in root:
        raise Unusual("permissions, or data for validation")
    graph.page(root, 1)
    name, at = _filled(graph, root)
    start, spans, stop = _signature(graph, at)
    document = graph.document
    said = {key: document[begin:end] for key, (begin, end) in spans.items() if key != b"Contents"}
    if b"Reference" in said:
        raise Unusual("a signature that locks something")
    first, second = _check_range(graph, said.get(b"ByteRange", b""), spans.get(b"Contents"), (start, stop))
    cms, trouble = read_contents(document[first:second])
    if trouble:
        raise Unusual(trouble)
    if end_of_signed_revision(document, len(document)) != graph.sections.startxref:
        raise Unusual("the end is not that of the newest revision")
    places = check_places(graph)
    if stands_outside(document, [(start, stop)], 0, compressed_spans(graph, places)):
        raise Unusual("a byte range elsewhere")
    stamp = said.get(b"Type") == b"/DocTimeStamp" or said.get(b"SubFilter") == b"/ETSI.RFC3161"
    return LocatedSignature(
        format="PAdES",
        position=1,
        field=name,
        kind=SignatureKind.DOCUMENT_TIMESTAMP if stamp else SignatureKind.SIGNATURE,
        profile=_name(said.get(b"SubFilter")),
        cms=cms,
        content=SignedContent(Place.RANGES, ((0, first), (second, len(document) - second))),
        coverage=Coverage.WHOLE_FILE,
        changes_after=Changes.NONE,
        claimed_time=_time(said.get(b"M")),
        reason=_text(said.get(b"Reason")),
        location=_text(said.get(b"Location")),
        store=NO_DATA,
    )


def _filled(graph: Graph, root: RawDictionary) -> tuple[str, Reference]:
    """Name and signature of the one filled signature field of a flat form."""
    form = graph.child(root, b"AcroForm")
    fields = references(graph.array_of(form, b"Fields") or b"[]") if form else []
    filled: list[tuple[str, Reference]] = []
    if len(set(fields)) != len(fields):
        raise Unusual("one field twice")
    for at in fields:
        field = graph.dictionary(at)
        if b"Kids" in field or b"Parent" in field or field.get(b"FT") is None:
            raise Unusual("fields in a tree")
        if field.get(b"FT") != b"/Sig" or field.get(b"V") is None:
            continue
        value = reference(field.get(b"V"))
        if value is None or b"Lock" in field or b"T" not in field:
            raise Unusual("a signature of another kind")
        filled.append((_text(field.get(b"T")), value))
    if len(filled) != 1:
        raise Unusual("not one signature")
    return filled[0]


def _signature(graph: Graph, at: Reference) -> tuple[int, dict[bytes, tuple[int, int]], int]:
    """Where the signature dictionary begins, where its values are, and where its object ends."""
    newest = graph.sections.chain[0]
    if not any(part.first <= at[0] < part.first + part.entries for part in newest.parts):
        raise Unusual("a signature of an earlier revision")
    place = find(graph.sections, graph.document, at[0])
    header = OBJECT.match(graph.document, place.offset) if place and place.nth is None else None
    if place is None or header is None or (int(header[1]), int(header[2])) != at or place.generation != at[1]:
        raise Unusual("the signature dictionary is elsewhere")
    spans, end = value_spans(graph.document, header.end(), graph.budget)
    end = skip_space(graph.document, end)
    if graph.document[end : end + 6] != b"endobj":
        raise Unusual("the signature is not a dictionary")
    return place.offset, spans, end + 6


def _check_range(
    graph: Graph, value: bytes, contents: tuple[int, int] | None, whole: tuple[int, int]
) -> tuple[int, int]:
    """Begin and end of the gap."""
    found = _RANGE.fullmatch(value)
    if found is None or contents is None:
        raise Unusual("no byte range or no contents")
    first, second, length = int(found[1]), int(found[2]), int(found[3])
    if contents != (first, second) or not whole[0] < first < second < whole[1]:
        raise Unusual("the gap is not the contents")
    if second + length != len(graph.document):
        raise Unusual("not the whole file")
    return first, second


def _name(value: bytes | None) -> str:
    if value is None:
        return ""
    if not value.startswith(b"/") or b"#" in value:
        raise Unusual("a plain name expected")
    return value[1:].decode("latin-1")


def _text(value: bytes | None) -> str:
    """A text string, where it says the same in every encoding that readers assume."""
    if value is None:
        return ""
    text = read_text(value)
    if not _PLAIN.fullmatch(text) and not value.upper().startswith(b"<FEFF"):
        raise Unusual("text in an encoding of its own")
    return text[:500]


def _time(value: bytes | None) -> int | None:
    if value is None:
        return None
    found = _DATE.fullmatch(read_text(value))
    if found is None:
        raise Unusual("a date of another form")
    try:
        zone = f"{found[2]}{found[3]}" if found[2] else "+0000"
        return int(datetime.strptime(found[1] + zone, "%Y%m%d%H%M%S%z").timestamp())
    except (ValueError, OverflowError) as error:
        raise Unusual("a date that is none") from error
