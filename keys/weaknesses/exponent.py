"""RSA exponents: 1 encrypts nothing, even ones cannot be undone, small ones have broken paddings."""

from __future__ import annotations

from keys.weaknesses.base import PublicNumbers, Weakness


def check(key: PublicNumbers) -> str:
    if key.kind == "rsa" and not (key.e % 2 and 1 << 16 < key.e < 1 << 256):
        return "has an exponent that is even or not between 65537 and 2^256"
    return ""


WEAKNESS = Weakness("exponent", "FIPS 186-5 §5.1", check)
