"""RSA keys that are too short, or so long that using them is an attack on us."""

from __future__ import annotations

from keys.weaknesses.base import PublicNumbers, Weakness

BITS = range(2048, 16_384 + 1)


def check(key: PublicNumbers) -> str:
    if key.kind == "rsa" and key.n.bit_length() not in BITS:
        return f"has {key.n.bit_length()} bits, not {BITS.start} to {BITS.stop - 1}"
    return ""


WEAKNESS = Weakness("size", "NIST SP 800-131A rev. 2 §3; the upper end is ours", check)
