"""
Find every signature in a CMS file: each signer, and whoever countersigned it.

Source: RFC 5652 §5, §11.4; EN 319 122-1 §4.3 (attached and detached).
"""

from __future__ import annotations

from base.texts import Text
from signing.errors import DocumentRefused
from signing.formats.refusals import other_kind
from signing.validation.cms import CmsBroken, CmsOther, open_cms
from signing.validation.cms_parts import SignedParts, open_signer, paths_of, signer_at
from signing.validation.der_check import NotDer
from signing.validation.located import (
    Beside,
    Changes,
    Coverage,
    LocatedSignature,
    Place,
    Problem,
    SignatureKind,
    SignedContent,
)

CADES = "CAdES"
BOTH = Problem(
    "two_contents",
    Text(
        "Chữ ký đã chứa nội dung, nhưng tệp dữ liệu rời kèm theo lại khác nội dung đó.",
        "The signature holds its content, and the detached file that came along is a different one.",
    ),
)


def locate_signers(document: bytes, beside: Beside) -> list[LocatedSignature]:
    """Each signer in the order of the file, followed by its counter-signatures. Raises: DocumentRefused."""
    try:
        parts = open_cms(document)
        paths = paths_of(parts)
    except CmsOther as error:
        raise other_kind(str(error)) from error
    except (CmsBroken, NotDer) as error:
        raise DocumentRefused(
            "not_readable",
            vi="Tệp chữ ký (CMS) bị hỏng hoặc không đúng chuẩn.",
            en="The signature file (CMS) is damaged or does not follow the standard.",
            hint=str(error),
        ) from error
    content, coverage, problems = _content(parts, beside)
    return [
        _describe(document, path, position, *_signed_by(parts, path, content, coverage), problems)
        for position, path in enumerate(paths, 1)
    ]


def _content(parts: SignedParts, beside: Beside) -> tuple[SignedContent, Coverage, tuple[Problem, ...]]:
    if parts.content is not None:
        differs = beside.content is not None and beside.content != parts.content
        return SignedContent(Place.GIVEN, data=parts.content), Coverage.ENCLOSED, (BOTH,) if differs else ()
    if beside.content is not None:
        return SignedContent(Place.GIVEN, data=beside.content), Coverage.DETACHED, ()
    if beside.digest is not None:
        return SignedContent(Place.DIGEST, data=beside.digest), Coverage.DIGEST, ()
    return SignedContent(Place.ABSENT), Coverage.UNKNOWN, ()


def _signed_by(
    parts: SignedParts, path: tuple[int, ...], content: SignedContent, coverage: Coverage
) -> tuple[SignedContent, Coverage]:
    """What this signer signed: the content, or the signature value of the one above."""
    if len(path) == 1:
        return content, coverage
    above = open_signer(signer_at(parts, path[:-1]))
    return SignedContent(Place.GIVEN, data=above.value), Coverage.SIGNATURE


def _describe(
    document: bytes,
    path: tuple[int, ...],
    position: int,
    content: SignedContent,
    coverage: Coverage,
    problems: tuple[Problem, ...],
) -> LocatedSignature:
    return LocatedSignature(
        format=CADES,
        position=position,
        field=".".join(str(step + 1) for step in path),
        kind=SignatureKind.SIGNATURE,
        profile=CADES,
        cms=document,
        signer=path,
        content=content,
        coverage=coverage,
        changes_after=Changes.NONE,
        problems=problems,
    )
