"""Elliptic curves: only the three of NIST with 128 bits of strength and more, and only points that lie on them."""

from __future__ import annotations

from collections.abc import Mapping

from keys.weaknesses.base import PublicNumbers, Weakness

CURVES: Mapping[str, tuple[int, int]] = {
    "P-256": (
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "P-384": (
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "P-521": (
        2**521 - 1,
        int(
            "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF"
            "073573DF883D2C34F1EF451FD46B503F00",
            16,
        ),
    ),
}
"""Prime and coefficient b of y² = x³ − 3x + b."""


def check(key: PublicNumbers) -> str:
    if key.kind != "ec":
        return ""
    if key.curve not in CURVES:
        return f"is on the curve {key.curve[:20]}, not on P-256, P-384 or P-521"
    prime, b = CURVES[key.curve]
    if not (0 <= key.x < prime and 0 <= key.y < prime):
        return "has a coordinate outside of its field"
    return "" if (key.y * key.y - (key.x**3 - 3 * key.x + b)) % prime == 0 else "is no point of its curve"


WEAKNESS = Weakness("curve", "NIST SP 800-186 §3.2.1; SEC 1 §3.2.2.1; RFC 7518 §6.2.1", check)
