"""Which passwords are accepted: length, common words, context. Thirty by name, two hundred by variation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from idp.accounts.common_passwords import COMMON
from idp.accounts.password_rules import WeakPassword, check_password, is_common, normalised

CONTEXT = ("hong.nguyen", "Nguyễn Thị Hồng", "Sở Khoa học và Công nghệ")


@pytest.mark.parametrize(
    ("password", "second_factor", "refusal"),
    [
        ("con trâu đi trước cái cày", False, None),
        ("correct horse battery staple", False, None),
        ("bàn ghế xanh lá trời mưa", False, None),
        ("Ởđờicóbốncáingu", False, None),
        ("        mưa        nắng", False, None),
        ("x7$kQp2!vLm9#rT", False, None),
        ("a" * 8 + "bcdq" + "z" * 60, False, None),
        ("e\u0301" * 3 + "quả bưởi năm roi", False, None),
        ("👍🏽 ngày mai trời nắng", False, None),
        ("x7$kQp2!", True, None),
        ("quả bưởi", True, None),
        ("short", False, "password_too_short"),
        ("x7$kQp2!vLm9#r", False, "password_too_short"),
        ("x7$kQp2", True, "password_too_short"),
        ("", True, "password_too_short"),
        ("á" * 600, False, "password_too_long"),
        ("password", True, "password_common"),
        ("Password2026!!!", False, "password_common"),
        ("P@ssw0rd", True, "password_common"),
        ("passwordpassword", False, "password_common"),
        ("123456789012345", False, "password_common"),
        ("987654321", True, "password_common"),
        ("aaaaaaaaaaaaaaaaaaaa", False, "password_common"),
        ("abababababababab", False, "password_common"),
        ("qwertyuiop", True, "password_common"),
        ("matkhau123456789", False, "password_common"),
        ("Mật khẩu 2026", True, "password_common"),
        ("Đà Nẵng 2026 !!!!", False, "password_common"),
        ("ANHYEUEM", True, "password_common"),
        ("hong.nguyen2026", False, "password_context"),
        ("Nguyễn Thị Hồng 1990", False, "password_context"),
        ("sokhoahocvacongnghe1", False, "password_context"),
    ],
)
def test_table(password: str, second_factor: bool, refusal: str | None) -> None:
    if refusal is None:
        accepted = check_password(password, context=CONTEXT, second_factor=second_factor)
        assert accepted == unicodedata.normalize("NFC", password)
        return
    with pytest.raises(WeakPassword) as refused:
        check_password(password, context=CONTEXT, second_factor=second_factor)
    assert refused.value.code == refusal
    assert refused.value.vi
    assert refused.value.en


def test_two_keyboards_give_one_password() -> None:
    assert normalised("mật khẩu".encode().decode()) == normalised(unicodedata.normalize("NFD", "mật khẩu"))


def test_common_words_do_not_pass_in_disguise() -> None:
    samples = sorted(COMMON)[:200]
    disguises: list[Callable[[str], str]] = [
        lambda w: w,
        str.upper,
        lambda w: w + "2026",
        lambda w: w + "!@#",
        lambda w: w + w,
    ]
    missed = [make(word) for word in samples for make in disguises if not is_common(make(word))]
    assert not missed


def test_a_long_sentence_with_a_common_word_in_it_passes() -> None:
    assert not is_common("welcome to the quiet harbour of sơn trà")
