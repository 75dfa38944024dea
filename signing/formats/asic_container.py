"""
An ASiC container: which file is what. Reading it says nothing about any signature in it.

mimetype                                   what kind of container it is
META-INF/signature.p7s                     ASiC-S with CAdES: over the one file
META-INF/signature*.p7s                    ASiC-E with CAdES: over the manifest that names it
META-INF/ASiCManifest*.xml                 which files, with their digests, belong to one signature or time stamp
META-INF/ASiCArchiveManifest*.xml          the same, for the time stamps that keep all of it
META-INF/*timestamp*.tst                   those time stamps
META-INF/evidencerecord*.ers               evidence records, each with its ASiCEvidenceRecordManifest*.xml
META-INF/*signatures*.xml                  ASiC with XAdES
everything outside META-INF                what people signed
Source: EN 319 162-1 §4.3, §4.4, Annex A.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from base.texts import Text
from signing.errors import DocumentRefused, SignatureRefused
from signing.formats.zip_names import NameRefused, check_name
from signing.formats.zip_reader import LOCAL_MARK, ZipFile, ZipRefused, is_remarked, names_in, read_zip
from signing.formats.zip_writer import write_zip
from signing.validation.located import Problem

MIMETYPE = "mimetype"
PLAIN_NAME = "document"
META = "META-INF/"
_MEDIA = "application/vnd.etsi.asic-"
_HEAD_BYTES = 128


class Kind(StrEnum):
    """ASiC-S holds one signed file, ASiC-E any number. Source: EN 319 162-1 §4.1."""

    SIMPLE = "ASiC-S"
    EXTENDED = "ASiC-E"

    @property
    def media_type(self) -> str:
        """What the file `mimetype` says."""
        return f"{_MEDIA}{self.value[-1].lower()}+zip"


class Role(StrEnum):
    """What a file in META-INF is for, by its name."""

    CADES = "cades"
    XADES = "xades"
    MANIFEST = "manifest"
    ARCHIVE_MANIFEST = "archive-manifest"
    RECORD_MANIFEST = "record-manifest"
    TIME_STAMP = "time-stamp"
    RECORD = "record"


_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.MANIFEST, re.compile(r"ASiCManifest[^/]*\.xml")),
    (Role.ARCHIVE_MANIFEST, re.compile(r"ASiCArchiveManifest[^/]*\.xml")),
    (Role.RECORD_MANIFEST, re.compile(r"ASiCEvidenceRecordManifest[^/]*\.xml")),
    (Role.CADES, re.compile(r"[^/]*signature[^/]*\.p7s")),
    (Role.XADES, re.compile(r"[^/]*signatures[^/]*\.xml")),
    (Role.TIME_STAMP, re.compile(r"[^/]*timestamp[^/]*\.tst")),
    (Role.RECORD, re.compile(r"[^/]*evidencerecord[^/]*\.ers")),
)
_MEDIA_TYPE = re.compile(rb"[a-z]{1,40}/[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")
_WORDS = {
    "mimetype_other": Text(
        "Tệp mimetype trong gói ghi một loại khác, không phải ASiC-S hay ASiC-E.",
        "The file mimetype in the container names neither ASiC-S nor ASiC-E.",
    ),
    "mimetype_not_first": Text(
        "Tệp mimetype không đứng đầu gói, hoặc bị nén.",
        "The file mimetype is not the first in the container, or is compressed.",
    ),
    "remarked": Text(
        "Gói có ghi chú ZIP. Chữ ký không bao trùm ghi chú, nên đừng dựa vào nội dung của chúng.",
        "The container holds ZIP comments. No signature covers them, so do not rely on what they say.",
    ),
    "mimetype_missing": Text(
        "Gói không có tệp mimetype nên loại gói được nhận theo nội dung.",
        "The container has no file mimetype; its kind was told by what is in it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Container:
    """
    What a container holds, in its order. kind: as `mimetype` says, else by what is inside.

    problems: make every signature in it unacceptable; notes: are told. other: the media type of another kind of
    container, which is not judged here.
    """

    kind: Kind
    files: tuple[ZipFile, ...] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    other: str = ""

    def content(self, name: str) -> bytes | None:
        """The bytes of a file; None: it is not there."""
        return next((one.data for one in self.files if one.name == name), None)

    def named(self, role: Role) -> tuple[str, ...]:
        """The names of the files of one role, in the order of the container."""
        return tuple(one.name for one in self.files if role_of(one.name) is role)

    @property
    def payload(self) -> tuple[str, ...]:
        """What people sign: everything outside META-INF but `mimetype`."""
        return tuple(one.name for one in self.files if one.name != MIMETYPE and not one.name.startswith(META))

    def with_file(self, name: str, data: bytes) -> Container:
        """The same with a file added at the end, or with other content in its place."""
        new = ZipFile(name, data)
        if self.content(name) is None:
            return replace(self, files=(*self.files, new))
        return replace(self, files=tuple(new if one.name == name else one for one in self.files))

    def renamed(self, name: str, to: str) -> Container:
        """The same with one file under another name."""
        return replace(self, files=tuple(replace(one, name=to) if one.name == name else one for one in self.files))

    def free_name(self, stem: str, ending: str) -> str:
        """The first name of the row stem001, stem002, … in META-INF that is not taken."""
        taken = {one.name.casefold() for one in self.files}
        numbers = (f"{META}{stem}{number:03d}{ending}" for number in range(1, len(self.files) + 2))
        return next(name for name in numbers if name.casefold() not in taken)

    def write(self) -> bytes:
        """The container, byte for byte the same for the same files."""
        first = ZipFile(MIMETYPE, self.kind.media_type.encode(), plain=True)
        return write_zip((first, *(one for one in self.files if one.name != MIMETYPE)))


def role_of(name: str) -> Role | None:
    """None: it is no file of META-INF that is known here."""
    if not name.startswith(META):
        return None
    return next((role for role, pattern in _ROLES if pattern.fullmatch(name[len(META) :])), None)


def looks_like(document: bytes) -> Kind | None:
    """
    What kind of container a file wants to be, without believing it: by its first file, else by what is inside.

    A damaged ZIP with a folder META-INF passes for ASiC-E, so that somebody reads it and says what is wrong.
    """
    if not document.startswith(LOCAL_MARK):
        return None
    for kind in Kind:
        if kind.media_type.encode() in document[:_HEAD_BYTES]:
            return kind
    if META.encode() not in document:
        return None
    try:
        return _kind_of(read_zip(document))
    except ZipRefused:
        return Kind.EXTENDED


def wants_xades(document: bytes) -> bool:
    """Whether a container holds a file with the name of XAdES signatures, whatever is in it."""
    try:
        return any(role_of(name) is Role.XADES for name in names_in(document))
    except ZipRefused:
        return False


def container_to_sign(document: bytes, kind: Kind, file_name: str, *, foreign: Role) -> Container:
    """
    The container to add a signature to: the document itself, or one made around it. foreign: signatures of this role
    are of another form, and forms do not mix.

    Raises: DocumentRefused: a container that is not strict; SignatureRefused: nothing to sign, or of another kind.
    """
    if not document:
        raise nothing_to_sign()
    if looks_like(document) is None:
        return pack(kind, [(file_name or PLAIN_NAME, document)])
    container = open_container(document)
    if container.kind is not kind or container.problems or container.other or container.named(foreign):
        raise _other_kind()
    simple = len(container.payload) == 1 and "/" not in container.payload[0]
    if not container.payload or (kind is Kind.SIMPLE and not simple):
        raise nothing_to_sign()
    return container


def pack(kind: Kind, files: Iterable[tuple[str, bytes]]) -> Container:
    """
    A container without any signature.

    Raises: DocumentRefused("name_refused"): a name that not every program would read alike.
    """
    found = tuple(ZipFile(name, data) for name, data in files)
    for one in found:
        try:
            check_name(one.name)
        except NameRefused as error:
            raise _name_refused(one.name, str(error)) from error
        if one.name.startswith(META) or one.name == MIMETYPE or one.name.endswith("/"):
            raise _name_refused(one.name, "kept for the container itself")
    if len({one.name.casefold() for one in found}) != len(found):
        raise _name_refused(found[0].name, "the same name twice")
    return Container(kind, (ZipFile(MIMETYPE, kind.media_type.encode(), plain=True), *found))


def open_container(document: bytes) -> Container:
    """Raises: DocumentRefused("container_unsafe"): it is no strict ZIP, or programs could see different files."""
    try:
        files = read_zip(document)
    except ZipRefused as error:
        raise DocumentRefused(
            "container_unsafe",
            vi="Tệp đóng gói (ZIP) bị hỏng, hoặc mỗi phần mềm có thể đọc ra các tệp khác nhau.",
            en="The container (ZIP) is damaged, or programs could find different files in it.",
            hint=str(error),
        ) from error
    by_name = {one.name: one for one in files}
    mark = by_name.get(MIMETYPE)
    if mark is None:
        missing, kind = (_problem("mimetype_missing"),), _kind_of(files)
        # other programs may take what has several files for something else, and find other content signed
        return Container(kind, files, missing) if kind is Kind.EXTENDED else Container(kind, files, notes=missing)
    stated = next((one for one in Kind if one.media_type.encode() == mark.data), None)
    notes = tuple(map(_problem, _oddities(document, files, mark)))
    if stated:
        return Container(stated, files, notes=notes)
    if _MEDIA_TYPE.fullmatch(mark.data):
        return Container(_kind_of(files), files, notes=notes, other=mark.data.decode())
    return Container(_kind_of(files), files, (_problem("mimetype_other"),), notes)


def _oddities(document: bytes, files: tuple[ZipFile, ...], mark: ZipFile) -> Iterator[str]:
    """What changes nothing, and is told: nobody signs where the media type stands, nor a comment."""
    if files[0] is not mark or not mark.plain:
        yield "mimetype_not_first"
    if is_remarked(document, files):
        yield "remarked"


def _kind_of(files: tuple[ZipFile, ...]) -> Kind:
    """By what is inside: manifests, or several files to sign, make it ASiC-E."""
    bare = Container(Kind.SIMPLE, files)
    extended = bare.named(Role.MANIFEST) or len(bare.payload) > 1
    return Kind.EXTENDED if extended else Kind.SIMPLE


def _problem(code: str) -> Problem:
    return Problem(code, _WORDS[code])


def _name_refused(name: str, why: str) -> DocumentRefused:
    return DocumentRefused(
        "name_refused",
        vi="Tên tệp này không dùng được trong gói. Hãy đổi tên tệp rồi làm lại.",
        en="A file of this name cannot go into a container. Please rename it and try again.",
        hint=f"{name[:100]}: {why}",
        status=422,
    )


def nothing_to_sign() -> SignatureRefused:
    """No file, or one too many."""
    return SignatureRefused(
        "no_content",
        vi="Không có tệp để ký, hoặc gói ASiC-S có nhiều hơn một tệp. Với nhiều tệp, hãy dùng ASiC-E.",
        en="There is no file to sign, or more than one for ASiC-S. Use ASiC-E for several files.",
        status=422,
    )


def _other_kind() -> SignatureRefused:
    return SignatureRefused(
        "other_container",
        vi="Gói này thuộc loại khác hoặc không đúng chuẩn nên không ký thêm được theo loại đã chọn.",
        en="This container is of another kind, or does not follow the standard, and cannot be signed as asked.",
        status=422,
    )
