"""
A prime that two RSA keys have in common: whoever has both public keys computes both private ones.

One key alone shows nothing, so this rule needs the others; it stands beside WEAKNESSES and not among them.

Source: Lenstra et al., "Ron was wrong, Whit is right" (2012); Heninger et al., USENIX Security 2012, §3.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd


def shared_with(modulus: int, others: Iterable[int]) -> int:
    """
    A factor that the modulus has in common with another one, 1 if there is none. The same modulus is no other one.

    The others are multiplied modulo this one, which takes one multiplication for each and a single gcd at the end; what
    is common to any of them is common to the product. A multiple of this modulus says nothing against it: anybody can
    multiply a public number, and only its own primes are in it.
    """
    product, kept = 1, []
    for other in others:
        if other % modulus:
            product = product * other % modulus
            kept.append(other)
    if gcd(product, modulus) == 1:
        return 1
    return next((found for other in kept if (found := gcd(other, modulus)) != 1), 1)
