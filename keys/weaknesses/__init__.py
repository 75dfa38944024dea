"""
Public keys that nobody may bring: one rule a file, one line in WEAKNESSES. Pure.

Held against every public key that enters: keys of services (registered, fetched, or brought in a proof), certificates
at the other end of TLS, keys to be certified. A verdict is remembered, because some keys come with every request.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from keys.weaknesses import close_primes, curve, exponent, roca, size, small_factor
from keys.weaknesses.base import PublicNumbers, Weakness

WEAKNESSES: tuple[Weakness, ...] = (
    size.WEAKNESS,
    exponent.WEAKNESS,
    small_factor.WEAKNESS,
    roca.WEAKNESS,
    close_primes.WEAKNESS,
    curve.WEAKNESS,
)
_NIST = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
REMEMBERED = 4096


@lru_cache(maxsize=REMEMBERED)
def weakness(key: PublicNumbers) -> str:
    """What is wrong with a public key, by the first rule that finds something; empty: nothing."""
    for rule in WEAKNESSES:
        found = rule.check(key)
        if found:
            return f"{rule.name}: {found}"
    return ""


def weakness_of(key: object) -> str:
    """The same for a loaded key; kinds without numbers of their own (Ed25519, ML-DSA) are judged elsewhere."""
    if isinstance(key, rsa.RSAPublicKey):
        rsa_numbers = key.public_numbers()
        return weakness(PublicNumbers("rsa", n=rsa_numbers.n, e=rsa_numbers.e))
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        return weakness(PublicNumbers("ec", curve=_NIST.get(key.curve.name, key.curve.name), x=point.x, y=point.y))
    return ""
