"""What looks different since a signature: drawn page by page, marked, said in words; and nothing where nothing does."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import flask
import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import signing.web.verify
from base.services import BaseServices
from base.web.shell import make_app
from keys.settings import KeysSettings
from signing.errors import SigningError
from signing.flows.differences import MOST_SIGNATURES, differences_of, places_of
from signing.formats.base import VisibleSignature
from signing.preview import child
from signing.preview.child import compare_documents
from signing.services import SigningServices, open_signing
from signing.settings import SigningSettings
from signing.web.verify import verify
from tests import signing_pdfs as pdfs
from tests import warm
from tests.ready_keys import open_ready_keys
from tests.signing_pki import shared_city

RED = (176, 42, 48)


def seen(png: str | None) -> Image.Image:
    assert png
    return Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")


def red(picture: Image.Image) -> int:
    return sum(count for count, colour in picture.getcolors(1 << 20) or [] if colour == RED)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "signed.pdf", tmp_path / "now.pdf"


def visible() -> bytes:
    once = pdfs.sign(pdfs.plain(), shared_city())
    picture = VisibleSignature(pdfs.handwriting(), 1, (380, 60, 560, 130))
    return pdfs.sign(once, shared_city(), visible=picture)


def test_what_looks_alike_has_no_pictures(pair: tuple[Path, Path]) -> None:
    pair[0].write_bytes(pdfs.plain())
    pair[1].write_bytes(pdfs.sign(pdfs.plain(), shared_city()))
    found = compare_documents(*pair)
    assert found.pages == ()
    assert found.signed == found.now == found.compared


def test_a_later_visible_signature_is_marked_where_it_stands(pair: tuple[Path, Path]) -> None:
    pair[0].write_bytes(pdfs.plain())
    pair[1].write_bytes(visible())
    found = compare_documents(*pair)
    assert [page.page for page in found.pages] == [1]
    (page,) = found.pages
    assert (places_of(page.regions).vi, places_of(page.regions).en) == ("dưới phải", "bottom right")
    before, after = seen(page.before), seen(page.after)
    assert before.size == after.size
    assert red(before) > 100
    assert red(after) > 100


def test_pages_that_were_added_are_whole_differences(pair: tuple[Path, Path]) -> None:
    import pypdfium2

    more = pypdfium2.PdfDocument(pdfs.plain())
    for _ in range(60):
        more.new_page(300, 300)
    out = io.BytesIO()
    more.save(out)
    pair[0].write_bytes(pdfs.plain())
    pair[1].write_bytes(out.getvalue())
    found = compare_documents(*pair)
    assert found.now == found.signed + 60
    assert found.compared == 40
    assert len(found.pages) == 40 - found.signed
    assert found.pages[0].before is None
    assert places_of(found.pages[0].regions).en == "the whole page"
    assert [bool(page.after) for page in found.pages][:5] == [True] * 4 + [False]


def test_what_cannot_be_drawn_is_an_error(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for path in pair:
        path.write_bytes(b"%PDF-1.7 rubbish")
    with pytest.raises(SigningError):
        compare_documents(*pair)
    monkeypatch.setattr(child, "LONGEST_SECONDS", 0)
    for path in pair:
        path.write_bytes(pdfs.plain())
    with pytest.raises(SigningError) as refused:
        compare_documents(*pair)
    assert refused.value.debug == "too slow"


@pytest.fixture
def services(make_base: Callable[..., BaseServices]) -> SigningServices:
    base = make_base(KeysSettings(), SigningSettings())
    return open_signing(base, open_ready_keys(base))


def posted(services: SigningServices, *documents: bytes) -> str:
    app = warm.keep_templates(make_app(services.base, name="Ấn Tín", roads=(), cookie_key=bytes(32)))
    app.register_blueprint(flask.Blueprint("signing", "signing.web", template_folder="templates"))
    signing.web.verify.mount(app, services)
    boundary, body = encode_multipart(
        {"file": [FileStorage(io.BytesIO(one), f"{n}.pdf") for n, one in enumerate(documents)]}
    )
    kind = f"multipart/form-data; boundary={boundary}"
    headers = {"Accept": "text/html", "Accept-Language": "vi"}
    return app.test_client().post("/verify", data=body, content_type=kind, headers=headers).get_data(as_text=True)


def test_the_page_shows_them(services: SigningServices) -> None:
    document = visible()
    assert list(differences_of(services, document, verify(services, document))) == [1]
    text = posted(services, document)
    assert text.count('src="data:image/png;base64,') == 2
    assert "Khác biệt nhìn thấy được sau khi ký" in text
    assert "Chỗ khác nhau: dưới phải." in text


def test_the_page_of_several_files_shows_those_of_the_first(services: SigningServices) -> None:
    document, plain = visible(), pdfs.sign(pdfs.plain(), shared_city())
    text = posted(services, plain, document, document, document, document)
    assert text.count('src="data:image/png;base64,') == 2 * MOST_SIGNATURES
    assert text.count("Hãy kiểm tra riêng tệp này") == 1


def test_nothing_is_drawn_of_what_nothing_came_after(services: SigningServices) -> None:
    once = pdfs.sign(pdfs.plain(), shared_city())
    assert "data:image/png" not in posted(services, once)
    assert not differences_of(services, once, verify(services, once))


def test_a_second_signature_nobody_sees_changes_no_page(services: SigningServices) -> None:
    twice = pdfs.sign(pdfs.sign(pdfs.plain(), shared_city()), shared_city())
    (found,) = differences_of(services, twice, verify(services, twice)).values()
    assert found.compared is not None
    assert not found.differing
    assert "Các trang trông giống hệt như khi được ký." in posted(services, twice)
