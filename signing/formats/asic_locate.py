"""
Every signature of an ASiC container: what it covers, what keeps it, and what in the container nobody covers.

1. ASiC-S: META-INF/signature.p7s is over the one file there is.
2. ASiC-E: each META-INF/signature*.p7s is over the one manifest that names it, and the manifest names files.
3. A time stamp over an archive manifest keeps the signature files that the manifest names (asic_archive.py).
4. Every file of the container is either covered by a signature, or a part of this machinery, or told.
Source: EN 319 162-1 §4.3.3, §4.4.3, Annex A.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from base.texts import Text
from signing.errors import DocumentRefused
from signing.formats.asic_archive import Keeper, keepers_of, kept_by
from signing.formats.asic_container import META, MIMETYPE, Container, Kind, Role
from signing.formats.asic_manifest import Manifest, ManifestBroken, read_manifest
from signing.formats.asic_types import TYPES, names_every_file
from signing.formats.asic_xades import SIMPLE_SIGNATURES, signatures_of, unread
from signing.formats.cades_locate import locate_signers
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
from signing.validation.signed import Reference, StampInput

SIMPLE_SIGNATURE = f"{META}signature.p7s"
_WORDS = {
    "payload_count": Text(
        "Gói ASiC-S phải chứa đúng một tệp được ký, không nằm trong thư mục.",
        "An ASiC-S container must hold exactly one file to sign, and in no folder.",
    ),
    "signature_name": Text(
        "Tệp chữ ký trong gói ASiC-S không đúng tên quy định.",
        "The signature file in the ASiC-S container does not have the name it must have.",
    ),
    "manifest_broken": Text(
        "Bản kê các tệp được ký bị hỏng hoặc không đúng chuẩn.",
        "The list of signed files is damaged or does not follow the standard.",
    ),
    "manifest_count": Text(
        "Chữ ký trong gói không có đúng một bản kê các tệp được ký.",
        "A signature in the container does not have exactly one list of signed files.",
    ),
    "types": Text(
        "META-INF/manifest.xml bị thiếu, hoặc không ghi đúng các tệp có trong gói.",
        "META-INF/manifest.xml is missing, or does not name the files that are in the container.",
    ),
    "mixed": Text(
        "Gói chứa cả chữ ký CAdES lẫn XAdES.",
        "The container holds signatures of two forms, CAdES and XAdES.",
    ),
    "signature_unreadable": Text(
        "Tệp chữ ký trong gói bị hỏng hoặc không đúng chuẩn.",
        "A signature file in the container is damaged or does not follow the standard.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Signed:
    """One signature file: the bytes it is over, the files that are covered by that, and what is wrong with it."""

    name: str
    content: bytes | None
    files: tuple[str, ...]
    listed: tuple[Reference, ...] = ()
    manifest: str = ""
    problems: tuple[Problem, ...] = ()


def locate_in(container: Container) -> list[LocatedSignature]:
    """Every signer in the order of the files, then time stamps that keep no signature."""
    form, by_xades = f"{container.kind} with CAdES", tuple(_with_xades(container))
    signed = tuple(_simple(container) if container.kind is Kind.SIMPLE else _extended(container))
    keepers = keepers_of(container)
    covered = {name for one in signed for name in one.files} | {name for one in by_xades for name in one.files}
    machinery = set(container.named(Role.XADES))
    machinery |= {TYPES} if by_xades and container.kind is Kind.EXTENDED else set()
    machinery |= {name for one in signed for name in (one.name, one.manifest)}
    machinery |= {name for keeper in keepers for name in (keeper.token_name, keeper.manifest)}
    uncovered = tuple(
        file.name for file in container.files if file.name not in covered | machinery and file.name != MIMETYPE
    )
    found = [
        replace(
            located,
            other_files=tuple(name for name in container.payload if name in covered and name not in one.files),
            uncovered=uncovered,
        )
        for one in signed
        for located in _signers(container, one, kept_by(container, keepers, one.name), form)
    ]
    found += [
        replace(
            located,
            other_files=tuple(name for name in container.payload if name in covered and name not in located.files),
            uncovered=uncovered,
        )
        for located in by_xades
    ]
    found += [_stamp(keeper, form) for keeper in keepers if not found]
    other = container.other
    return [replace(one, position=number, other=one.other or other) for number, one in enumerate(found, 1)]


def _with_xades(container: Container) -> Iterator[LocatedSignature]:
    """XAdES signatures; in ASiC-S they stand in one file, over the one file there is. Forms do not mix."""
    names, form = container.named(Role.XADES), f"{container.kind} with XAdES"
    problems: tuple[Problem, ...] = (_problem("mixed"),) if names and container.named(Role.CADES) else ()
    if container.kind is Kind.SIMPLE and names:
        if names != (SIMPLE_SIGNATURES,):
            problems += (_problem("signature_name"),)
        if len(container.payload) != 1 or "/" in container.payload[0]:
            problems += (_problem("payload_count"),)
    if container.kind is Kind.EXTENDED and names and not names_every_file(container):
        problems += (_problem("types"),)
    for name in names:
        try:
            for located in signatures_of(container, name, form):
                yield replace(located, problems=(*problems, *located.problems))
        except DocumentRefused as error:
            yield _unreadable(_Signed(name, None, ()), (*problems, unread(error)), form)


def _simple(container: Container) -> Iterator[_Signed]:
    payload = container.payload
    for name in container.named(Role.CADES):
        problems = () if name == SIMPLE_SIGNATURE else (_problem("signature_name"),)
        if len(payload) == 1 and "/" not in payload[0]:
            yield _Signed(name, container.content(payload[0]), payload, problems=problems)
        else:
            yield _Signed(name, None, (), problems=(*problems, _problem("payload_count")))


def _extended(container: Container) -> Iterator[_Signed]:
    manifests, broken = manifests_of(container)
    for name in container.named(Role.CADES):
        mine = [(place, manifest) for place, manifest in manifests.items() if manifest.keeper == name]
        problems = (_problem("manifest_broken"),) if broken else ()
        if len(mine) != 1:
            yield _Signed(name, None, (), problems=(*problems, _problem("manifest_count")))
            continue
        place, manifest = mine[0]
        listed = tuple(reference_of(container, one.name, one.algorithm, one.digest) for one in manifest.files)
        files = tuple(one.name for one in manifest.files)
        yield _Signed(name, container.content(place), files, listed, place, problems)


def manifests_of(container: Container) -> tuple[dict[str, Manifest], bool]:
    """The manifests of signatures by the name of their file, and whether one of them is broken."""
    found: dict[str, Manifest] = {}
    broken = False
    for name in container.named(Role.MANIFEST):
        try:
            found[name] = read_manifest(container.content(name) or b"")
        except ManifestBroken:
            broken = True
    return found, broken


def reference_of(container: Container, name: str, algorithm: str, expected: bytes) -> Reference:
    """What a manifest says of a file, with the file if it is there."""
    data = container.content(name)
    content = SignedContent(Place.ABSENT) if data is None else SignedContent(Place.GIVEN, data=data)
    return Reference(name, algorithm, expected, content)


def _signers(container: Container, one: _Signed, kept: tuple[StampInput, ...], form: str) -> Iterator[LocatedSignature]:
    """The signers of one signature file, as a detached signature of what it is over."""
    problems = (*container.problems, *one.problems)
    beside = Beside(content=one.content if one.content is not None else b"")
    try:
        signers = locate_signers(container.content(one.name) or b"", beside)
    except DocumentRefused as error:
        yield _unreadable(one, (*problems, _problem("signature_unreadable", error.hint)), form)
        return
    for located in signers:
        coverage = Coverage.SIGNATURE if located.coverage is Coverage.SIGNATURE else Coverage.CONTAINER
        yield replace(
            located,
            format=form,
            field=one.name if len(signers) == 1 else f"{one.name}, {located.field}",
            coverage=coverage,
            files=one.files if coverage is Coverage.CONTAINER else (),
            listed=one.listed,
            kept=kept,
            problems=(*problems, *located.problems),
            notes=container.notes,
        )


def _unreadable(one: _Signed, problems: tuple[Problem, ...], form: str) -> LocatedSignature:
    return LocatedSignature(
        format=form,
        position=1,
        field=one.name,
        kind=SignatureKind.SIGNATURE,
        profile="",
        cms=b"",
        content=SignedContent(Place.ABSENT),
        coverage=Coverage.UNKNOWN,
        changes_after=Changes.NONE,
        problems=problems,
    )


def _stamp(keeper: Keeper, form: str) -> LocatedSignature:
    """A time stamp in a container that nobody signed."""
    broken = (Problem("stamp_manifest", _WORDS["manifest_broken"]),) if keeper.trouble or keeper.over is None else ()
    return LocatedSignature(
        format=form,
        position=1,
        field=keeper.token_name,
        kind=SignatureKind.DOCUMENT_TIMESTAMP,
        profile="",
        cms=keeper.token,
        content=SignedContent(Place.GIVEN, data=keeper.over or b""),
        coverage=Coverage.CONTAINER,
        changes_after=Changes.NONE,
        problems=broken,
        files=keeper.names,
    )


def _problem(code: str, hint: str = "") -> Problem:
    return Problem(f"{code} {hint}".strip(), _WORDS[code])
