"""
One signature dictionary, read with our own reader and checked to be exactly what a signature may look like.

Source: ISO 32000-2 Table 255, §12.8.1; EN 319 142-1 §5.2, §6.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import parse_pdf_date
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from base.texts import Text
from signing.formats.pdf_changes import Locks
from signing.formats.pdf_contents import read_contents
from signing.formats.pdf_objects import child, entry, items
from signing.formats.pdf_revisions import end_of_signed_revision
from signing.formats.pdf_tokens import Dictionary, Document, IndirectObject, TokenError, read_object
from signing.validation.located import Problem, SignatureKind


def _problem(code: str, vi: str, en: str) -> tuple[str, Problem]:
    return code, Problem(code, Text(vi, en))


PROBLEMS = dict(
    (
        _problem(
            "dictionary",
            "Cấu trúc chữ ký trong tệp không đọc được hoặc không rõ ràng.",
            "The signature dictionary in the file cannot be read or is ambiguous.",
        ),
        _problem("byte_range", "Vùng dữ liệu được ký khai báo sai.", "The signed byte range is malformed."),
        _problem(
            "gap",
            "Phần không được ký lớn hơn hoặc khác với chỗ của chữ ký.",
            "The unsigned gap is larger than, or elsewhere than, the signature value.",
        ),
        _problem("contents", "Giá trị chữ ký không đúng dạng.", "The signature value is malformed."),
        _problem("contents_empty", "Ô chữ ký trống, chưa có chữ ký.", "The signature value is empty."),
        _problem(
            "signed_end",
            "Phần được ký không kết thúc ở một phiên bản trọn vẹn của văn bản.",
            "The signed bytes do not end with a whole revision of the document.",
        ),
        _problem(
            "replaced",
            "Dữ liệu mô tả chữ ký đã bị thay đổi sau khi ký.",
            "The signature dictionary was replaced after signing.",
        ),
        _problem(
            "appended",
            "Có dữ liệu thêm vào sau khi ký mà không phải là một phiên bản đúng chuẩn.",
            "Bytes were added after signing that are not a well-formed revision.",
        ),
        _problem(
            "unreachable",
            "Tệp có một chữ ký mà văn bản không còn dẫn tới.",
            "The file holds a signature that the document no longer leads to.",
        ),
        _problem(
            "lenient",
            "Cấu trúc tệp PDF không đúng chuẩn; các phần mềm có thể đọc khác nhau.",
            "The structure of the PDF does not follow the standard; programs may read it differently.",
        ),
    )
)


NO_CMS = frozenset(("adbe.x509.rsa_sha1",))
"""Kinds whose value is something else; they are not read (checks/format.py)."""


@dataclass(frozen=True, slots=True)
class RawSignature:
    """
    A signature dictionary that could be read; start and stop are the offsets of its object, end that of the signed
    bytes.
    """

    field: str
    kind: SignatureKind
    subfilter: str
    cms: bytes
    ranges: tuple[tuple[int, int], ...]
    start: int
    stop: int
    end: int
    startxref: int | None
    revision: int
    locks: Locks
    claimed_time: int | None
    reason: str
    location: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A filled signature field whose dictionary cannot be read at all."""

    field: str
    problem: Problem


def read_signature(
    document: Document, reader: PdfFileReader, field: str, reference: generic.IndirectObject
) -> RawSignature | Spoiled:
    """Read one signature; whatever is wrong with it becomes a problem, never an exception."""
    try:
        return _read(document, reader, field, reference)
    except MemoryError:
        raise
    except (Exception, RecursionError):  # hostile dictionaries make the library raise almost anything
        return Spoiled(field, PROBLEMS["dictionary"])


