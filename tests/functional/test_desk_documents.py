"""Documents on the desk: real input, clear refusals, nobody sees another's, what is over is deleted."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from base.services import BaseServices
from signing.flows.background import reap_documents, sweep_orphans
from signing.flows.upload import folder
from signing.models import documents
from tests.desk_city import BINH, MAI, Browser, DeskCity, desk_city
from tests.desk_papers import OFFICE_HTML, Layout, decision, office_made, scan
from tests.ledger import kinds


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def kept(city: DeskCity) -> list[Path]:
    return [path for path in folder(city.services).root.rglob("*") if path.is_file()]


def test_an_upload_is_shown_with_its_digest_and_place(city: DeskCity, browser: Browser) -> None:
    content = decision(Layout(pages=2))
    document = browser.uploaded(content)
    text = browser.get(document).get_data(as_text=True)
    groups = re.findall(r"<span>([0-9a-f]{4})</span>", text)
    assert "".join(groups) == hashlib.sha256(content).hexdigest()
    assert "Phía trên họ tên của bạn ở trang 2." in text
    assert "Quyết định 12.pdf" in text
    assert [path.read_bytes() for path in kept(city)] == [content]
    picture = browser.get(f"{document}/pages/2.png")
    assert picture.mimetype == "image/png"
    assert picture.headers["Cache-Control"].startswith("private")
    assert Image.open(io.BytesIO(picture.data)).width == pytest.approx(1100, abs=2)
    assert browser.get(f"{document}/original").data == content


@pytest.mark.parametrize("page", [0, 3, 99999])
def test_a_page_that_is_not_there(browser: Browser, page: int) -> None:
    document = browser.uploaded(decision(Layout(pages=2)))
    assert browser.get(f"{document}/pages/{page}.png").status_code == 404


@pytest.mark.parametrize(
    "content", [decision(Layout(rotate=90)), scan(), decision(Layout(pages=45))], ids=["rotated", "scan", "45 pages"]
)
def test_real_input(browser: Browser, content: bytes) -> None:
    document = browser.uploaded(content)
    assert browser.get(document).status_code == 200
    assert browser.get(f"{document}/pages/1.png").status_code == 200


def test_many_pages_are_shown_in_portions(browser: Browser) -> None:
    document = browser.uploaded(decision(Layout(pages=45)))
    first = browser.get(document).get_data(as_text=True)
    assert first.count("<figure") == 20
    assert browser.get(f"{document}?from=41").get_data(as_text=True).count("<figure") == 5
    assert browser.get(f"{document}?from=-7").status_code == 200
    assert browser.get(f"{document}?from=nonsense").status_code == 200


@pytest.mark.slow
def test_a_document_of_an_office_suite(browser: Browser, tmp_path: Path) -> None:
    content = office_made(tmp_path, OFFICE_HTML)
    if content is None:
        pytest.skip("LibreOffice is not installed")
    document = browser.uploaded(content)
    assert "Phía trên họ tên của bạn ở trang" in browser.get(document).get_data(as_text=True)


REFUSED = {
    "empty": (b"", 400),
    "text": (b"hello", 400),
    "renamed program": (b"MZ\x90\x00" + b"\x00" * 500, 400),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, 400),
    "cut off": (decision()[:600], 400),
    "head only": (b"%PDF-1.7\n%%EOF\n", 400),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_document_is_refused_beside_the_field(city: DeskCity, browser: Browser, kind: str) -> None:
    answer = browser.upload(REFUSED[kind][0])
    assert 400 <= answer.status_code < 500
    text = answer.get_data(as_text=True)
    assert 'id="file-error"' in text
    assert kept(city) == []
    with city.base.db.read() as connection:
        assert connection.execute(select(documents)).all() == []
    assert kinds(city.base.db)[-1] == "signing.document.turned_away"


def test_no_file_at_all(browser: Browser) -> None:
    assert browser.post("/desk/documents").status_code == 400


def test_a_document_that_is_too_large(make_base: Callable[..., BaseServices]) -> None:
    with desk_city(make_base, document_max_bytes=20_000) as city:
        browser = city.browser()
        browser.sign_in()
        assert browser.upload(b"%PDF-1.7\n" + b"x" * 30_000).status_code == 413
        assert kept(city) == []


def test_a_full_desk_says_so(make_base: Callable[..., BaseServices]) -> None:
    with desk_city(make_base, document_quota=2) as city:
        browser = city.browser()
        browser.sign_in()
        browser.uploaded(decision())
        browser.uploaded(decision())
        assert browser.upload(decision()).status_code == 409


@pytest.mark.parametrize("name", ["../../etc/passwd.pdf", "\u202efdp.exe", "<script>alert(1)</script>.pdf"])
def test_a_hostile_name_is_only_a_label(city: DeskCity, browser: Browser, name: str) -> None:
    document = browser.uploaded(decision(), name)
    text = browser.get(document).get_data(as_text=True)
    assert "<script>" not in text
    assert "\u202e" not in text
    answer = browser.get(f"{document}/original")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "X" not in answer.headers
    for path in kept(city):
        assert re.fullmatch(r"doc_[\w-]{22}/[0-9a-f]{64}", str(path.relative_to(folder(city.services).root)))


def test_nobody_reaches_another_persons_document(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    other = city.browser()
    other.sign_in(MAI)
    for path in ("", "/pages/1.png", "/original", "/signed"):
        assert other.get(document + path).status_code == 404
    assert other.post(f"{document}/sign").status_code == 404
    assert other.post(f"{document}/placement", {"way": "none"}).status_code == 404
    other.post(f"{document}/delete")
    assert browser.get(document).status_code == 200


def test_without_a_session_everything_leads_to_the_front(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    stranger = city.browser()
    for path in ("", "/pages/1.png", "/original", "/signed"):
        assert stranger.get(document + path).headers["Location"] == "/desk"
    assert stranger.get("/desk/picture.png").status_code == 303
    assert stranger.get("/desk/requests/sgr_x").status_code == 303


def test_posts_need_the_token_of_the_page(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    for path in (
        "/desk/documents",
        f"{document}/sign",
        f"{document}/delete",
        f"{document}/placement",
        "/desk/sign-out",
        "/desk/picture",
    ):
        assert browser.client.post(path, data={}).status_code == 403


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"way": "chosen", "page": "1", "across": "left", "down": "top"}, "Vị trí bạn đã chọn ở trang 1."),
        ({"way": "none"}, "Không hiện hình trên trang."),
        ({"way": "name"}, "Phía trên họ tên của bạn ở trang 2."),
    ],
)
def test_the_place_can_be_changed_without_a_script(browser: Browser, form: dict[str, str], said: str) -> None:
    document = browser.uploaded(decision(Layout(pages=2)))
    before = re.findall(r"/pages/2.png\?v=\w+", browser.get(document).get_data(as_text=True))
    browser.post(f"{document}/placement", {"way": "chosen", "page": "2", "across": "centre", "down": "middle"})
    assert before != re.findall(r"/pages/2.png\?v=\w+", browser.get(document).get_data(as_text=True))
    assert browser.post(f"{document}/placement", form).status_code == 303
    assert said in browser.get(document).get_data(as_text=True)


@pytest.mark.parametrize("page", ["0", "3", "", "x", "99999999999999999999"])
def test_a_place_on_no_page_is_refused(browser: Browser, page: str) -> None:
    document = browser.uploaded(decision(Layout(pages=2)))
    assert (
        browser.post(
            f"{document}/placement", {"way": "chosen", "page": page, "across": "left", "down": "top"}
        ).status_code
        == 400
    )


def test_a_document_can_be_deleted(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    browser.post(f"{document}/delete")
    assert browser.get(document).status_code == 404
    assert kept(city) == []


def test_what_nobody_signed_is_reaped(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    city.base.clock.move(city.services.settings.draft_retention_seconds - 1)  # type: ignore[attr-defined]  # a FixedClock
    reap_documents(city.services)
    assert len(kept(city)) == 1
    city.base.clock.move(1)  # type: ignore[attr-defined]  # a FixedClock
    reap_documents(city.services)
    assert kept(city) == []
    browser.sign_in()
    assert browser.get(document).status_code == 404


def test_bytes_without_a_row_are_swept(city: DeskCity, browser: Browser) -> None:
    browser.uploaded(decision())
    orphan = "doc_" + "o" * 22
    folder(city.services).keep(orphan, b"cut off")
    city.base.clock.at = 2**33  # type: ignore[attr-defined]  # long after the files were written
    sweep_orphans(city.services)
    assert [path.parent.name for path in kept(city)] != []
    assert orphan not in {path.parent.name for path in kept(city)}


def test_a_failed_transaction_takes_the_bytes_away(
    city: DeskCity, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signing.flows.upload

    def broken(*_: object) -> None:
        raise RuntimeError("database gone")

    monkeypatch.setattr(signing.flows.upload, "append", broken)
    assert browser.upload(decision()).status_code == 500
    assert kept(city) == []


def test_the_picture_of_the_handwriting(browser: Browser) -> None:
    drawn = browser.get("/desk/picture.png").data
    picture = Image.new("RGB", (600, 200), "white")
    picture.paste((0, 0, 0), (100, 60, 500, 120))
    out = io.BytesIO()
    picture.save(out, "PNG")
    sent = FileStorage(io.BytesIO(out.getvalue()), "a.png")
    assert browser.post("/desk/picture", {"picture": sent}).status_code == 303
    own = browser.get("/desk/picture.png").data
    assert own not in (drawn, out.getvalue())
    assert browser.post("/desk/picture", {"picture": FileStorage(io.BytesIO(b"GIF89a"), "a.png")}).status_code == 400
    assert browser.get("/desk/picture.png").data == own
    browser.post("/desk/picture/delete")
    assert browser.get("/desk/picture.png").data == drawn


def test_the_desk_lists_documents(browser: Browser) -> None:
    browser.uploaded(decision(), "Tờ trình 7.pdf")
    text = browser.get("/desk").get_data(as_text=True)
    assert "Tờ trình 7.pdf" in text
    assert "Chưa ký" in text
    assert BINH.name in text
