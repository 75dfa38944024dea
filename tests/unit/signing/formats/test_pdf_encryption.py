"""Encrypted documents: signed, extended and verified with each kind of encryption; what is odd is never opened."""

from __future__ import annotations

import io
import re

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt.api import IdentityCryptFilter
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter
from pyhanko.sign import fields

from signing.errors import SigningError
from signing.flows.own_trust import TrustSource
from signing.flows.verify import LIMITS, verify_document
from signing.formats import pdf_password, pdf_prepare
from signing.formats.base import Level, Terms, VisibleSignature
from signing.formats.pdf_lint import lint_pdf
from signing.formats.pdf_password import Locked, unlock
from signing.validation.indications import Indication
from signing.validation.located import Beside, Changes, Coverage
from signing.validation.report import Report
from tests import encrypted_pdfs as locked
from tests import signing_pdfs as pdfs
from tests.encrypted_pdfs import KINDS, Edit, bent, encrypted
from tests.signing_pki import NOW, shared_city

USER = "secret"
PICTURE = VisibleSignature(pdfs.handwriting(), 1, (300, 100, 480, 172))


def verify(document: bytes, password: str = "", confined: bool = False) -> Report:
    city = shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls))
    limits = LIMITS if confined else None
    return verify_document(document, moment=NOW + 120, own=own, beside=Beside(password=password), limits=limits)


def sign(document: bytes, password: str = "", **options: object) -> bytes:
    return pdfs.sign(document, shared_city(), password=password, **options)  # type: ignore[arg-type]  # of sign()


def said(report: Report) -> tuple[Indication, list[str]]:
    return report.indication, [one.code for one in report.findings]


def refusal(document: bytes, password: str = "") -> str:
    with pytest.raises(SigningError) as refused:
        lint_pdf(document, password=password)
    return refused.value.code


# ── signed, extended, verified ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream_xrefs", [False, True], ids=["table", "streams"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_signed_and_verified(kind: str, stream_xrefs: bool) -> None:
    document = encrypted(kind, USER, stream_xrefs=stream_xrefs)
    assert lint_pdf(document, password=USER).pages == 2
    signed = sign(document, USER)
    assert signed.startswith(document)
    report = verify(signed, USER)
    assert report.indication is Indication.TOTAL_PASSED
    located = report.signatures[0].judgement.case.facts.located
    assert (located.coverage, located.reason) == (Coverage.WHOLE_FILE, "Ký ban hành")
    assert b"K\xc3\xbd" not in signed[len(document) :], "what the signature says is encrypted"
    assert verify(signed, "owner").indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reaches_the_archive_level(kind: str) -> None:
    signed = sign(encrypted(kind, USER), USER, visible=PICTURE)
    archived = pdfs.extend(signed, Level.B_LTA, password=USER)
    assert archived.startswith(signed)
    assert not any(certificate in archived for certificate in shared_city().anchors), "the store is encrypted"
    report = verify(archived, USER)
    (signature,) = report.signatures
    assert (report.indication, signature.level) == (Indication.TOTAL_PASSED, "B-LTA")
    assert signature.changes is Changes.VALIDATION_DATA
    renewed = pdfs.extend(archived, Level.B_LTA, password=USER)
    assert verify(renewed, USER).indication is Indication.TOTAL_PASSED


def test_a_document_that_anybody_can_open_needs_no_password() -> None:
    signed = sign(encrypted("AES-256"))
    assert verify(signed).indication is verify(signed, "whatever").indication is Indication.TOTAL_PASSED


def test_metadata_may_be_left_in_plain_text() -> None:
    for kind in ("AES-128", "AES-256"):
        signed = sign(encrypted(kind, USER, all_metadata=False), USER)
        assert verify(signed, USER).indication is Indication.TOTAL_PASSED


def test_a_document_whose_files_alone_are_encrypted() -> None:
    def files_only(dictionary: generic.DictionaryObject) -> None:
        for key, value in (("/StmF", "/Identity"), ("/StrF", "/Identity"), ("/EFF", "/StdCF")):
            dictionary[key] = pdf_name(value)

    def in_plain_text(writer: PdfFileWriter) -> None:
        assert writer.security_handler is not None
        filters = writer.security_handler.crypt_filter_config
        filters._default_stream_filter = filters._default_string_filter = IdentityCryptFilter()

    document = bent("AES-128", files_only, USER, prepare=in_plain_text)
    assert verify(sign(document, USER), USER).indication is Indication.TOTAL_PASSED


