"""
Find every signature in an XML file, and whoever countersigned it.

Wherever a Signature element stands it is located and judged: in the document, beside others, inside an Object. A
counter-signature is one only where it belongs, in the unsigned properties of the signature whose value it signs.
Source: XMLDSig 1.1 §2; EN 319 132-1 §4.3, §5.2.7 (counter-signatures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from base.texts import Text
from signing.errors import DocumentRefused
from signing.formats.refusals import other_kind
from signing.formats.xades_coverage import Covered, coverage_of
from signing.formats.xades_parts import Parts, open_signature
from signing.formats.xades_read import PLAIN_PROFILE, XADES_PROFILE, Read, read_signature
from signing.formats.xades_references import Contents, Resolved, contents_among, contents_of, outside, resolve_all
from signing.formats.xades_values import COUNTER, Brought, brought_by_signature
from signing.formats.xml_document import XmlBroken, XmlDocument, XmlOther
from signing.formats.xml_words import COUNTERSIGNED, SIGNATURE
from signing.validation.cms_parts import MOST_COUNTER_DEPTH, MOST_SIGNERS
from signing.validation.located import (
    ALONE,
    Beside,
    Changes,
    Coverage,
    LocatedSignature,
    Place,
    Problem,
    SignatureKind,
    SignedContent,
)

_BROKEN = Text(
    "Chữ ký XML bị hỏng, mập mờ hoặc không đúng chuẩn.",
    "The XML signature is damaged, ambiguous or does not follow the standard.",
)
_COMMENTS = etree.XPath("boolean(//comment())")


@dataclass(frozen=True, slots=True)
class Found:
    """
    One Signature element. path: as in cms_parts.signer_at. above: the signature it countersigns.

    parts: None if it is broken, or of another kind (other); `why` says so.
    """

    element: Any = field(repr=False)
    path: tuple[int, ...]
    parts: Parts | None = field(repr=False)
    above: Found | None = field(default=None, repr=False)
    why: str = ""
    other: bool = False


def locate_signatures(raw: bytes, beside: Beside) -> list[LocatedSignature]:
    """Every signature of a file; content outside is what came beside it. Raises: DocumentRefused."""
    document = opened(raw)
    found = find_all(document)
    several = any(sum(map(outside, item.parts.references)) > 1 for item in found if item.parts)
    contents = contents_of(ALONE if several else beside)  # one file cannot be two
    return [_describe(document, one, number, contents) for number, one in enumerate(found, 1)]


def locate_among(raw: bytes, files: Mapping[str, bytes]) -> list[LocatedSignature]:
    """The same for a container: content outside is among the files, by name. Raises: DocumentRefused."""
    document = opened(raw)
    contents = contents_among(files)
    return [_describe(document, one, number, contents) for number, one in enumerate(find_all(document), 1)]


def opened(raw: bytes) -> XmlDocument:
    """Raises: DocumentRefused: not XML that we read, or too many signatures in it."""
    try:
        document = XmlDocument(raw)
    except XmlOther as error:
        raise other_kind(str(error)) from error
    except XmlBroken as error:
        raise _refused(str(error)) from error
    if len(document.signatures) > MOST_SIGNERS:
        raise _refused("too many signatures")
    return document


def find_all(document: XmlDocument) -> list[Found]:
    """Every signature in the order of the file, each followed by its counter-signatures."""
    found: list[Found] = []
    seen: set[Any] = set()

    def visit(element: Any, path: tuple[int, ...], above: Found | None) -> None:
        seen.add(element)
        try:
            if len(path) > MOST_COUNTER_DEPTH:
                raise XmlBroken("counter-signatures too deep")
            one = Found(element, path, open_signature(element), above)
        except XmlBroken as error:
            one = Found(element, path, None, above, str(error), isinstance(error, XmlOther))
        parts = one.parts
        found.append(one)
        counters = [holder for holder in (parts.unsigned if parts else ()) if holder.tag == COUNTER]
        for number, holder in enumerate(counters):
            if len(holder) == 1 and holder[0].tag == SIGNATURE:
                visit(holder[0], (*path, number), one)

    top = 0
    for element in document.signatures:
        if element not in seen:
            visit(element, (top,), None)
            top += 1
    return found


def _describe(document: XmlDocument, found: Found, position: int, contents: Contents) -> LocatedSignature:
    try:
        if found.parts is None:
            raise (XmlOther if found.other else XmlBroken)(found.why)
        if found.parts.older:
            raise XmlOther("XAdES < 1.3.2")
        resolved = resolve_all(document, found.parts, contents)
        _check_counter(found, resolved)
        read = read_signature(document, found.parts, resolved, _around(found))
        covered = coverage_of(document, found.parts, resolved, counter=found.above is not None)
    except XmlOther as error:
        return _unread(found, position, other=str(error))
    except XmlBroken as error:
        return _unread(found, position, Problem(f"xml: {error}", _BROKEN))
    return LocatedSignature(
        format=read.profile,
        position=position,
        field=number_of(found.path),
        kind=SignatureKind.SIGNATURE,
        profile=read.profile,
        cms=b"",
        signer=found.path,
        own=read.own,
        content=covered.content,
        coverage=covered.coverage,
        covered=covered.names,
        left_out=covered.left,
        changes_after=Changes.NONE,
        claimed_time=read.own.signing_time if read.profile == PLAIN_PROFILE else None,
        location=read.place,
        notes=_notes(document, read, covered),
    )


def number_of(path: tuple[int, ...]) -> str:
    """As people count: `2.1` is the first who countersigned the second signature."""
    return ".".join(str(step + 1) for step in path)


def _around(found: Found) -> Brought | None:
    parts = found.above.parts if found.above else None
    return brought_by_signature(parts) if parts else None


def _check_counter(found: Found, resolved: list[Resolved]) -> None:
    """A counter-signature signs the value of the signature it stands in, and nothing else."""
    typed = [one for one in resolved if one.kind == COUNTERSIGNED]
    if found.above is None:
        if typed:
            raise XmlBroken("a counter-signature that is not where it belongs")
        return
    data = [one for one in resolved if not one.properties]
    value = found.above.parts.value if found.above.parts else None
    if len(data) != 1 or data[0].node is not value or data[0].enveloped:
        raise XmlBroken("a counter-signature over something else than the signature it stands in")


def _notes(document: XmlDocument, read: Read, covered: Covered) -> tuple[Problem, ...]:
    found = []
    if read.unjudged:
        names = ", ".join(read.unjudged)[:200]
        text = Text(
            f"Chữ ký mang thêm dữ liệu không được dùng khi kiểm tra: {names}.",
            f"The signature carries data that this verification does not use: {names}.",
        )
        found.append(Problem("unjudged", text))
    if covered.coverage in (Coverage.WHOLE_FILE, Coverage.PARTIAL) and _COMMENTS(document.root):
        text = Text(
            "Tệp có chú thích XML. Chữ ký không bao trùm chú thích, nên đừng dựa vào nội dung của chúng.",
            "The file holds XML comments. No signature covers comments, so do not rely on what they say.",
        )
        found.append(Problem("comments", text))
    return tuple(found)


def _unread(found: Found, position: int, *problems: Problem, other: str = "") -> LocatedSignature:
    return LocatedSignature(
        format=XADES_PROFILE,
        position=position,
        field=number_of(found.path),
        kind=SignatureKind.SIGNATURE,
        profile="",
        cms=b"",
        signer=found.path,
        other=other,
        content=SignedContent(Place.ABSENT),
        coverage=Coverage.UNKNOWN,
        changes_after=Changes.UNKNOWN,
        problems=problems,
    )


def _refused(why: str) -> DocumentRefused:
    return DocumentRefused(
        "not_readable",
        vi="Tệp XML bị hỏng, hoặc có thành phần không được phép trong văn bản đã ký (như DTD).",
        en="The XML file is damaged, or holds what a signed document must not hold (such as a DTD).",
        hint=why,
    )
