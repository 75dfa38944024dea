"""What a rule about weak public keys looks at, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicNumbers:
    """
    A public key as numbers.

    kind: "rsa" (modulus n, exponent e) or "ec" (curve as NIST names it, P-256, or as the library does; point x, y).
    """

    kind: str
    n: int = 0
    e: int = 0
    curve: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class Weakness:
    """One way in which a public key is weak. check: what was found, empty where nothing is wrong."""

    name: str
    source: str
    check: Callable[[PublicNumbers], str]