def test_the_password_goes_to_the_process_under_limits() -> None:
    signed = sign(encrypted("AES-256", USER), USER)
    assert verify(signed, USER, confined=True).indication is Indication.TOTAL_PASSED
    assert said(verify(signed, confined=True)) == (Indication.INDETERMINATE, ["document_encrypted"])


def test_a_certified_and_a_second_signature() -> None:
    once = sign(encrypted("AES-256", USER), USER, terms=Terms(certify=2))
    report = verify(sign(once, USER), USER)
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].changes is Changes.SIGNATURES


@pytest.mark.parametrize("at", [200, 900])
def test_a_changed_byte_is_found(at: int) -> None:
    signed = sign(encrypted("AES-256", USER), USER)
    changed = signed[:at] + bytes((signed[at] ^ 1,)) + signed[at + 1 :]
    assert verify(changed, USER).indication is not Indication.TOTAL_PASSED


# ── passwords ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_password_nothing_is_judged(kind: str) -> None:
    signed = sign(encrypted(kind, USER), USER)
    assert said(verify(signed)) == (Indication.INDETERMINATE, ["document_encrypted"])
    assert said(verify(signed, "Secret")) == (Indication.INDETERMINATE, ["password_wrong"])
    assert refusal(signed) == "pdf_encrypted"
    assert refusal(signed, "Secret") == "pdf_password_wrong"


def test_accents_are_the_same_however_they_are_typed() -> None:
    document = encrypted("AES-256", "mật khẩu")
    assert lint_pdf(document, password="mật khẩu").pages == 2
    assert refusal(document, "mat khau") == "pdf_password_wrong"


def test_the_rounds_of_a_password_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = 0

    class Mixed(bytes):
        """What would go on for ever, if it could."""

    def cipher(*_arguments: object) -> object:
        nonlocal rounds
        rounds += 1

        class Machine:
            def encryptor(self) -> Machine:
                return self

            def update(self, data: bytes) -> bytes:
                return Mixed(data[:-1] + b"\xff")

            def finalize(self) -> bytes:
                return b""

        return Machine()

    monkeypatch.setattr(pdf_password, "Cipher", cipher)
    entry = bytes(48)
    facts = Locked(6, 32, entry, entry, 0, owner_key=bytes(32), user_key=bytes(32), sealed=bytes(16))
    assert unlock(facts, "x" * 1000) is None
    assert rounds <= 2 * pdf_password.MOST_ROUNDS


# ── what the document permits ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_permissions_bind_whoever_is_not_the_owner(kind: str) -> None:
    document = encrypted(kind, USER, "owner", locked.NO_NEW_FIELDS)
    with pytest.raises(SigningError) as refused:
        sign(document, USER)
    assert refused.value.code == "pdf_no_permission"
    signed = sign(document, "owner")
    assert verify(signed, USER).indication is Indication.TOTAL_PASSED
    with pytest.raises(SigningError) as refused:
        pdfs.extend(signed, Level.B_LTA, password=USER)
    assert refused.value.code == "pdf_no_permission"


def test_a_field_that_is_there_may_be_signed_where_forms_may_be_filled_in() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdfs.plain()))
    fields.append_signature_field(writer, fields.SigFieldSpec("O_ky", on_page=0))
    out = io.BytesIO()
    writer.write(out)
    may = encrypted("AES-256", USER, "owner", locked.NO_NEW_FIELDS, document=out.getvalue())
    assert verify(sign(may, USER, terms=Terms(field="O_ky")), USER).indication is Indication.TOTAL_PASSED
    assert refusal(encrypted("AES-256", USER, "owner", locked.NO_FORMS, document=out.getvalue()), USER) == (
        "pdf_no_permission"
    )


@pytest.mark.parametrize("kind", ["none", "AES-128", "AES-256"])
def test_nothing_may_follow_a_certification_that_permits_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_prepare, "check_terms", lambda *_arguments: None)
    document = pdfs.plain() if kind == "none" else encrypted(kind, USER)
    once = sign(document, USER, terms=Terms(certify=1))
    report = verify(sign(once, USER), USER)
    assert (report.indication, report.signatures[0].changes) == (Indication.TOTAL_FAILED, Changes.FORBIDDEN)


