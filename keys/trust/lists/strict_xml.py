"""
Trust lists as XML: read strictly (base/strict_xml.py), elements only, no duplicate names. Pure.

Source: OWASP ASVS 5.0 §1.5.1; XMLDSig 1.1 §12.1 (references by Id need each Id once).
"""

from __future__ import annotations

from typing import Any

from base import strict_xml
from base.strict_xml import Limits, NotStrict
from keys.errors import KeyRefused
from keys.trust.lists.words import XML

MOST_BYTES = 8 * 1024 * 1024
_LIMITS = Limits(MOST_BYTES)
_IDS = ("Id", "ID", "id", f"{{{XML}}}id")


def parse(raw: bytes) -> Any:
    """
    The root element. Comments are left out, as the canonical form that is signed leaves them out.

    Raises: KeyRefused("trust_list_refused").
    """
    if b"\x00" in raw:
        raise refused("it is not UTF-8")
    try:
        root = strict_xml.parse(raw, _LIMITS)
    except NotStrict as error:
        raise refused(str(error)) from error
    _check_nodes(root)
    return root


def canonical(element: Any) -> bytes:
    """Exclusive canonical XML 1.0 without comments. Raises: KeyRefused: it has none (relative namespaces)."""
    try:
        return strict_xml.canonical(element)
    except NotStrict as error:
        raise refused(str(error)) from error


def only(parent: Any, path: str) -> Any:
    """The one element at that path. Raises: KeyRefused: there is none, or there are several."""
    found = parent.findall(path)
    if len(found) != 1:
        raise refused(f"{len(found)} elements at {path.rpartition('}')[2]}")
    return found[0]


def text_of(element: Any) -> str:
    """Its text. Raises: KeyRefused: it holds elements."""
    if len(element):
        raise refused("elements where text belongs")
    return (element.text or "").strip()


def refused(why: str) -> KeyRefused:
    """The list is not taken."""
    return KeyRefused(
        "trust_list_refused",
        vi="Danh sách tin cậy này không nhận vào được.",
        en="This trust list cannot be taken in.",
        hint=why,
        status=422,
    )


def _check_nodes(root: Any) -> None:
    """Elements only (no processing instructions, no unresolved entities), and each Id once."""
    seen: set[str] = set()
    for node in root.iter():
        if not isinstance(node.tag, str):
            raise refused("it holds something other than elements")
        for name in _IDS:
            value = node.get(name)
            if value is None:
                continue
            if value in seen:
                raise refused("two elements have the same Id")
            seen.add(value)
