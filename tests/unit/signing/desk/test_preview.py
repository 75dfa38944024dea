"""Where the signature stands (Decree 30/2020, Appendix I, box 7c) and what the official sees."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from signing.errors import SigningError
from signing.preview.child import Overlay, draw_page, find_name
from signing.preview.handwriting import BLUE, SIZE, admit_picture, draw_picture
from signing.preview.placement import Placement, Way, choose_place, find_place, read_placement
from tests.desk_papers import OFFICE_HTML, SIGNER, Layout, decision, office_made, scan

A4 = (595.28, 841.89)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return tmp_path / "paper.pdf"


def test_the_picture_stands_above_the_name_and_below_the_title(paper: Path) -> None:
    paper.write_bytes(decision(Layout(pages=3)))
    spot = find_name(paper, SIGNER)
    assert spot is not None
    assert spot.page == 3
    left, bottom, right, top = spot.box
    assert abs((left + right) / 2 - 410) < 4
    assert 245 < bottom < 252
    place = find_place(spot, (A4,) * 3)
    assert place.way is Way.NAME
    assert place.box is not None
    assert abs((place.box[0] + place.box[2]) / 2 - 410) < 4
    assert place.box[1] >= top
    assert place.box[3] <= 330


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_rotated_pages_are_searched_as_seen(paper: Path, rotate: int) -> None:
    """The frame is drawn over the page as people see it: the blue picture must land just above the name's black."""
    paper.write_bytes(decision(Layout(rotate=rotate)))
    spot = find_name(paper, SIGNER)
    assert spot is not None
    width, height = A4
    assert 0 <= spot.box[0] < spot.box[2] <= width
    assert 0 <= spot.box[1] < spot.box[3] <= height
    picture = Image.open(io.BytesIO(draw_page(paper, 1, width=1200))).convert("L")
    scale = picture.width / width
    frame = (spot.box[0] * scale, (height - spot.box[3]) * scale, spot.box[2] * scale, (height - spot.box[1]) * scale)
    assert any(picture.crop(frame).histogram()[:120])  # there is writing exactly there


def test_a_name_in_a_sentence_below_does_not_win(paper: Path) -> None:
    paper.write_bytes(decision(Layout(sentence=True)))
    spot = find_name(paper, SIGNER)
    assert spot is not None
    assert spot.box[1] > 200


@pytest.mark.parametrize(
    "written", ["TRẦN VĂN BÌNH", unicodedata.normalize("NFD", SIGNER), "Trần  Văn Bình", "trần văn bình"]
)
def test_the_name_is_found_however_it_is_written(paper: Path, written: str) -> None:
    paper.write_bytes(decision(Layout(name=written)))
    assert find_name(paper, SIGNER) is not None


def test_another_name_is_not_found_and_the_corner_is_used(paper: Path) -> None:
    paper.write_bytes(decision(Layout(pages=2, name="Trần Văn Bính")))
    assert find_name(paper, SIGNER) is None
    place = find_place(None, (A4, A4))
    assert place.way is Way.CORNER
    assert place.page == 2
    assert place.box is not None
    assert place.box[0] > A4[0] / 2
    assert place.box[3] < A4[1] / 3


def test_a_scan_has_no_name(paper: Path) -> None:
    paper.write_bytes(scan())
    assert find_name(paper, SIGNER) is None


@pytest.mark.slow
def test_an_office_document(tmp_path: Path) -> None:
    made = office_made(tmp_path, OFFICE_HTML)
    if made is None:
        pytest.skip("LibreOffice is not installed")
    spot = find_name(tmp_path / "paper.pdf", SIGNER)
    assert spot is not None
    assert spot.gap > 30


def test_the_frame_is_drawn_where_it_is_said(paper: Path) -> None:
    paper.write_bytes(decision())
    picture = Image.open(
        io.BytesIO(draw_page(paper, 1, width=595, overlay=Overlay(draw_picture("A B"), (100, 500, 250, 562))))
    )
    inside = picture.crop((103, 841 - 559, 247, 841 - 503)).convert("RGB")
    red, _green, blue = inside.split()
    assert any(b > 110 and r < 90 for r, b in zip(red.tobytes(), blue.tobytes(), strict=True))
    assert picture.crop((300, 841 - 562, 500, 841 - 500)).convert("L").getextrema() == (255, 255)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n%%EOF", b"\x00" * 4096])
def test_what_pdfium_cannot_open_is_an_ordinary_error(paper: Path, content: bytes) -> None:
    paper.write_bytes(content)
    for act in (lambda: draw_page(paper, 1, width=300), lambda: find_name(paper, SIGNER)):
        with pytest.raises(SigningError) as caught:
            act()
        assert caught.value.code == "page_not_drawn"


def test_a_chosen_place_survives_the_database() -> None:
    place = choose_place(2, "left", "top", (A4, A4))
    assert read_placement(place.as_text()) == place
    assert read_placement(Placement(Way.NONE).as_text()).box is None


@pytest.mark.parametrize(
    ("page", "across", "down"), [(0, "left", "top"), (3, "left", "top"), (1, "up", "top"), (1, "left", "")]
)
def test_a_place_that_is_not_there_is_refused(page: int, across: str, down: str) -> None:
    with pytest.raises(SigningError) as caught:
        choose_place(page, across, down, (A4, A4))
    assert caught.value.code == "bad_place"


def test_every_place_lies_on_the_page() -> None:
    for size in (A4, (100.0, 60.0), (5000.0, 30.0)):
        for across in ("left", "centre", "right"):
            for down in ("top", "middle", "bottom"):
                box = choose_place(1, across, down, (size,)).box
                assert box is not None
                assert 0 <= box[0] < box[2] <= size[0] + 0.01
                assert 0 <= box[1] < box[3] <= size[1] + 0.01


def _png(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", **options)
    return out.getvalue()


def test_the_drawn_picture_is_blue_on_nothing_and_always_the_same() -> None:
    drawn = draw_picture(SIGNER)
    picture = Image.open(io.BytesIO(drawn))
    assert picture.mode == "RGBA"
    assert picture.getchannel("A").getextrema() == (0, 255)
    assert tuple(picture.getchannel(band).getextrema() for band in "RGB") == tuple((c, c) for c in BLUE)
    assert draw_picture(SIGNER) == drawn != draw_picture("Lê Thị Mai")


def test_a_scan_of_ink_on_paper_becomes_transparent() -> None:
    paper = Image.new("RGB", (1600, 900), (250, 248, 240))
    paper.paste((10, 10, 30), (400, 300, 900, 420))
    picture = Image.open(io.BytesIO(admit_picture(_png(paper))))
    assert picture.width <= SIZE[0]
    assert picture.height <= SIZE[1]
    assert picture.getpixel((picture.width // 2, picture.height // 2)) == (*BLUE, 255)


def _bomb() -> bytes:
    return _png(Image.new("1", (30_000, 30_000)))


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'/>",
     b"x" * (1 << 20 | 1), _png(Image.new("RGB", (50, 50), "white")), _png(Image.new("RGBA", (50, 50))), _bomb()],
    ids=["empty", "gif", "broken", "svg", "long", "white", "clear", "bomb"],
)  # fmt: skip
def test_what_is_no_picture_of_writing_is_refused(content: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        admit_picture(content)
    assert caught.value.code == "bad_picture"


def test_nothing_else_of_the_upload_survives() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "secret place")
    paper = Image.new("RGB", (200, 100), "white")
    paper.paste((0, 0, 0), (20, 20, 150, 60))
    assert b"secret" not in admit_picture(_png(paper, pnginfo=notes))
