"""Two names a person could take for one another are one name, or are refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.usernames import BadUsername, canonical_username, shown_name


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Hong.Nguyen", "hong.nguyen"),
        ("  an@danang.gov.vn ", "an@danang.gov.vn"),
        ("NGUYỄN.ĐỨC", "nguyễn.đức"),
        (unicodedata.normalize("NFD", "nguyễn.đức"), "nguyễn.đức"),
        ("012345678901", "012345678901"),
    ],
)
def test_canonical_form(typed: str, canonical: str) -> None:
    assert canonical_username(typed) == canonical


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "x" * 121,
        "nguyen.\u00d0uc",  # Eth, drawn like Đ
        "nguyen.\u0189uc",  # African D
        "\u0430n.nguyen",  # Cyrillic а
        "an\u200bnguyen",  # zero-width space
        "an nguyen",
        "\uff41bc.def",  # full-width letters
        "\u0131an.nguyen",  # dotless i
        "an\x00nguyen",
        "an\u0327nguyen",  # cedilla: no Vietnamese mark
    ],
)
def test_refused(typed: str) -> None:
    with pytest.raises(BadUsername):
        canonical_username(typed)


@given(st.text(max_size=130))
def test_canonical_names_stay_as_they_are(typed: str) -> None:
    try:
        name = canonical_username(typed)
    except BadUsername:
        return
    assert canonical_username(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert canonical_username(typed.upper()) == name or typed.upper().casefold() != typed.casefold()


def test_a_full_name_is_kept_as_issued() -> None:
    assert shown_name(unicodedata.normalize("NFD", " Nguyễn Thị Hồng ")) == "Nguyễn Thị Hồng"
    for bad in ("", "   ", "Nguyễn \u00d0ức", "a\x00b", "a\u202eb", "x" * 201):
        with pytest.raises(BadUsername):
            shown_name(bad)
