"""ASiC with CAdES: one file or many, several signatures, every level; what was changed, added, removed or swapped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from signing.errors import SigningError
from signing.formats.asic import Asic
from signing.formats.asic_container import META, Kind, Role, open_container, pack
from signing.formats.asic_manifest import read_manifest, write_manifest
from signing.formats.base import Level, Packaging, PrepareRequest
from signing.formats.zip_reader import ZipFile
from signing.formats.zip_writer import write_zip
from signing.validation.indications import Indication
from signing.validation.located import Coverage
from signing.validation.report import Report
from tests import signing_asic as made
from tests import signing_cms
from tests.signing_asic import EXTENDED, FILES, SIMPLE
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue, shared_city

PASSED, FAILED, UNSURE = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.INDETERMINATE
both = pytest.mark.parametrize("asic", [SIMPLE, EXTENDED], ids=lambda asic: asic.kind)
P7S, MANIFEST = "META_INF_signature001_p7s", "META_INF_ASiCManifest001_xml"
FIRST, SECOND = (name for name, _ in FILES)


@cache
def signed() -> bytes:
    return made.sign()


@cache
def twice() -> bytes:
    return made.sign(signed(), holder=shared_city().person(), at=NOW + 5)


@cache
def archived() -> bytes:
    return made.extend(signed())


# ── making ───────────────────────────────────────────────────────────────────────────────────────────────────────


@both
def test_the_container_is_laid_out_as_it_should_be(asic: Asic) -> None:
    document = made.sign(asic=asic)
    assert document[30:38] == b"mimetype"
    assert document[38:].startswith(asic.kind.media_type.encode())
    names = [file.name for file in open_container(document).files]
    if asic is SIMPLE:
        assert names == ["mimetype", FIRST, f"{META}signature.p7s"]
    else:
        assert names == ["mimetype", FIRST, SECOND, f"{META}ASiCManifest001.xml", f"{META}signature001.p7s"]
    (report,) = made.verify(document).signatures
    assert (report.coverage, report.level, report.format) == (Coverage.CONTAINER, "B-T", asic.name)
    assert report.files == ((FIRST,) if asic is SIMPLE else (FIRST, SECOND))


@both
@pytest.mark.parametrize("level", [Level.B_T, Level.B_LT, Level.B_LTA])
def test_each_level_is_reached_and_named(asic: Asic, level: Level) -> None:
    document = made.extend(made.sign(asic=asic, level=Level.B_B), level, asic)
    report = made.verify(document)
    assert (report.indication, report.signatures[0].level) == (PASSED, str(level)), report.as_json()
    assert ("archive_usable" in made.codes(report)) == (level is Level.B_LTA)


@both
def test_several_people_sign(asic: Asic) -> None:
    document = made.sign(made.sign(asic=asic), asic, shared_city().person(), at=NOW + 5)
    report = made.verify(made.extend(document, asic=asic))
    assert [(one.indication, one.level) for one in report.signatures] == [(PASSED, "B-LTA")] * 2
    assert len({one.signer for one in report.signatures}) == 2


def test_who_signs_after_the_archive_time_stamp_is_kept_by_the_next() -> None:
    later = made.sign(archived(), holder=shared_city().person(), at=NOW + 80)
    assert [one.level for one in made.verify(later).signatures] == ["B-LTA", "B-T"]
    renewed = made.verify(made.extend(later, at=NOW + 90))
    assert [(one.indication, one.level) for one in renewed.signatures] == [(PASSED, "B-LTA")] * 2


def test_a_file_added_before_the_second_signature_is_told_to_belong_to_it_alone() -> None:
    more = made.with_more(signed(), "added.txt", b"later")
    assert made.verify(more).indication is UNSURE
    report = made.verify(made.sign(more, holder=shared_city().person(), at=NOW + 5))
    assert report.indication is PASSED
    first, second = report.signatures
    assert next(one for one in first.findings if one.code == "files_of_others").text.en.endswith("added.txt.")
    assert second.files == (FIRST, SECOND, "added.txt")


def test_what_cannot_be_signed_is_told() -> None:
    city = shared_city()
    request = PrepareRequest(city.official.der, (), NOW, file_name="../x")
    for document, asic, code in (
        (b"", EXTENDED, "no_content"),
        (b"words", SIMPLE, "name_refused"),
        (made.packed(), SIMPLE, "other_container"),
        (pack(Kind.EXTENDED, []).write(), EXTENDED, "no_content"),
        (pack(Kind.SIMPLE, FILES).write(), SIMPLE, "no_content"),
        (signed()[:-1], EXTENDED, "container_unsafe"),
    ):
        with pytest.raises(SigningError) as refused:
            asic.prepare(document, request)
        assert refused.value.code == code, refused.value
    for name in ("mimetype", "META-INF/x", "a/"):
        with pytest.raises(SigningError):
            pack(Kind.EXTENDED, [(name, b"")])
    with pytest.raises(SigningError):
        pack(Kind.EXTENDED, [("a", b"1"), ("A", b"2")])


def test_only_what_is_signed_is_extended() -> None:
    for document in (made.packed(), made.rewritten(signed(), **{MANIFEST: None})):
        with pytest.raises(SigningError) as refused:
            made.extend(document)
        assert refused.value.code == "not_extendable"


# ── attacks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def manifest_of(document: bytes, change: Callable[[str], str]) -> bytes:
    raw = open_container(document).content(f"{META}ASiCManifest001.xml") or b""
    changed = change(raw.decode())
    assert changed.encode() != raw
    return made.rewritten(document, **{MANIFEST: changed.encode()})


def second_only(manifest: str) -> str:
    """The manifest without its first reference."""
    start, end = manifest.index("<asic:DataObjectReference"), manifest.index("</asic:DataObjectReference>")
    return manifest[:start] + manifest[end + len("</asic:DataObjectReference>") :]


def plain(name: str, data: bytes) -> ZipFile:
    return ZipFile(name, data, plain=True)


def entries(document: bytes) -> list[ZipFile]:
    return list(open_container(document).files)


def made_with_sha1() -> bytes:
    """Signed by its owner, but over digests that anybody could have made another file for."""
    city, name = shared_city(), f"{META}signature001.p7s"
    manifest = write_manifest(name, "application/x-pkcs7-signature", [(FIRST, FILES[0][1])]).decode()
    old = hashlib.sha256(FILES[0][1]).digest()
    manifest = manifest.replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1")
    manifest = manifest.replace(
        base64.b64encode(old).decode(), base64.b64encode(hashlib.sha1(FILES[0][1]).digest()).decode()
    )
    signature = signing_cms.sign(manifest.encode(), city, packaging=Packaging.DETACHED)
    container = pack(Kind.EXTENDED, FILES[:1]).with_file(f"{META}ASiCManifest001.xml", manifest.encode())
    return container.with_file(name, signature).write()


ATTACKS: dict[str, tuple[Callable[[], bytes], Indication, str]] = {
    "file changed": (lambda: made.rewritten(signed(), quy_t___nh_txt=b"other"), FAILED, "file_changed"),
    "file removed": (lambda: made.rewritten(signed(), ph__l_c_1_csv=None), UNSURE, "file_missing"),
    "file added": (lambda: made.with_more(signed(), "added.txt", b"x"), UNSURE, "files_uncovered"),
    "file added in META-INF": (lambda: made.with_more(signed(), "META-INF/a.txt", b"x"), UNSURE, "files_uncovered"),
    "stamp without a manifest": (
        lambda: made.with_more(signed(), "META-INF/timestamp.tst", b"x"),
        UNSURE,
        "files_uncovered",
    ),
    "manifest with SHA-1": (made_with_sha1, UNSURE, "algorithm_weak_no_poe"),
    "reference removed": (lambda: manifest_of(signed(), second_only), FAILED, "hash_mismatch"),
    "manifest removed": (lambda: made.rewritten(signed(), **{MANIFEST: None}), FAILED, "container"),
    "a second manifest": (
        lambda: made.with_more(
            signed(),
            "META-INF/ASiCManifest002.xml",
            write_manifest(f"{META}signature001.p7s", "x/y", [("added.txt", b"x")]),
        ),
        FAILED,
        "container",
    ),
    "a broken manifest beside": (
        lambda: made.with_more(signed(), "META-INF/ASiCManifest002.xml", b"<!DOCTYPE x><x/>"),
        FAILED,
        "container",
    ),
    "manifest of another container": (
        lambda: made.rewritten(
            made.sign(made.packed([("other.txt", b"x")])),
            **{P7S: open_container(signed()).content(f"{META}signature001.p7s")},
        ),
        FAILED,
        "hash_mismatch",
    ),
    "signature unreadable": (lambda: made.rewritten(signed(), **{P7S: b"\x30\x03abc"}), FAILED, "container"),
    "content inside the signature": (
        lambda: made.rewritten(signed(), **{P7S: signing_cms.sign(b"words")}),
        FAILED,
        "container",
    ),
    "mimetype compressed": (
        lambda: write_zip((ZipFile("mimetype", b"a" * 99), *entries(signed())[1:])),
        FAILED,
        "container",
    ),
    "mimetype of something else": (
        lambda: write_zip((plain("mimetype", b"application/zip"), *entries(signed())[1:])),
        UNSURE,
        "profile_unsupported",
    ),
    "mimetype of the other kind": (
        lambda: write_zip((plain("mimetype", Kind.SIMPLE.media_type.encode()), *entries(signed())[1:])),
        FAILED,
        "container",
    ),
    "not a strict ZIP": (lambda: signed() + b"x", FAILED, "container_unsafe"),
    "hidden in front": (lambda: b"%PDF-1.7\n" + signed(), FAILED, "document_unreadable"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_to_it_is_found(attack: str) -> None:
    make, indication, code = ATTACKS[attack]
    report = made.verify(make())
    assert (report.indication, code in made.codes(report)) == (indication, True), report.as_json()
    assert report.exit_code != 0


def remarked(document: bytes) -> bytes:
    """With a comment on the container, as some programs leave their name."""
    return document[:-2] + (5).to_bytes(2, "little") + b"hello"


def last(document: bytes) -> bytes:
    """With the media type behind everything else, as older programs have it."""
    return write_zip((*entries(document)[1:], entries(document)[0]))


@pytest.mark.parametrize("odd", [last, remarked])
def test_what_nobody_signs_anyway_is_told(odd: Callable[[bytes], bytes]) -> None:
    (report,) = made.verify(odd(signed())).signatures
    assert report.indication is PASSED
    assert [found.level for found in report.findings if found.code == "structure"] == ["WARN"]


def test_without_a_mimetype_it_is_told_by_what_is_inside() -> None:
    for asic, indication, code in ((SIMPLE, PASSED, "structure"), (EXTENDED, FAILED, "container")):
        report = made.verify(made.rewritten(made.sign(asic=asic), mimetype=None))
        assert (report.indication, report.signatures[0].format) == (indication, asic.name)
        assert code in made.codes(report)


def test_a_second_file_in_a_simple_container_is_refused() -> None:
    report = made.verify(made.with_more(made.sign(asic=SIMPLE), "b.txt", b"x"))
    assert (report.indication, "container" in made.codes(report)) == (FAILED, True)
    renamed = [
        ZipFile(file.name.replace("signature.p7s", "signature1.p7s"), file.data, file.plain)
        for file in entries(made.sign(asic=SIMPLE))
    ]
    assert made.verify(write_zip(renamed)).indication is FAILED


def test_a_signature_exchanged_with_another_signers_is_two_verdicts() -> None:
    files = {file.name: file.data for file in entries(twice())}
    broken = bytearray(files[f"{META}signature002.p7s"])
    broken[-1] ^= 1
    report = made.verify(made.rewritten(twice(), META_INF_signature002_p7s=bytes(broken)))
    assert report.signatures[0].indication is PASSED
    assert report.indication is not PASSED


# ── archive time stamps ──────────────────────────────────────────────────────────────────────────────────────────


def signed_before() -> bytes | None:
    """The signature file as it was before validation data came in."""
    return open_container(signed()).content(f"{META}signature001.p7s")


KEEPER, STAMP = "META_INF_ASiCArchiveManifest_xml", "META_INF_timestamp001_tst"


def test_renewal_leaves_what_was_there_and_names_it() -> None:
    renewed = open_container(made.extend(archived(), at=NOW + 90))
    before = open_container(archived())
    assert renewed.content(f"{META}ASiCArchiveManifest001.xml") == before.content(f"{META}ASiCArchiveManifest.xml")
    assert renewed.content(f"{META}signature001.p7s") == before.content(f"{META}signature001.p7s")
    newest = renewed.content(f"{META}ASiCArchiveManifest.xml") or b""
    assert b'URI="META-INF/ASiCArchiveManifest001.xml" Rootfile="true"' in newest
    assert set(renewed.named(Role.TIME_STAMP)) == {f"{META}timestamp001.tst", f"{META}timestamp002.tst"}
    named = {one.name for one in read_manifest(newest).files}
    assert named == {file.name for file in renewed.files} - {
        "mimetype",
        f"{META}timestamp002.tst",
        f"{META}ASiCArchiveManifest.xml",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({STAMP: b"\x30\x03abc"}, "archive_broken"),
        ({STAMP: None}, "archive_broken"),
        ({KEEPER: b"<x/>"}, "archive_broken"),
        ({KEEPER: None}, "files_uncovered"),
        ({P7S: signed_before()}, "archive_broken"),
    ],
)
def test_an_archive_time_stamp_that_does_not_fit_is_found(change: dict[str, bytes | None], code: str) -> None:
    report = made.verify(made.rewritten(archived(), **change))
    assert report.indication is not PASSED
    assert code in made.codes(report), report.as_json()


def test_the_archive_time_stamp_of_another_container_keeps_nothing() -> None:
    other = open_container(made.extend(made.sign(made.packed([("other.txt", b"x")]))))
    taken = {
        KEEPER: other.content(f"{META}ASiCArchiveManifest.xml"),
        STAMP: other.content(f"{META}timestamp001.tst"),
    }
    assert "archive_broken" in made.codes(made.verify(made.rewritten(archived(), **taken)))


@dataclass(frozen=True)
class Years:
    """The certificates of the signer and of the first unit end after 20 days, the second unit's after 60."""

    city: City
    second: Holder
    third: Holder

    def lists(self, at: int) -> tuple[bytes, ...]:
        assert self.second.issuer is not None
        holders = (self.city.root, self.city.issuing, self.second.issuer)
        return tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in holders)

    def extend(self, document: bytes, at: int, tsu: Holder, asic: Asic) -> bytes:
        return asic.extend(document, Level.B_LTA, made.sources(at, self.city, tsu, self.lists(at))).content

    def verify(self, document: bytes, moment: int) -> Report:
        return made.verify(document, city=self.city, moment=moment, lists=self.lists(moment))


@cache
def years() -> Years:
    city = found_city(not_after=NOW + 20 * DAY)
    city.tsu = issue("Cấp dấu thời gian 1", city.issuing, stamps=True, not_after=NOW + 20 * DAY)
    stamping = issue("CA dấu thời gian", city.root, authority=True)
    second = issue("Cấp dấu thời gian 2", stamping, stamps=True, not_after=NOW + 60 * DAY)
    return Years(city, second, issue("Cấp dấu thời gian 3", stamping, stamps=True))


@both
def test_the_years_go_by(asic: Asic) -> None:
    time = years()
    document = made.sign(asic=asic, city=time.city)
    kept = time.extend(document, NOW + 3600, time.second, asic)
    assert time.verify(document, NOW + 45 * DAY).indication is UNSURE
    report = time.verify(kept, NOW + 45 * DAY)
    assert (report.indication, report.signatures[0].signing_time) == (PASSED, NOW), report.as_json()
    assert time.verify(kept, NOW + 100 * DAY).indication is UNSURE
    renewed = time.extend(kept, NOW + 50 * DAY, time.third, asic)
    report = time.verify(renewed, NOW + 100 * DAY)
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-LTA"), report.as_json()
