"""
Primes made by a faulty library of chips and tokens: both are powers of 65537 modulo many small primes, and so is n.

The chance that an honest modulus looks so is below one in a hundred million.
"""

from __future__ import annotations

from keys.weaknesses.base import PublicNumbers, Weakness

GENERATOR = 65_537
LARGEST = 167


def _powers(prime: int) -> frozenset[int]:
    found, value = {1}, GENERATOR % prime
    while value not in found:
        found.add(value)
        value = value * GENERATOR % prime
    return frozenset(found)


_ODD_PRIMES = [number for number in range(3, LARGEST + 1, 2) if all(number % each for each in range(3, number, 2))]
_TELLING = tuple((prime, powers) for prime in _ODD_PRIMES if len(powers := _powers(prime)) < prime - 1)
"""Only where the powers of 65537 leave something out do they tell anything."""


def check(key: PublicNumbers) -> str:
    if key.kind == "rsa" and all(key.n % prime in powers for prime, powers in _TELLING):
        return "was made by a library whose primes can be computed"
    return ""


WEAKNESS = Weakness("roca", "CVE-2017-15361; Nemec et al., CCS 2017, §2.2; Baseline Requirements §6.1.1.3", check)
