"""Static files: digests, caching, no climbing out, and the fonts."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from fontTools.ttLib import TTFont

from base.errors import StartError
from base.web import fonts


def test_an_address_with_the_digest_is_kept_for_a_year(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/app.css\?v=[0-9a-f]{16})"', client.get("/").text)
    assert address
    answer = client.get(address[1])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_another_address_is_asked_again(client: FlaskClient) -> None:
    first = client.get("/static/app.css?v=old")
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = client.get("/static/app.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_outside_the_folder_is_served(client: FlaskClient) -> None:
    for path in ("../shell.py", "%2e%2e/shell.py", "..%2fshell.py", "templates/layout.html"):
        assert client.get(f"/static/{path}").status_code == 404


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the fonts in it; cutting them takes a second."""
    folder = tmp_path_factory.mktemp("cut")
    fonts.prepare(folder)
    return folder


def test_fonts_hold_every_vietnamese_letter_and_are_small(cut: Path) -> None:
    marks = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", base + mark) for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for mark in marks}
    made = fonts.prepare(cut)
    assert [path.name for path in made] == ["be-vietnam-pro-400-1.woff2", "be-vietnam-pro-600-1.woff2"]
    for path in made:
        assert path.stat().st_size < 40_000
        with TTFont(path) as font:
            held = font.getBestCmap()
        assert {letter for letter in letters | set("đĐ₫€") if ord(letter) not in held} == set()


def test_fonts_are_cut_once_and_leave_no_crumbs(cut: Path) -> None:
    folder = cut / "static" / "fonts"
    first = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path: path.stat().st_mtime_ns for path in fonts.prepare(cut)} == first
    assert len(list(folder.iterdir())) == 2


def test_the_stylesheet_asks_for_the_fonts_that_are_served(client: FlaskClient) -> None:
    asked = re.findall(r'url\("([^"]+)"\)', client.get("/static/app.css").text)
    assert asked == [f"/static/fonts/{fonts.file_name(weight)}" for weight, _ in fonts.WEIGHTS]
    answer = client.get(asked[0])
    assert answer.content_type == "font/woff2"
    assert answer.data[:4] == b"wOF2"
    assert "immutable" in answer.headers["Cache-Control"]


def test_two_processes_may_cut_the_fonts_at_once(tmp_path: Path) -> None:
    program = "import sys, pathlib; from base.web import fonts; fonts.prepare(pathlib.Path(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(list((tmp_path / "static" / "fonts").iterdir())) == 2


def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("a file where the folder should be")
    with pytest.raises(StartError) as caught:
        fonts.prepare(tmp_path)
    assert "cannot be written" in caught.value.en
