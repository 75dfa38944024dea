"""
Which language a request is answered in, and `t()`, which picks the sentence.

Order: the cookie `antin_lang` (somebody pressed the switch), the `ui_locales` parameter (OpenID Connect Core §3.1.2.1),
the Accept-Language header, Vietnamese.
"""

from __future__ import annotations

from functools import lru_cache

import flask
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from base.texts import DEFAULT_LANG, Lang, Text, spoken_lang
from base.web.cookies import read_cookie

__all__ = ["LANGUAGES", "LANG_COOKIE", "Lang", "Text", "current_lang", "known_lang", "mount", "speak_as_asked", "t"]

LANG_COOKIE = "antin_lang"
LONGEST_HEADER = 400
"""Characters of Accept-Language that are read."""
LANGUAGES: tuple[tuple[Lang, str], ...] = (("vi", "Tiếng Việt"), ("en", "English"))


def t(vi: str, en: str) -> str:
    """The sentence in the language of the request at hand."""
    return vi if spoken_lang.get() == "vi" else en


def current_lang() -> Lang:
    """`vi` or `en`."""
    return spoken_lang.get()


def known_lang(tag: str | None) -> Lang | None:
    """The language a BCP 47 tag means (`en-GB` → `en`), None for one that we do not speak."""
    primary = (tag or "").partition("-")[0].lower()
    return next((code for code, _ in LANGUAGES if code == primary), None)


def choose_lang(request: flask.Request) -> Lang:
    """The language of a request, by the order at the head of this file."""
    pressed, wished = read_cookie(request, LANG_COOKIE), request.args.get("ui_locales", "")
    return lang_of(pressed, wished, request.headers.get("Accept-Language", ""))


def lang_of(pressed: str | None, wished: str, accepted: str) -> Lang:
    """By what the cookie, the `ui_locales` parameter and the header say, whoever has read them."""
    said = next((lang for lang in map(known_lang, [pressed, *wished.split()]) if lang), None)
    return said or _accepted(accepted[:LONGEST_HEADER])


@lru_cache(256)
def _accepted(header: str) -> Lang:
    """The first language of ours in an Accept-Language header; browsers send few different ones."""
    tags = parse_accept_header(header, LanguageAccept)
    return next((lang for lang in (known_lang(tag) for tag, _ in tags) if lang), DEFAULT_LANG)


def speak_as_asked(tags: str) -> None:
    """
    For the rest of this request the first language that we speak of those a service asked for (BCP 47, space between);
    whoever has pressed the switch keeps their own.
    """
    speak_unless(read_cookie(flask.request, LANG_COOKIE), tags)


def speak_unless(pressed: str | None, tags: str) -> None:
    """The same, by what the cookie of the switch holds."""
    lang = next((known for known in map(known_lang, tags.split()) if known), None)
    if lang is not None and known_lang(pressed) is None:
        spoken_lang.set(lang)


def mount(app: flask.Flask) -> None:
    """Set the language before each request and take it back after it (a worker thread serves many people)."""

    @app.before_request
    def speak() -> None:
        spoken_lang.set(choose_lang(flask.request))

    @app.teardown_request
    def fall_silent(_error: BaseException | None) -> None:
        spoken_lang.set(DEFAULT_LANG)
