"""
Names of files in a container that mean the same to everybody: relative, without tricks, different in more than case.

Source: PKWARE APPNOTE §4.4.17 (relative, forward slashes); EN 319 162-1 Annex A.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_NAME_BYTES = 512
_DRIVE = re.compile(r"^[A-Za-z]:")
_META = "META-INF"


class NameRefused(ValueError):
    """The message says why, for the operator."""


def read_name(raw: bytes, *, as_utf8: bool) -> str:
    """
    A name as it stands in the container; a folder ends with a slash.

    Raises: NameRefused: it leads out of the container, or another program could read another name.
    """
    try:
        name = raw.decode("utf-8" if as_utf8 else "ascii")
    except UnicodeDecodeError as error:
        raise NameRefused("a name is not in its encoding") from error
    check_name(name)
    return name


def check_name(name: str) -> None:
    """Raises: NameRefused."""
    if not name or len(name.encode()) > MOST_NAME_BYTES:
        raise NameRefused("a name is empty or too long")
    if any(unicodedata.category(letter)[0] == "C" for letter in name):
        raise NameRefused("a name with control characters")
    if "\\" in name or name.startswith("/") or _DRIVE.match(name):
        raise NameRefused("a name that is not relative to the container")
    steps = name.removesuffix("/").split("/")
    if any(step in ("", ".", "..") or step != step.strip() or step.endswith(".") for step in steps):
        raise NameRefused("a name that leads elsewhere")
    if steps[0] != _META and steps[0].casefold() == _META.casefold():
        raise NameRefused("META-INF in other letters")
    if name != "mimetype" and name.casefold() == "mimetype":
        raise NameRefused("mimetype in other letters")


def check_distinct(names: Iterable[str]) -> None:
    """No name twice, in whatever case or form, and no file that is a folder too. Raises: NameRefused."""
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        plain = unicodedata.normalize("NFKC", name).casefold()
        steps = plain.removesuffix("/").split("/")
        folders.update("/".join(steps[:count]) for count in range(1, len(steps)))
        whole = "/".join(steps)
        if name.endswith("/"):
            folders.add(whole)
        elif whole in files:
            raise NameRefused("the same name twice")
        else:
            files.add(whole)
    if files & folders:
        raise NameRefused("a file with the name of a folder")
