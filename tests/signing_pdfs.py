"""PDF files for the tests of signatures, made on the spot: office-like, scanned, with forms, compressed, rotated."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from signing.errors import SignatureRefused
from signing.formats import FORMATS
from signing.formats.base import (
    NO_TERMS,
    ExtensionSources,
    Level,
    PrepareRequest,
    Terms,
    ValidationData,
    VisibleSignature,
)
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.located import Beside
from signing.validation.revocation import is_list_of
from tests.signing_pki import DAY, NOW, City, Holder, shared_city


@cache
def plain(pages: int = 2, rotate: int = 0) -> bytes:
    """A document of some pages with a classic cross-reference table."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for page in range(1, pages + 1):
        canvas.setPageRotation(rotate)
        canvas.drawString(72, 760, f"QUYET DINH so 01/QD-SNV, trang {page}")
        canvas.drawString(72, 700, "Amount: 1000 VND")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def scanned() -> bytes:
    """A page that is one picture."""
    picture = Image.new("RGB", (827, 1169), "white")
    ImageDraw.Draw(picture).text((100, 100), "scan", fill="black")
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=100)
    return out.getvalue()


@cache
def with_form() -> bytes:
    """A page with a text field."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.drawString(72, 760, "Don xin")
    canvas.acroForm.textfield(name="note", x=72, y=600, width=200, height=24, value="")
    canvas.save()
    return out.getvalue()


@cache
def compressed() -> bytes:
    """Object streams and a cross-reference stream."""
    from pyhanko.pdf_utils import writer as pdf_writer
    from pyhanko.pdf_utils.reader import PdfFileReader

    source = PdfFileReader(io.BytesIO(plain()))
    copy = pdf_writer.copy_into_new_writer(source, writer_kwargs={"stream_xrefs": True})
    out = io.BytesIO()
    copy.write(out)
    return out.getvalue()


@cache
def handwriting() -> bytes:
    """A blue stroke on a transparent ground, PNG."""
    picture = Image.new("RGBA", (300, 120), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.line([(20, 100), (90, 20), (140, 90), (200, 30), (280, 60)], fill=(20, 40, 200, 255), width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def sign(
    document: bytes,
    city: City,
    holder: Holder | None = None,
    *,
    level: Level = Level.B_T,
    at: int = NOW,
    visible: VisibleSignature | None = None,
    reason: str = "Ký ban hành",
    terms: Terms = NO_TERMS,
    password: str = "",
) -> bytes:
    """Sign with the first format that is there."""
    holder = holder or city.official
    pades = FORMATS[0]
    request = PrepareRequest(
        certificate=holder.der,
        chain=holder.chain,
        signing_time=at,
        level=level,
        visible=visible,
        reason=reason,
        location="Hà Nội",
        terms=terms,
        beside=Beside(password=password),
    )
    prepared = pades.prepare(document, request)
    signature = holder.sign(prepared.to_be_signed_digest)
    return pades.embed(prepared, signature, lambda imprint: city.stamp(imprint, at=at))


def extend(
    document: bytes,
    level: Level,
    *,
    city: City | None = None,
    at: int = NOW + 60,
    tsu: Holder | None = None,
    lists: tuple[bytes, ...] = (),
    strict: bool = False,
    password: str = "",
) -> bytes:
    """Extend with lists issued right before, or with those given; strict: one is needed for every certificate."""
    city = city or shared_city()
    current = lists or tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        if strict and not all(any(is_list_of(one, (link,)) for one in current) for link in links[1:]):
            raise SignatureRefused("no_revocation_data", vi="không có", en="none")
        return ValidationData(links, tuple(one for one in current if is_list_of(one, links)))

    sources = ExtensionSources(lambda imprint: city.stamp(imprint, at=at, tsu=tsu), collect)
    return FORMATS[0].extend(document, level, sources, Beside(password=password)).content
