"""
The canonical form of a sign-in name. Two names that a person could take for one another are one name or are refused.

Source: Unicode UAX #15 (NFC), UTS #39 (confusables). Đ (U+0110) and Ð (U+00D0) look alike; no normal form unifies them.
"""

from __future__ import annotations

import unicodedata

from base.errors import AntinError

SHORTEST, LONGEST = 2, 120
MOST_TYPED = 1000
"""
Characters that are looked at. Putting combining marks in order takes time that grows with the square of their number,
so what is far too long is refused before it is normalised; no name of LONGEST characters can be typed in as many.
"""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_JOINERS = frozenset(".-_@+")
_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
"""The marks of Vietnamese letters: grave, acute, circumflex, tilde, breve, hook above, horn, dot below."""
LOOKALIKES_OF_D = frozenset("\u00d0\u00f0\u0189\u0256")
"""Eth and African D: drawn like Đ, and not that letter."""


class BadUsername(AntinError):
    """The name cannot be a sign-in name."""


def canonical_username(raw: str) -> str:
    """
    NFC and case-folded, made only of Vietnamese letters, digits and `. - _ @ +`, 2 to 120 characters.

    Raises: BadUsername: anything else (other alphabets, invisible characters, the look-alikes of Đ).
    """
    name = ""
    if len(raw) <= MOST_TYPED:
        name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", raw.strip()).casefold())
    if not SHORTEST <= len(name) <= LONGEST:
        raise BadUsername(
            "username_length",
            vi=f"Tên đăng nhập phải dài từ {SHORTEST} đến {LONGEST} ký tự.",
            en=f"A sign-in name has {SHORTEST} to {LONGEST} characters.",
        )
    for character in unicodedata.normalize("NFD", name):
        if character not in _PLAIN and character not in _JOINERS and character not in _MARKS and character != "đ":
            raise BadUsername(
                "username_character",
                vi="Tên đăng nhập chỉ gồm chữ cái tiếng Việt, chữ số và các dấu . - _ @ +",
                en="A sign-in name is made of Vietnamese letters, digits and . - _ @ +",
                debug=f"U+{ord(character):04X}",
            )
    return name


def shown_name(raw: str) -> str:
    """
    A person's name as issued: NFC, outer spaces removed, nothing else rewritten.

    Raises: BadUsername: empty, longer than 200 characters, control characters, or a look-alike of Đ.
    """
    name = unicodedata.normalize("NFC", raw.strip()) if len(raw) <= MOST_TYPED else ""
    bad = any(character in LOOKALIKES_OF_D or unicodedata.category(character)[0] == "C" for character in name)
    if not name or len(name) > 200 or bad:
        raise BadUsername(
            "full_name",
            vi="Họ tên trống, quá dài hoặc có ký tự lạ (chữ Đ phải là Đ tiếng Việt, U+0110).",
            en="The full name is empty, too long, or holds a foreign character (Đ must be the Vietnamese U+0110).",
        )
    return name
