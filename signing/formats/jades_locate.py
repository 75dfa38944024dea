"""
Find every signature of a JWS: each in the file, and whoever countersigned it; and tell what each states.

Source: RFC 7515 §5.2; TS 119 182-1 §5, §6.3; EN 319 102-1 §5.2.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from base.texts import Text
from signing.errors import DocumentRefused
from signing.formats.jades_archive import archives_of
from signing.formats.jades_content import ABSENT, Content, content_of, countersigned
from signing.formats.jades_header import Header, read_header
from signing.formats.jades_unsigned import SIGNATURE_STAMP, stamps_of, unknown_of, values_of
from signing.formats.json_strict import NotStrict, from_base64url
from signing.formats.jws_parts import COUNTER, Jws, JwsSignature, open_counter, open_jws
from signing.validation.located import Beside, Changes, Coverage, LocatedSignature, Problem, SignatureKind
from signing.validation.signed import OwnSigned, Place, Reference, SignedContent, StampInput

JADES = "JAdES"
MOST_LEVELS = 4
MOST_FOUND = 64
_BROKEN = Text(
    "Chữ ký JWS không đúng chuẩn JAdES hoặc chứa phần không được phép.",
    "The JWS signature does not follow JAdES, or holds something that is not allowed.",
)
_TWO_CONTENTS = Text(
    "Chữ ký đã chứa nội dung, nhưng tệp dữ liệu rời kèm theo lại khác nội dung đó.",
    "The signature holds its content, and the detached file that came along is a different one.",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A signature and where it stands: numbers from 0. above: the one that it countersigns."""

    path: tuple[int, ...]
    signature: JwsSignature
    above: JwsSignature | None = None


def locate_signatures(document: bytes, beside: Beside) -> list[LocatedSignature]:
    """Each signature in the order of the file, followed by its counter-signatures. Raises: DocumentRefused."""
    jws = opened(document)
    try:
        found = list(signatures_of(jws))
    except NotStrict as error:
        raise not_readable(str(error)) from error
    return [_describe(one, position, jws.payload, beside) for position, one in enumerate(found, 1)]


def opened(document: bytes) -> Jws:
    """Raises: DocumentRefused: not a strict JWS."""
    try:
        return open_jws(document)
    except NotStrict as error:
        raise not_readable(str(error)) from error


def not_readable(why: str) -> DocumentRefused:
    """The refusal of what is no strict JWS."""
    return DocumentRefused(
        "not_readable",
        vi="Tệp chữ ký (JWS) bị hỏng hoặc không đúng chuẩn.",
        en="The signature file (JWS) is damaged or does not follow the standard.",
        hint=why,
    )


def signatures_of(jws: Jws) -> Iterator[Found]:
    """All signatures, countersignatures right behind theirs. Raises: NotStrict: too many, or one in another form."""
    count = 0
    for number, signature in enumerate(jws.signatures):
        for found in _with_counters(Found((number,), signature)):
            count += 1
            if count > MOST_FOUND:
                raise NotStrict(f"more than {MOST_FOUND} signatures")
            yield found


def _with_counters(found: Found) -> Iterator[Found]:
    yield found
    counters = [one for one in found.signature.unsigned if one.name == COUNTER]
    if counters and len(found.path) >= MOST_LEVELS:
        raise NotStrict(f"counter-signatures deeper than {MOST_LEVELS}")
    for number, one in enumerate(counters):
        (counter,) = open_counter(one.value).signatures
        yield from _with_counters(Found((*found.path, number), counter, found.signature))


def _describe(found: Found, position: int, payload: str, beside: Beside) -> LocatedSignature:
    try:
        header = read_header(found.signature.header, counter=found.above is not None)
        content = content_to(found, header, payload, beside)
        own = _read(found.signature, header, content)
    except NotStrict as error:
        return _located(found, position, (Problem(f"jws: {error}"[:200], _BROKEN),))
    differs = content.coverage is Coverage.ENCLOSED and beside.content not in (None, content.shown.data)
    problems = (Problem("two_contents", _TWO_CONTENTS),) if differs else ()
    return _located(found, position, problems, own, content, header.place)


def content_to(found: Found, header: Header, payload: str, beside: Beside) -> Content:
    """What a signature is over. Raises: NotStrict."""
    if found.above is not None:
        return countersigned(found.signature, found.above)
    return content_of(found.signature, header.references, payload, beside)


def _located(
    found: Found,
    position: int,
    problems: tuple[Problem, ...],
    own: OwnSigned | None = None,
    content: Content | None = None,
    place: str = "",
) -> LocatedSignature:
    return LocatedSignature(
        format=JADES,
        position=position,
        field=".".join(str(step + 1) for step in found.path),
        kind=SignatureKind.SIGNATURE,
        profile=JADES if own is not None else "",
        cms=b"",
        own=own,
        content=content.shown if content else ABSENT,
        coverage=content.coverage if content else Coverage.UNKNOWN,
        changes_after=Changes.NONE,
        location=place,
        problems=problems,
    )


def _read(signature: JwsSignature, header: Header, content: Content) -> OwnSigned:
    algorithm, unsigned = header.algorithm, signature.unsigned
    value = from_base64url(signature.value)
    values = values_of(unsigned)
    digest = algorithm.digest if algorithm else "sha256"
    references = content.references or (_whole(digest, content.shown),)
    over_value = signature.value.encode("ascii")
    return OwnSigned(
        digest_algorithm=digest,
        further_digests=tuple(dict.fromkeys(one.algorithm for one in content.references)),
        ess=header.ess,
        signing_time=header.signing_time,
        message=_message(signature, content),
        signature=algorithm.from_jws(value) if algorithm else value,
        certificates=tuple(dict.fromkeys((*header.certificates, *values.certificates))),
        lists=tuple(dict.fromkeys(values.lists)),
        answers=tuple(dict.fromkeys(values.answers)),
        other_revocation=values.others,
        unknown_unsigned=unknown_of(unsigned),
        scheme=algorithm.scheme if algorithm else None,
        scheme_name=header.algorithm_name,
        references=references,
        stamps=tuple(StampInput(token, over_value) for token in stamps_of(unsigned, SIGNATURE_STAMP)),
        content_stamps=tuple(StampInput(token, content.stamped) for token in header.stamps),
        archives=tuple(archives_of(signature, content, (*header.certificates, *header.stamps))),
    )


def _message(signature: JwsSignature, content: Content) -> bytes | None:
    if content.segment is None:
        return None
    return signature.protected.encode("ascii") + b"." + content.segment


def _whole(digest: str, shown: SignedContent) -> Reference:
    """The payload is under the value itself; its digest stands here so that a report can show one."""
    expected = hashlib.new(digest, shown.data).digest() if shown.place is Place.GIVEN else b""
    return Reference("payload", digest, expected, shown)
