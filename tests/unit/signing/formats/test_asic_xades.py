"""ASiC with XAdES: every level, several signatures, and what was done to a container."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from signing.errors import SigningError
from signing.formats.asic_container import META, Kind, open_container
from signing.formats.asic_types import TYPES, with_types
from signing.formats.asic_xades import SIMPLE_SIGNATURES, AsicXades
from signing.formats.base import Level, Packaging, PrepareRequest
from signing.formats.xades import Xades
from signing.formats.zip_reader import ZipFile
from signing.formats.zip_writer import write_zip
from signing.validation.indications import Indication
from tests import signing_asic as made
from tests.signing_asic import FILES
from tests.signing_pki import NOW, shared_city

PASSED, FAILED, UNSURE = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.INDETERMINATE
SIMPLE, EXTENDED = AsicXades(Kind.SIMPLE), AsicXades(Kind.EXTENDED)
both = pytest.mark.parametrize("asic", [SIMPLE, EXTENDED], ids=lambda asic: asic.kind)
FIRST, SECOND = (name for name, _ in FILES)
XML = "META_INF_signatures001_xml"


def sign(asic: AsicXades, level: Level = Level.B_T) -> bytes:
    return made.sign(made.packed() if asic is EXTENDED else FILES[0][1], asic, level=level)


@cache
def signed() -> bytes:
    return sign(EXTENDED)


@both
@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA])
def test_each_level_is_reached_and_named(asic: AsicXades, level: Level) -> None:
    document = sign(asic, Level.B_B if level is Level.B_B else Level.B_T)
    if level in (Level.B_LT, Level.B_LTA):
        document = made.extend(document, level, asic)
    report = made.verify(document)
    (one,) = report.signatures
    assert (report.indication, one.level, one.format) == (PASSED, str(level), asic.name), report.as_json()
    assert one.files == ((FIRST,) if asic is SIMPLE else (FIRST, SECOND))


def test_the_layout() -> None:
    names = [file.name for file in open_container(signed()).files]
    assert names == ["mimetype", FIRST, SECOND, TYPES, f"{META}signatures001.xml"]
    assert [file.name for file in open_container(sign(SIMPLE)).files] == ["mimetype", FIRST, SIMPLE_SIGNATURES]


def test_several_people_sign_and_all_is_renewed() -> None:
    twice = made.sign(signed(), EXTENDED, shared_city().person(), at=NOW + 5)
    archived = made.extend(twice, asic=EXTENDED)
    report = made.verify(made.extend(archived, asic=EXTENDED, at=NOW + 90))
    assert [(one.indication, one.level) for one in report.signatures] == [(PASSED, "B-LTA")] * 2
    with pytest.raises(SigningError):
        made.sign(signed(), made.EXTENDED)  # the two forms do not mix


def test_a_second_person_signs_the_one_file_of_asic_s() -> None:
    once = sign(SIMPLE)
    twice = made.sign(once, SIMPLE, shared_city().person(), at=NOW + 5)
    assert [file.name for file in open_container(twice).files] == [file.name for file in open_container(once).files]
    report = made.verify(made.extend(made.extend(twice, asic=SIMPLE), asic=SIMPLE, at=NOW + 90))
    found = [(one.indication, one.level, one.files) for one in report.signatures]
    assert found == [(PASSED, "B-LTA", (FIRST,))] * 2
    assert len({one.certificate_sha256 for one in report.signatures}) == 2
    changed = made.rewritten(twice, quy_t___nh_txt=b"other")
    assert [one.indication for one in made.verify(changed).signatures] == [FAILED, FAILED]
    with pytest.raises(SigningError) as refused:
        made.sign(once, SIMPLE, packaging=Packaging.DETACHED)
    assert refused.value.code == "other_container"


def enveloped() -> bytes:
    """A signature over itself alone, with the names of the files in its text: it covers none of them."""
    city = shared_city()
    request = PrepareRequest(city.official.der, city.official.chain, NOW, packaging=Packaging.ENVELOPED)
    prepared = Xades().prepare(b"<words>x</words>", request)
    signature = city.official.sign(prepared.to_be_signed_digest)
    return Xades().embed(prepared, signature, city.stamp)


def mixed() -> bytes:
    """Two signatures, each as it should be, of two forms."""
    container = open_container(signed())
    other = open_container(made.sign())
    for name in (f"{META}ASiCManifest001.xml", f"{META}signature001.p7s"):
        container = container.with_file(name, other.content(name) or b"")
    return container.write()


def with_xml(change: Callable[[bytes], bytes]) -> bytes:
    raw = open_container(signed()).content(f"{META}signatures001.xml") or b""
    assert change(raw) != raw
    return made.rewritten(signed(), **{XML: change(raw)})


ATTACKS: dict[str, tuple[Callable[[], bytes], Indication, str]] = {
    "file changed": (lambda: made.rewritten(signed(), quy_t___nh_txt=b"other"), FAILED, "hash_mismatch"),
    "file removed": (lambda: made.rewritten(signed(), ph__l_c_1_csv=None), FAILED, "container"),
    "file removed from the list too": (
        lambda: with_types(open_container(made.rewritten(signed(), ph__l_c_1_csv=None))).write(),
        UNSURE,
        "content_missing",
    ),
    "file added": (lambda: made.with_more(signed(), "added.txt", b"x"), FAILED, "container"),
    "file added to the list too": (
        lambda: with_types(open_container(made.with_more(signed(), "added.txt", b"x"))).write(),
        UNSURE,
        "files_uncovered",
    ),
    "list removed": (lambda: made.rewritten(signed(), META_INF_manifest_xml=None), FAILED, "container"),
    "list with a document type": (
        lambda: made.rewritten(signed(), META_INF_manifest_xml=b"<!DOCTYPE x><x/>"),
        FAILED,
        "container",
    ),
    "no XML": (lambda: made.rewritten(signed(), **{XML: b"words"}), FAILED, "container"),
    "another document that is signed": (
        lambda: made.rewritten(signed(), **{XML: enveloped()}),
        UNSURE,
        "files_uncovered",
    ),
    "another name in a reference": (
        lambda: with_xml(lambda raw: raw.replace(b"/1.csv", b"/2.csv")),
        UNSURE,
        "content_missing",
    ),
    "beside a signature of the other form": (
        mixed,
        FAILED,
        "container",
    ),
    "a second file of signatures in ASiC-S": (
        lambda: made.with_more(sign(SIMPLE), f"{META}signatures2.xml", b"<x/>"),
        FAILED,
        "container",
    ),
    "mimetype of the other kind": (
        lambda: write_zip(
            (
                ZipFile("mimetype", Kind.SIMPLE.media_type.encode(), plain=True),
                *open_container(signed()).files[1:],
            )
        ),
        FAILED,
        "container",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_done_to_it_is_found(attack: str) -> None:
    make, indication, code = ATTACKS[attack]
    report = made.verify(make())
    assert (report.indication, code in made.codes(report)) == (indication, True), report.as_json()
