"""
Find every signature of a PDF, and say which bytes it covers and what came after it.

0. The one signature of an ordinary document is read by our own reader alone (pdf_single).
1. Open the file; if readers may have to repair it, nothing may have been appended after the signature.
2. For each filled signature field, read its dictionary a second time with our own reader: /Contents and /ByteRange once
   each, four numbers, the gap exactly the hexadecimal of /Contents, nothing else.
3. The signed bytes end with a whole revision, the one that brought the signature.
4. Whatever follows is well-formed revisions that both readers see alike (pdf_revisions).
5. Judge what those revisions changed (pdf_changes).
6. Time stamps over later revisions keep what came before them (pdf_keeping).
7. A /ByteRange in the file that no field leads to is reported as a signature that cannot be reached.
Source: ISO 32000-2 §12.8.1; EN 319 142-1 §5; signature-spoofing attacks USF, ISA and SWA (Mladenov et al., 2019).
"""

from __future__ import annotations

from dataclasses import replace

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from signing.formats.pdf_changes import ChangeJudge
from signing.formats.pdf_keeping import with_keeping
from signing.formats.pdf_objects import child, entry
from signing.formats.pdf_reader import open_reader
from signing.formats.pdf_refusals import refuse
from signing.formats.pdf_signature import PROBLEMS, RawSignature, Spoiled, read_signature
from signing.formats.pdf_single import locate_single
from signing.formats.pdf_store import store_of
from signing.formats.pdf_stray import stands_outside
from signing.formats.pdf_tail import Tail, read_tail
from signing.formats.pdf_tokens import Document
from signing.validation.located import (
    Changes,
    Coverage,
    LocatedSignature,
    Place,
    Problem,
    SignatureKind,
    SignedContent,
)

MOST_SIGNATURES = 200


def locate_signatures(document: bytes, password: str = "") -> list[LocatedSignature]:
    """All signatures, oldest first. Raises: DocumentRefused or any library error: the file cannot be read."""
    single = locate_single(document)
    return [single] if single else examine(document, password)


def locate_only(document: Document, password: str = "") -> list[LocatedSignature]:
    """The same, but what later revisions changed is left open (UNKNOWN): for that all of the file is read."""
    single = locate_single(document)
    return [single] if single else examine(document, password, judged=False)


def examine(document: Document, password: str = "", *, judged: bool = True) -> list[LocatedSignature]:
    """By both readers: for all documents but the most ordinary ones."""
    reader, sound = open_reader(document, password)
    found: list[RawSignature | Spoiled] = []
    for name, _value, reference in enumerate_sig_fields(reader, filled_status=True):
        if len(found) == MOST_SIGNATURES:
            raise refuse("pdf_broken", "too many signatures")
        found.append(read_signature(document, reader, str(name), reference))
    good = sorted((item for item in found if isinstance(item, RawSignature)), key=lambda item: item.end)
    spoiled = [item for item in found if isinstance(item, Spoiled)]
    tail = read_tail(document, reader, good)
    judge = ChangeJudge(reader) if judged else None
    described = [_describe(document, item, tail, judge, sound) for item in good]
    located = with_keeping(described, store_of(document, reader))
    located += [_unreadable(item.field, item.problem) for item in spoiled]
    if stands_outside(document, [(item.start, item.stop) for item in good], len(spoiled)):
        located.append(_unreadable("", PROBLEMS["unreachable"], _rights_of(reader)))
    return [replace(item, position=position) for position, item in enumerate(located, 1)]


def _describe(
    document: Document, raw: RawSignature, tail: Tail, judge: ChangeJudge | None, sound: bool
) -> LocatedSignature:
    problems = tuple(dict.fromkeys((*raw.problems, *tail.problems_of(raw))))
    whole = raw.end == len(document)
    notes: tuple[Problem, ...] = ()
    if not sound:
        # a file that readers may have to repair can be signed as it is, but nothing may follow
        notes = (PROBLEMS["lenient"],)
        if not whole:
            problems = (*problems, PROBLEMS["lenient"])
    things: tuple[str, ...]
    if problems:
        coverage, changes, things = Coverage.PARTIAL, Changes.UNKNOWN, ()
    elif whole:
        coverage, changes, things = Coverage.WHOLE_FILE, Changes.NONE, ()
    elif judge is None:
        coverage, changes, things = Coverage.WHOLE_REVISION, Changes.UNKNOWN, ()
    else:
        judged = judge.since(raw.revision, raw.locks)
        coverage, changes, things = Coverage.WHOLE_REVISION, judged.changes, judged.things
    return LocatedSignature(
        format="PAdES",
        position=0,
        field=raw.field,
        kind=raw.kind,
        profile=raw.subfilter,
        cms=raw.cms,
        content=SignedContent(Place.RANGES, raw.ranges),
        coverage=coverage,
        changes_after=changes,
        changed_things=things,
        claimed_time=raw.claimed_time,
        reason=raw.reason,
        location=raw.location,
        certified=raw.locks.permission is not None,
        problems=problems,
        notes=notes,
    )


def _rights_of(reader: PdfFileReader) -> str:
    """Names the usage rights that a document carries: a signature of a vendor for its own reader, and nobody's else."""
    permissions = child(reader.root, "/Perms")
    return next((f"PDF usage rights {key}" for key in ("/UR3", "/UR") if entry(permissions, key) is not None), "")


def _unreadable(field: str, problem: Problem, other: str = "") -> LocatedSignature:
    return LocatedSignature(
        format="PAdES",
        position=0,
        field=field,
        kind=SignatureKind.SIGNATURE,
        profile="",
        cms=b"",
        content=SignedContent(Place.ABSENT),
        coverage=Coverage.UNKNOWN,
        changes_after=Changes.UNKNOWN,
        other=other,
        problems=() if other else (problem,),
    )
