"""Two primes so close to each other that Fermat's method of 1643 finds them (CVE-2022-26320)."""

from __future__ import annotations

from math import isqrt

from keys.weaknesses.base import PublicNumbers, Weakness

ROUNDS = 100


def check(key: PublicNumbers) -> str:
    """n is the difference of two squares; with close primes the larger one is just above the root of n."""
    if key.kind != "rsa" or key.n < 4:
        return ""
    middle = isqrt(key.n)
    for candidate in range(middle, middle + ROUNDS):
        rest = candidate * candidate - key.n
        if rest >= 0 and isqrt(rest) ** 2 == rest:
            return "has primes that are too close"
    return ""


WEAKNESS = Weakness("close_primes", "Baseline Requirements §6.1.1.3 (100 rounds); CVE-2022-26320", check)
