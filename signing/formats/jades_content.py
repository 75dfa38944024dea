"""
What a JAdES signature is over: the payload, files beside it, or the signature that it countersigns.

segment: what stands between the dots when the value is made, so base64url of the content, or with `b64` false the
         content itself.
stamped: what a time stamp of the content and an archive time stamp are made over (without sigD the same segment).
Source: RFC 7515 §5.2, Appendix F; RFC 7797 §3; TS 119 182-1 §5.2.6, §5.2.8, §5.3.2, §5.3.6.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from signing.formats.jades_header import BY_HASH, SigD
from signing.formats.json_strict import NotStrict, base64url, from_base64url
from signing.formats.jws_parts import JwsSignature
from signing.validation.located import Beside, Coverage
from signing.validation.signed import Place, Reference, SignedContent

ABSENT = SignedContent(Place.ABSENT)


@dataclass(frozen=True, slots=True)
class Content:
    """
    segment, stamped: None where content is missing. references: each digest under the signature by itself; the payload
    is under it as a whole, and stands here for the report.
    """

    segment: bytes | None = field(repr=False)
    stamped: bytes | None = field(repr=False)
    shown: SignedContent
    coverage: Coverage
    references: tuple[Reference, ...] = ()


def content_of(signature: JwsSignature, references: SigD | None, payload: str, beside: Beside) -> Content:
    """
    payload: as the file has it. beside: what was brought along.

    Raises: NotStrict: a payload beside `sigD`, or one that is not in its form.
    """
    if references is not None:
        if payload:
            raise NotStrict("a payload beside sigD")
        return _detached(signature, references, beside)
    if payload:
        data = from_base64url(payload) if signature.is_encoded else payload.encode("utf-8")
        return _whole(payload.encode("utf-8"), data, Coverage.ENCLOSED)
    if beside.content is None:
        return Content(None, None, ABSENT, Coverage.UNKNOWN)
    return _whole(_as_signed(signature, beside.content), beside.content, Coverage.DETACHED)


def countersigned(signature: JwsSignature, above: JwsSignature) -> Content:
    """A counter-signature is over the value of the signature above."""
    value = from_base64url(above.value)
    return _whole(_as_signed(signature, value), value, Coverage.SIGNATURE)


def _whole(segment: bytes, data: bytes, coverage: Coverage) -> Content:
    return Content(segment, segment, SignedContent(Place.GIVEN, data=data), coverage)


def _detached(signature: JwsSignature, references: SigD, beside: Beside) -> Content:
    objects = [_object(references, name, beside) for name in references.names]
    there = [_as_signed(signature, one) for one in objects if one is not None]
    all_of_it = b"".join(there) if len(there) == len(objects) else None
    if references.mechanism != BY_HASH:
        shown = ABSENT if all_of_it is None else SignedContent(Place.GIVEN, data=all_of_it)
        coverage = Coverage.UNKNOWN if all_of_it is None else Coverage.DETACHED
        return Content(all_of_it, all_of_it, shown, coverage)
    contents = [_to_compare(signature, one, beside, len(objects)) for one in objects]
    found = tuple(
        Reference(name[:100], references.algorithm, digest, content)
        for name, digest, content in zip(references.names, references.digests, contents, strict=True)
    )
    missing = any(one.place is Place.ABSENT for one in contents)
    if missing:
        return Content(b"", None, ABSENT, Coverage.DETACHED if there else Coverage.UNKNOWN, found)
    coverage = Coverage.DIGEST if contents[0].place is Place.DIGEST else Coverage.DETACHED
    return Content(b"", all_of_it, contents[0], coverage, found)


def _object(references: SigD, name: str, beside: Beside) -> bytes | None:
    """The file with that name; where there is one alone, its name does not matter."""
    if len(references.names) == 1 and beside.content is not None:
        return beside.content
    return next((data for called, data in beside.files if called in (name, unquote(name))), None)


def _to_compare(signature: JwsSignature, data: bytes | None, beside: Beside, objects: int) -> SignedContent:
    """The bytes that a digest of sigD is over (§5.2.8.3.3); a digest alone helps only where they are the file."""
    if data is not None:
        return SignedContent(Place.GIVEN, data=_as_signed(signature, data))
    if beside.digest is not None and objects == 1 and not signature.is_encoded:
        return SignedContent(Place.DIGEST, data=beside.digest)
    return ABSENT


def _as_signed(signature: JwsSignature, data: bytes) -> bytes:
    return base64url(data).encode("ascii") if signature.is_encoded else data