# ── what is odd ──────────────────────────────────────────────────────────────────────────────────────────────────────


def put(key: str, value: generic.PdfObject, holder: str = "") -> Edit:
    def edit(dictionary: generic.DictionaryObject) -> None:
        place = dictionary
        for name in filter(None, holder.split(".")):
            place = place[f"/{name}"]
        place[key] = value

    return edit


def flip(key: str) -> Edit:
    def edit(dictionary: generic.DictionaryObject) -> None:
        old = dictionary[key].original_bytes
        dictionary[key] = generic.ByteStringObject(bytes((old[0] ^ 4,)) + old[1:])

    return edit


def number(value: int) -> generic.PdfObject:
    return generic.NumberObject(value)


def name_of(value: str) -> generic.NameObject:
    return pdf_name(value)


def string(value: bytes) -> generic.PdfObject:
    return generic.ByteStringObject(value)


UNKNOWN, ODD, WRONG = "pdf_encryption_unknown", "pdf_encryption_odd", "pdf_password_wrong"
BENT: dict[str, tuple[str, Edit, str]] = {
    "strings in plain text": ("AES-256", put("/StrF", name_of("/Identity")), ODD),
    "streams in plain text": ("AES-128", put("/StmF", name_of("/Identity")), ODD),
    "files in plain text": ("AES-128", put("/EFF", name_of("/Identity")), ODD),
    "streams by a filter that is not defined": ("AES-256", put("/StmF", name_of("/Other")), ODD),
    "all by a filter that is not defined": (
        "AES-256",
        lambda it: it.update({name_of("/StmF"): name_of("/No"), name_of("/StrF"): name_of("/No")}),
        ODD,
    ),
    "a filter that does nothing": ("AES-256", put("/CFM", name_of("/None"), "CF.StdCF"), ODD),
    "a method nobody knows": ("AES-256", put("/CFM", name_of("/ROT13"), "CF.StdCF"), ODD),
    "RC4 in version 5": ("AES-256", put("/CFM", name_of("/V2"), "CF.StdCF"), ODD),
    "AES-256 in version 4": ("AES-128", put("/CFM", name_of("/AESV3"), "CF.StdCF"), ODD),
    "a filter called Identity": (
        "AES-256",
        lambda it: it["/CF"].update({name_of("/Identity"): it["/CF"]["/StdCF"]}),
        ODD,
    ),
    "no filters": ("AES-256", put("/CF", generic.NullObject()), ODD),
    "a key of no length": ("RC4-128", put("/Length", number(0)), ODD),
    "a key of 8 bits": ("RC4-128", put("/Length", number(8)), ODD),
    "a key of negative length": ("RC4-128", put("/Length", number(-128)), ODD),
    "a key of half a byte more": ("RC4-128", put("/Length", number(44)), ODD),
    "a filter with a key of no length": ("AES-256", put("/Length", number(0), "CF.StdCF"), ODD),
    "a short /U": ("AES-256", put("/U", string(b"12345678")), ODD),
    "a long /O": ("AES-128", put("/O", string(b"1" * 33)), ODD),
    "no wrapped key": ("AES-256", put("/UE", generic.NullObject()), ODD),
    "other sealed permissions": ("AES-256", flip("/Perms"), ODD),
    "other permissions": ("AES-256", put("/P", number(-1 ^ 4)), ODD),
    "other permissions of 2008": ("AES-256 of 2008", put("/P", number(-1 ^ 4)), ODD),
    "other permissions, in the key": ("AES-128", put("/P", number(-1 ^ 4)), WRONG),
    "permissions that are no number": ("AES-256", put("/P", string(b"all")), ODD),
    "plain metadata that is not sealed so": ("AES-256", put("/EncryptMetadata", generic.BooleanObject(False)), ODD),
    "a revision of another version": ("AES-256", put("/R", number(4)), ODD),
    "a version nobody published": ("RC4-128", put("/V", number(3)), UNKNOWN),
    "a version of tomorrow": ("AES-256", put("/V", number(6)), UNKNOWN),
    "certificates": ("AES-256", put("/Filter", name_of("/Adobe.PubSec")), UNKNOWN),
    "authentication codes": ("AES-256", put("/KDFSalt", string(b"1" * 32)), UNKNOWN),
}


