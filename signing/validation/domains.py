"""
What people call the groups of anchors. Pure.

Source: Decree 23/2025/ND-CP, Decree 68/2024/ND-CP (the government's own authority, and public ones under the national
root).
"""

from __future__ import annotations

from collections.abc import Mapping

from base.texts import Text

DOMAINS: Mapping[str, Text] = {
    "own": Text("CA nội bộ của hệ thống này", "Internal CA of this system"),
    "government": Text("CA chuyên dùng Chính phủ", "Government CA for official use"),
    "public": Text("CA công cộng dưới CA gốc quốc gia", "Public CA under the national root"),
    "foreign": Text("CA nước ngoài được công nhận", "Recognised CA of another country"),
}
"""Of each domain of keys/trust/anchor.py its name; a test holds both to the same words."""
_NONE = Text("", "")


def name_of(domain: str) -> Text:
    """Empty for no domain, as of an anchor that was given for one verification."""
    return DOMAINS.get(domain, _NONE)