def _read(document: Document, reader: PdfFileReader, field: str, reference: generic.IndirectObject) -> RawSignature:
    field_object = reference.get_object()
    value = field_object.raw_get("/V")
    offset = reader.xrefs[value.reference]
    if not isinstance(offset, int):
        raise TokenError("the signature dictionary is not a plain object")
    mine = read_object(document, offset)
    entries = mine.value
    if not isinstance(entries, Dictionary) or (mine.number, mine.generation) != (value.idnum, value.generation):
        raise TokenError("the signature is not a dictionary")
    theirs = value.get_object()
    ranges, problems = _check_range(document, mine, entries)
    end = sum(ranges[1])
    startxref: int | None = None
    try:
        startxref = end_of_signed_revision(document, end)
    except TokenError:
        problems.append(PROBLEMS["signed_end"])
    cms, trouble = read_contents(document[ranges[0][1] : ranges[1][0]])
    subfilter = str(entries.value("SubFilter") or "")
    if trouble and subfilter not in NO_CMS:
        problems.append(PROBLEMS[trouble])
    return RawSignature(
        field=field,
        kind=_kind(entries),
        subfilter=subfilter,
        cms=cms,
        ranges=ranges,
        start=mine.start,
        stop=mine.end,
        end=end,
        startxref=startxref,
        revision=reader.xrefs.get_last_change(value.reference),
        locks=_locks(theirs, field_object),
        claimed_time=_claimed_time(theirs),
        reason=_text(theirs, "/Reason"),
        location=_text(theirs, "/Location"),
        problems=tuple(problems),
    )


def _check_range(
    document: Document, mine: IndirectObject, entries: Dictionary
) -> tuple[tuple[tuple[int, int], tuple[int, int]], list[Problem]]:
    """The two signed ranges. Raises: TokenError: not four sensible numbers (there is nothing to digest then)."""
    byte_range, contents = entries.one("ByteRange"), entries.one("Contents")
    if byte_range is None or contents is None or not isinstance(byte_range.value, list):
        raise TokenError("no byte range or no contents")
    numbers = byte_range.value
    if len(numbers) != 4 or not all(type(number) is int for number in numbers):
        raise TokenError("the byte range is not four numbers")
    start1, length1, start2, length2 = numbers
    problems: list[Problem] = []
    if start1 != 0 or length1 <= 0 or length2 <= 0 or start2 <= length1 or start2 + length2 > len(document):
        raise TokenError("the byte range does not lie in the file")
    if (contents.start, contents.end) != (length1, start2) or not mine.start < length1 < start2 < mine.end:
        problems.append(PROBLEMS["gap"])
    return ((0, length1), (start2, length2)), problems


def _kind(entries: Dictionary) -> SignatureKind:
    stamp = entries.value("Type") == "DocTimeStamp" or entries.value("SubFilter") == "ETSI.RFC3161"
    return SignatureKind.DOCUMENT_TIMESTAMP if stamp else SignatureKind.SIGNATURE


def _locks(signature: generic.DictionaryObject, field: generic.DictionaryObject) -> Locks:
    permission: MDPPerm | None = None
    fields: FieldMDPSpec | None = None
    for transform in items(signature, "/Reference"):
        parameters = child(transform, "/TransformParams")
        if entry(transform, "/TransformMethod") == "/DocMDP":
            permission = MDPPerm(entry(parameters, "/P") or 2)
        elif entry(transform, "/TransformMethod") == "/FieldMDP":
            fields = FieldMDPSpec.from_pdf_object(parameters)
    lock = entry(child(field, "/Lock"), "/P")
    if permission is None and lock is not None:
        permission = MDPPerm(lock)
    return Locks(permission, fields)


def _claimed_time(signature: generic.DictionaryObject) -> int | None:
    try:
        moment = parse_pdf_date(signature["/M"])
        return int(moment.timestamp()) if moment.tzinfo is not None else None
    except MemoryError:
        raise
    except Exception:  # a date that cannot be read is as good as none; it proves nothing anyway
        return None


def _text(signature: generic.DictionaryObject, key: str) -> str:
    value = entry(signature, key)
    return str(value)[:500] if isinstance(value, (str, generic.TextStringObject)) else ""
