"""Where a page can lead: ways on, the roads of the front page, and the check that an address stays on this site."""

from __future__ import annotations

import re
from dataclasses import dataclass

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Way:
    """A link out of a page: address and label."""

    href: str
    label: Text


@dataclass(frozen=True, slots=True)
class Road:
    """One of the roads of the front page: address, title, a sentence, and the words on its button."""

    href: str
    title: Text
    body: Text
    action: Text


LONGEST_PATH = 50_000
"""Characters. Long, since a sign-in request that waits travels in the address of our pages."""
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
HOME = Way("/", Text("Về trang đầu", "To the front page"))


def local_path(value: str | None, default: str = "/") -> str:
    """
    The value when it is a path on this site, otherwise the default. Stops open redirects.

    A path starts with exactly one slash and holds no backslash, control or space character: browsers read `//host`,
    `/\\host` and `/<tab>/host` as another site.
    """
    if not value or not value.startswith("/") or value.startswith("//") or len(value) > LONGEST_PATH:
        return default
    return default if _UNFIT.search(value) else value
