"""
The code that a person reads on one device and enters on another.

Source: RFC 8628 §6.1: letters that cannot be taken for one another and spell no words; 20^8 codes are 34 bits.
"""

from __future__ import annotations

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
_MOST_TYPED = 40
_IGNORED = "-\u2010\u2011\u2013\u2014_."


def shown_code(letters: str) -> str:
    """As it is shown: two groups of four with a dash between."""
    return f"{letters[:4]}-{letters[4:]}"


def typed_code(unverified: str) -> str | None:
    """The letters of what was typed, whatever its case, dashes and spaces; None: it cannot be a code."""
    if len(unverified) > _MOST_TYPED:
        return None
    letters = "".join(letter for letter in unverified if not (letter.isspace() or letter in _IGNORED))
    letters = letters.upper() if letters.isascii() else ""
    return letters if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None
