"""The sample documents: every Vietnamese word can be found in them, the sheets and fonts are what the decree asks."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from demo.documents.samples import SAMPLES, write_samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("documents")
    write_samples(target)
    return target


def _pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file_name)
def test_each_sample_carries_the_components_of_the_decree(folder: Path, sample: object) -> None:
    text = "\n".join(_pages(folder / sample.file_name))  # type: ignore[attr-defined]  # parametrised over Sample
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Trần Quang Minh",
        "Nơi nhận:",
    ):
        assert words in text


def test_the_decision_has_an_appendix_on_a_numbered_sheet(folder: Path) -> None:
    pages = _pages(folder / "quyet-dinh.pdf")
    assert len(pages) == 2
    assert "Phụ lục" in pages[1]
    assert pages[1].lstrip().startswith("2")


def test_sheets_are_a4_and_every_font_is_embedded(folder: Path) -> None:
    for sample in SAMPLES:
        document = pypdfium2.PdfDocument(folder / sample.file_name)
        assert document[0].get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        document.close()
        assert (folder / sample.file_name).read_bytes().count(b"/FontFile2") >= 3


def test_a_second_start_leaves_the_files_alone(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*.pdf")}
    write_samples(folder)
    assert {path.name: path.read_bytes() for path in folder.glob("*.pdf")} == before
