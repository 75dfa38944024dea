"""`antin doctor` and `antin config explain`."""

from __future__ import annotations

from base.errors import StartError
from base.run.doctor import Question, examine
from base.run.explain import explained
from base.run.progress import table
from base.settings import BaseSettings, Settings


def test_the_doctor_asks_on_after_a_bad_answer() -> None:
    def bad() -> str:
        raise StartError("not there: make it.", vi="chưa có: hãy tạo.")

    def broken() -> str:
        return str(1 // 0)

    said: list[str] = []
    status = examine([Question("one", bad), Question("two", broken), Question("three", lambda: "fine")], said.append)
    assert status == 1
    assert said == [
        "  ✗ one: chưa có: hãy tạo. · not there: make it.",
        "  ✗ two: ZeroDivisionError: integer division or modulo by zero",
        "  ✓ three: fine",
    ]


def test_a_healthy_installation() -> None:
    assert examine([Question("one", lambda: "fine")], lambda _: None) == 0


def test_explain_shows_value_default_unit_and_meaning() -> None:
    text = explained(Settings({BaseSettings: BaseSettings(workers=7)}))
    assert "ANTIN_WORKERS = 7 processes   [mặc định · default: 2]\n    Server processes." in text


def test_explain_masks_secrets() -> None:
    text = explained(Settings({BaseSettings: BaseSettings(database_url="postgresql://antin:hunter2@db/antin")}))
    assert "hunter2" not in text
    assert "ANTIN_DATABASE_URL = ********" in text


def test_a_table_is_aligned() -> None:
    assert table([("a", "bb", ""), ("ccc", "d", "e")]) == "  a    bb\n  ccc  d   e"
    assert table([]) == ""
