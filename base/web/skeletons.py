"""
Pages that are the same for everybody but for a few values: the template is rendered once, with marks where the values
will stand, and after that the values are set in between.

Only values that stand in the text or in a quoted attribute may be left open: each is escaped as the template would.
What decides how the page looks (language, who asks, an error) belongs into its key.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping

from markupsafe import escape

MOST = 256
"""Pages that are kept, some kilobytes each; strangers may have a say in how many there could be."""
_MARK = secrets.token_hex(16)
_MARKS = re.compile(f"{_MARK}([a-z]+){_MARK}")


def mark(name: str) -> str:
    """What to render where a value will stand: letters and digits, which nothing quotes or escapes."""
    return f"{_MARK}{name}{_MARK}"


class Skeletons:
    """
    Rendered pages by key. The second part of a key is compared by who it is, not by what it says; it is held as long as
    its page, so that nobody else is taken for it. Thread-safe.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[object, list[str]]] = {}

    def page(self, variant: str, about: object, values: Mapping[str, str], render: Callable[[], str]) -> str:
        """The page with its values; render: makes it with marks in their places, when it is not kept yet."""
        key = (variant, id(about))
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            kept = self._kept[key] = (about, _MARKS.split(render()))
        parts = list(kept[1])
        written = {name: str(escape(value)) for name, value in values.items()}
        parts[1::2] = [written[name] for name in parts[1::2]]
        return "".join(parts)
