"""
Text in two languages. Pure: rules may return a `Text`, and only the edge decides which language is read.

The language of the request at hand is kept in a context variable which the web shell sets and takes back
(base/web/texts.py); outside a request everything is Vietnamese.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Lang = Literal["vi", "en"]
DEFAULT_LANG: Lang = "vi"
spoken_lang: ContextVar[Lang] = ContextVar("antin_spoken_lang", default=DEFAULT_LANG)


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in Vietnamese and in English."""

    vi: str
    en: str

    def within(self, lang: Lang) -> str:
        """The sentence in that language."""
        return self.vi if lang == "vi" else self.en

    def here(self) -> str:
        """The sentence in the language of the request at hand."""
        return self.within(spoken_lang.get())
