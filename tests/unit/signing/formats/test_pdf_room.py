"""Our own writer against the library's, and against everybody's readers, for documents of many shapes."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import crl, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.errors import DocumentRefused
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level, PrepareRequest, VisibleSignature
from signing.formats.pdf_locate import locate_signatures
from signing.formats.pdf_prepare import library_update
from signing.formats.pdf_room import plain_update
from signing.formats.pdf_tokens import TokenError
from signing.validation.indications import Indication
from signing.validation.located import Changes, Coverage
from tests import pdf_family
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, moment, shared_city

FAMILY = pdf_family.family()
every_document = pytest.mark.parametrize("name", FAMILY)
seen_or_not = pytest.mark.parametrize("visible", [False, True], ids=["unseen", "picture"])
PICTURE = VisibleSignature(pdfs.handwriting(), 1, (30, 40, 130, 90))
QPDF, PDFSIG = shutil.which("qpdf") or "", shutil.which("pdfsig") or ""
SPECIAL = 'Ngày (1) \\ "2"'
NOT_COMPARED = {"/Contents", "/ByteRange", "/Parent", "/P", "/Length", "/Filter"}


def request(visible: bool, page: int = 1) -> PrepareRequest:
    city = shared_city()
    seen = VisibleSignature(PICTURE.image_png, page, PICTURE.box) if visible else None
    return PrepareRequest(
        city.official.der, city.official.chain, NOW, Level.B_B, seen, name="An", reason=SPECIAL, location="Huế"
    )


def meaning(value: object, depth: int = 0) -> object:
    """What an object says, whatever number it bears and wherever it stands."""
    assert depth < 40
    if isinstance(value, generic.IndirectObject):
        value = value.get_object()
    if isinstance(value, generic.DictionaryObject):
        items = {key: meaning(value.raw_get(key), depth + 1) for key in value if key not in NOT_COMPARED}
        told = {key: item for key, item in items.items() if item is not None}
        if not isinstance(value, generic.StreamObject):
            return told
        return told, value.encoded_data if value.get("/Filter") == "/DCTDecode" else value.data
    if isinstance(value, generic.ArrayObject):
        return [meaning(value.raw_get(position), depth + 1) for position in range(len(value))]
    if isinstance(value, generic.NullObject):
        return None
    if isinstance(value, (generic.FloatObject, generic.NumberObject)):
        return float(value)
    return str(value) if isinstance(value, str) else bytes(value) if isinstance(value, bytes) else value


def told(document: bytes) -> object:
    """The whole document, and what its trailer says, but for the half of /ID that is new each time."""
    reader = PdfFileReader(io.BytesIO(document), strict=False)
    trailer = {str(key): meaning(reader.trailer[key]) for key in ("/Info", "/Custom") if key in reader.trailer}
    return meaning(reader.root), trailer


@pytest.mark.parametrize(
    "name", [name for name in FAMILY if name != "annotations null"]
)  # the library stumbles over it
@seen_or_not
def test_it_writes_what_the_library_writes(name: str, visible: bool) -> None:
    document, wanted = FAMILY[name], request(visible)
    mine, place = plain_update(document, wanted)
    theirs, their_place = library_update(document, wanted)
    assert told(document + mine) == told(document + theirs)
    start, end = (offset - len(document) for offset in place)
    assert mine[start:end] == b"<" + b"0" * (end - start - 2) + b">"
    assert place[1] - place[0] == their_place[1] - their_place[0]


@every_document
@seen_or_not
def test_it_is_valid_for_us(name: str, visible: bool) -> None:
    city = shared_city()
    signed = pdfs.sign(FAMILY[name], city, visible=PICTURE if visible else None)
    assert signed.startswith(FAMILY[name])
    (found,) = locate_signatures(signed)
    assert (found.coverage, found.problems, found.claimed_time) == (Coverage.WHOLE_FILE, (), NOW)
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    assert verify_document(signed, moment=NOW + 60, own=own).indication is Indication.TOTAL_PASSED


@every_document
def test_a_further_signature_leaves_the_first_whole(name: str) -> None:
    city = shared_city()
    once = pdfs.sign(FAMILY[name], city, visible=PICTURE)
    plain_update(once, request(visible=True))
    twice = pdfs.sign(once, city, visible=PICTURE)
    first, second = locate_signatures(twice)
    assert (first.coverage, first.changes_after, first.problems) == (Coverage.WHOLE_REVISION, Changes.SIGNATURES, ())
    assert first.changed_things == (second.field,)
    assert second.coverage is Coverage.WHOLE_FILE


@pytest.mark.slow
@every_document
def test_pyhanko_finds_it_whole(name: str) -> None:
    signed = pdfs.sign(pdfs.sign(FAMILY[name], shared_city()), shared_city(), visible=PICTURE)
    first, second = PdfFileReader(io.BytesIO(signed), strict=False).embedded_signatures
    for embedded in (first, second):
        status = validate_pdf_signature(embedded, pyhanko_context())
        assert (status.intact, status.valid, status.bottom_line) == (True, True, True)
    assert first.coverage is SignatureCoverageLevel.ENTIRE_REVISION
    assert second.coverage is SignatureCoverageLevel.ENTIRE_FILE


def pyhanko_context() -> ValidationContext:
    city = shared_city()
    return ValidationContext(
        trust_roots=[x509.Certificate.load(city.root.der)],
        other_certs=[x509.Certificate.load(city.issuing.der)],
        crls=[crl.CertificateList.load(der) for der in city.crls],
        moment=moment(NOW + 60),
        revocation_mode="soft-fail",
    )


@pytest.mark.skipif(not QPDF, reason="qpdf is not installed (Debian: apt install qpdf)")
@every_document
def test_qpdf_finds_nothing_to_repair(tmp_path: Path, name: str) -> None:
    (tmp_path / "signed.pdf").write_bytes(pdfs.sign(FAMILY[name], shared_city(), visible=PICTURE))
    checked = subprocess.run([QPDF, "--check", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.skipif(
    shutil.which("pdfsig") is None, reason="pdfsig is not installed (Debian: apt install poppler-utils)"
)
@every_document
def test_pdfsig_finds_it_valid(tmp_path: Path, name: str) -> None:
    (tmp_path / "signed.pdf").write_bytes(pdfs.sign(FAMILY[name], shared_city()))
    said = subprocess.run(
        [PDFSIG, "-nocert", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said


def hybrid() -> bytes:
    """A table whose trailer names a stream as well."""
    return pdfs.plain().replace(b"/Size 10\n", b"/Size 10 /XRefStm 61\n", 1)


def changed(before: bytes, after: bytes, document: bytes | None = None) -> bytes:
    document = document or pdf_family.tree()
    assert before in document
    assert len(before) == len(after)
    return document.replace(before, after)


SMALL = {1: b"<</Type/Catalog/Pages 2 0 R>>", **pdf_family.PAGES}
UNUSUAL = {
    "hybrid": hybrid(),
    "encrypted": pdf_family.written(
        {1: b"<</Type/Catalog/Pages 2 0 R>>", **pdf_family.PAGES}, trailer=b"/Encrypt 2 0 R "
    ),
    "not at the start": b"\n" + pdfs.plain(),
    "bytes after the end": pdfs.plain() + b"x",
    "an object elsewhere": changed(b"5 0 obj\n<<", b"5 0 obj\n< "),
    "key twice": changed(b"/Resources << >> >>", b"/Type /Page /A 1 >>"),
    "key escaped": changed(b"/Resources << >> >>", b"/Resourc#65s <<>>>>"),
    "size too small": changed(b"/Size 16", b"/Size 15"),
    "loop": pdf_family.written(SMALL, trailer=b"/Prev %d " % pdf_family.written(SMALL).index(b"xref")),
    "first revision incomplete": changed(b"/Size 16 ", b"/Size 17 "),
    "permissions": pdf_family.tree(b"", b"/Perms<<>>"),
    "node without its type": changed(b"/Type /Pages /Parent 2 0 R /Kids[", b"/Type /Rages /Parent 2 0 R /Kids["),
    "pages in a ring": changed(b"/Kids[4 0 R]", b"/Kids[3 0 R]"),
    "no kids": changed(b"/Kids [3 0 R 6 0 R]", b"/Kids [           ]"),
    "one array for all": pdf_family.tree(b"/Annots 9 0 R", b"/AcroForm<</Fields 9 0 R>>", {9: b"[]"}),
    "field without a name": pdf_family.tree(b"", b"/AcroForm<</Fields [9 0 R]>>", {9: b"<</FT /Tx>>"}),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_not_plain_is_left_to_the_library(name: str) -> None:
    with pytest.raises(TokenError):
        plain_update(UNUSUAL[name], request(visible=False))


def test_a_document_left_to_the_library_is_signed_all_the_same() -> None:
    document = UNUSUAL["permissions"]
    (found,) = locate_signatures(pdfs.sign(document, shared_city(), visible=PICTURE))
    assert (found.coverage, found.problems) == (Coverage.WHOLE_FILE, ())


@pytest.mark.parametrize(("page", "turned"), [(1, 270), (2, 0), (3, 0)])
def test_the_picture_stands_on_the_page_asked_for(page: int, turned: int) -> None:
    document = pdf_family.tree()
    update, _place = plain_update(document, request(visible=True, page=page))
    number = {1: b"5", 2: b"7", 3: b"8"}[page]
    assert b"/P %s 0 R" % number in update
    assert (b"/Matrix [0 -1 1 0 0 0]" if turned else b"/Matrix [1 0 0 1 0 0]") in update


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    with pytest.raises(DocumentRefused, match="visible_page"):
        plain_update(pdf_family.tree(), request(visible=True, page=page))


def test_a_plain_document_needs_no_library() -> None:
    """A server that only signs plain documents does not carry what reads all others."""
    program = "import sys, signing.formats.pdf_room; assert not [name for name in sys.modules if 'pyhanko' in name]"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).stderr == b""
