"""What stands after the oldest signature's bytes, read by our own reader and compared with what the library read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionData

from signing.formats.pdf_revisions import Revision, read_appended
from signing.formats.pdf_signature import PROBLEMS, RawSignature
from signing.formats.pdf_tokens import Document, TokenError
from signing.validation.located import Problem


@dataclass(frozen=True, slots=True)
class Tail:
    """Where revisions end, their startxref → number in the library's count, and whether the tail is sound."""

    ends: frozenset[int]
    revision_of: dict[int, int]
    sound: bool

    def problems_of(self, signature: RawSignature) -> tuple[Problem, ...]:
        """Problems of the tail that touch this signature."""
        problems = []
        if not self.sound:
            problems.append(PROBLEMS["appended"])
        elif signature.end not in self.ends:
            problems.append(PROBLEMS["signed_end"])
        signed = self.revision_of.get(signature.startxref if signature.startxref is not None else -1)
        if signed is None:
            problems.append(PROBLEMS["signed_end"])
        elif signature.revision != signed:
            problems.append(PROBLEMS["replaced"])
        return tuple(problems)


def read_tail(document: Document, reader: PdfFileReader, signatures: Sequence[RawSignature]) -> Tail:
    """Read from the end of the oldest signature to the end of the file; `signatures` are in order of their ends."""
    xrefs = reader.xrefs
    revision_of = {xrefs.get_startxref_for_revision(number): number for number in range(xrefs.total_revisions)}
    oldest = next((signature for signature in signatures if signature.startxref is not None), None)
    if oldest is None or oldest.startxref is None:
        return Tail(frozenset(), revision_of, sound=not signatures)
    try:
        revisions = read_appended(document, oldest.end, oldest.startxref, _resolver(reader))
        sound = _alike(reader, revisions)
    except TokenError:
        return Tail(frozenset(), revision_of, sound=False)
    ends = frozenset((oldest.end, *(revision.end for revision in revisions)))
    return Tail(ends, revision_of, sound)


def _resolver(reader: PdfFileReader) -> Callable[[int], int]:
    def resolve(number: int) -> int:
        try:
            value = reader.get_object(generic.Reference(number, 0, reader))
        except MemoryError:
            raise
        except Exception as error:  # any failure means the length is unknown, and then nothing is accepted
            raise TokenError(f"length object {number} cannot be read") from error
        if not isinstance(value, int):
            raise TokenError(f"length object {number} is no number")
        return int(value)

    return resolve


def _alike(reader: PdfFileReader, revisions: list[Revision]) -> bool:
    """Whether the library saw exactly these revisions, each with exactly these objects in these places."""
    xrefs = reader.xrefs
    first = xrefs.total_revisions - len(revisions)
    highest = max((_highest(xrefs.get_xref_data(number)) for number in range(first)), default=0)
    for number, revision in enumerate(revisions, first):
        if number < 1 or xrefs.get_startxref_for_revision(number) != revision.startxref:
            return False
        data = xrefs.get_xref_data(number)
        seen = {(key, generation): offset for key, (generation, offset) in data.standard_xrefs.items()}
        held = dict(revision.objects)
        if revision.stream is not None:
            seen.pop(revision.stream, None)  # a cross-reference stream may or may not list itself
            held.pop(revision.stream, None)
        if seen != held or not {(stream, 0) for stream in data.obj_streams_used} <= held.keys():
            return False
        if not held and not data.freed:
            return False
        highest = max(highest, _highest(data))
        if revision.size <= highest:
            return False  # some readers drop the objects from /Size on, and with them pages
    return True


def _highest(data: XRefSectionData) -> int:
    """The highest number of an object that a cross-reference section lists as in use."""
    return max((*data.standard_xrefs, *data.xrefs_in_objstm), default=0)
