"""
Which passwords are accepted: long enough, not common, not made of what everybody knows about the account.

No rule of composition and no forced change. Source: NIST SP 800-63B-4 §3.1.1; OWASP ASVS 5.0 §6.2.1, 6.2.4-6.2.12.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from base.errors import AntinError
from idp.accounts.common_passwords import COMMON

SHORTEST_ALONE = 15
SHORTEST_WITH_SECOND_FACTOR = 8
MOST_BYTES = 1024
FEWEST_OWN_LETTERS = 4
_LEET = str.maketrans("013457$@!", "oieastsai")
_TAILS = (re.compile(r"[\W_]+$"), re.compile(r"(19|20)\d\d[\W_]*$"), re.compile(r"[\W\d_]+$"))
"""What people put behind a word: signs, a year, digits and signs."""
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedc")


class WeakPassword(AntinError):
    """The password is not accepted; `vi` and `en` say which rule and what to do."""


def normalised(password: str) -> str:
    """
    The form that is hashed: NFC, so that two keyboards give one password.

    One that is too long anyway stays as it is: normalising takes time that grows with the square of its marks, and
    anybody can send a megabyte of them.
    """
    return password if len(password) > MOST_BYTES else unicodedata.normalize("NFC", password)


def check_password(password: str, *, context: Iterable[str] = (), second_factor: bool = False) -> str:
    """
    Accept a new password.

    Reads:   the password as typed; context words (sign-in name, full name, organisation); whether the account is
             always asked for a second factor.
    Returns: the password in the form to hash.
    Raises:  WeakPassword: password_too_short, password_too_long, password_common, password_context.

    Source:  NIST SP 800-63B-4 §3.1.1.1-3.1.1.2.
    """
    password = normalised(password)
    shortest = SHORTEST_WITH_SECOND_FACTOR if second_factor else SHORTEST_ALONE
    if len(password) < shortest:
        raise WeakPassword(
            "password_too_short",
            vi=f"Mật khẩu phải có ít nhất {shortest} ký tự. Hãy ghép vài từ không liên quan thành một câu dễ nhớ.",
            en=f"A password has at least {shortest} characters. Try a few unrelated words.",
        )
    if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise WeakPassword(
            "password_too_long",
            vi=f"Mật khẩu dài quá {MOST_BYTES} byte.",
            en=f"The password is longer than {MOST_BYTES} bytes.",
        )
    if is_common(password):
        raise WeakPassword(
            "password_common",
            vi="Mật khẩu này nằm trong danh sách bị đoán đầu tiên. Hãy chọn mật khẩu khác.",
            en="This password is among the first that are guessed. Choose another one.",
        )
    if is_context(password, context):
        raise WeakPassword(
            "password_context",
            vi="Mật khẩu gần như chỉ gồm tên đăng nhập, họ tên hoặc tên cơ quan. Hãy chọn mật khẩu khác.",
            en="The password is little more than your name, sign-in name or organisation. Choose another one.",
        )
    return password


def is_common(password: str) -> bool:
    """A listed word, also with digits or signs behind it, digits for letters, or doubled; or a run or repetition."""
    folded = fold(password)
    forms = {folded} | {tail.sub("", folded) for tail in _TAILS}
    forms |= {form.translate(_LEET) for form in forms}
    forms |= {_whole_period(form) for form in forms if form}
    return any(form in COMMON or len(set(form)) < 4 or _is_run(form) for form in forms if form) or not any(forms)


def is_context(password: str, words: Iterable[str]) -> bool:
    """Fewer than FEWEST_OWN_LETTERS letters are left when the context words are taken out."""
    rest, found = fold(password), False
    parts = {part for word in words for part in (fold(word), *re.split(r"[\W_\d]+", fold(word)))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= 3 and part in rest:
            rest, found = rest.replace(part, " "), True
    return found and sum(character.isalpha() for character in rest) < FEWEST_OWN_LETTERS


def fold(text: str) -> str:
    """Case, diacritics and spaces removed: "Đà Nẵng" → "danang"."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(character for character in plain if not unicodedata.combining(character) and not character.isspace())


def _whole_period(text: str) -> str:
    """The shortest piece whose repetition is the text: "abcabc" → "abc"."""
    size = (text + text).find(text, 1)
    return text[:size]


def _is_run(text: str) -> bool:
    longer = [run * 3 for run in _RUNS]
    return any(text in run or text[::-1] in run for run in longer)
