"""An RSA modulus that a small prime divides, or that is a square, was not made of two large primes."""

from __future__ import annotations

from math import gcd, isqrt, prod

from keys.weaknesses.base import PublicNumbers, Weakness

LARGEST = 1 << 12


def _primes(below: int) -> list[int]:
    return [number for number in range(2, below) if all(number % each for each in range(2, isqrt(number) + 1))]


_PRODUCT = prod(_primes(LARGEST))


def check(key: PublicNumbers) -> str:
    if key.kind != "rsa":
        return ""
    if gcd(key.n, _PRODUCT) != 1:
        return f"is divisible by a prime below {LARGEST}"
    return "is a square" if isqrt(key.n) ** 2 == key.n else ""


WEAKNESS = Weakness("small_factor", "CA/Browser Forum Baseline Requirements §6.1.6 (752 there)", check)