@pytest.mark.parametrize("name", BENT)
def test_what_is_odd_is_not_opened(name: str) -> None:
    kind, edit, code = BENT[name]
    document = bent(kind, edit, USER)
    assert refusal(document, USER) == code
    with pytest.raises(SigningError) as refused:
        sign(document, USER)
    assert refused.value.code == code
    indication, codes = said(verify(document, USER))
    expected = {
        UNKNOWN: (Indication.INDETERMINATE, ["encryption_unknown"]),
        WRONG: (Indication.INDETERMINATE, ["password_wrong"]),
        ODD: (Indication.TOTAL_FAILED, ["document_unreadable"]),
    }
    assert (indication, codes) == expected[code]


def own_filter(kind: str, name: str, stream_type: str = "/Anything") -> bytes:
    """A document with one stream that names a filter of its own."""

    def prepare(writer: PdfFileWriter) -> None:
        stream = generic.StreamObject({pdf_name("/Type"): pdf_name(stream_type)}, stream_data=b"in plain text")
        stream.add_crypt_filter(pdf_name(name), handler=writer.security_handler)
        writer.root["/Extra"] = writer.add_object(stream)

    return bent(kind, lambda _dictionary: None, USER, prepare=prepare)


@pytest.mark.parametrize("kind", ["AES-128", "AES-256"])
def test_no_stream_is_left_in_plain_text_but_metadata(kind: str) -> None:
    assert refusal(own_filter(kind, "/Identity"), USER) == "pdf_encryption_odd"
    assert refusal(own_filter(kind, "/StdCF"), USER) == "pdf_encryption_odd"
    assert lint_pdf(own_filter(kind, "/Identity", "/Metadata"), password=USER).pages == 2
    hidden = own_filter(kind, "/Identity").replace(b"/Filter /Crypt", b"/Filter /#43rypt")
    at = re.search(rb"startxref\n(\d+)", hidden)
    assert at is not None
    moved = hidden.replace(at[0], b"startxref\n%d" % (hidden.rindex(b"xref\n0")))
    assert refusal(moved, USER) == "pdf_encryption_odd"


def appended(document: bytes, trailer: bytes, body: bytes = b"") -> bytes:
    """One more revision by hand, with that trailer; body: an object of it, with its number."""
    previous = int(document[document.rindex(b"startxref") + 9 :].split()[0])
    start = len(document)
    number = body.split()[0] if body else b"0"
    line = b"%010d 00000 n \n" % start if body else b"0000000000 65535 f \n"
    table = b"xref\n%s 1\n%s" % (number, line)
    at = start + len(body)
    return document + body + table + b"trailer\n<<%s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, previous, at)


def test_later_revisions_are_encrypted_as_the_first() -> None:
    signed = sign(encrypted("AES-128", USER), USER)
    reader = PdfFileReader(io.BytesIO(signed))
    root, encrypt = reader.trailer.raw_get("/Root"), reader.trailer.raw_get("/Encrypt")
    kept = b"/Size %d /Root %d 0 R" % (int(reader.trailer["/Size"]), root.idnum)
    dropped = appended(signed, kept)
    again = b"%d 0 obj\n<< /Filter /Standard /V 1 /R 2 >>\nendobj\n" % encrypt.idnum
    rewritten = appended(signed, kept + b" /Encrypt %d 0 R" % encrypt.idnum, again)
    for document in (dropped, rewritten):
        assert refusal(document, USER) == "pdf_encryption_odd"
        assert said(verify(document, USER)) == (Indication.TOTAL_FAILED, ["document_unreadable"])


def test_what_is_appended_to_a_signed_document_is_judged_all_the_same() -> None:
    signed = sign(encrypted("AES-256", USER), USER)
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.encrypt(USER)
    writer.root["/Pages"]["/Kids"][0]["/Rotate"] = generic.NumberObject(90)
    writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0))
    out = io.BytesIO()
    writer.write(out)
    report = verify(out.getvalue(), USER)
    assert (report.indication, report.signatures[0].changes) == (Indication.TOTAL_FAILED, Changes.FORBIDDEN)
