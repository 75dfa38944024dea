"""
RSA moduli that have come through one of the doors: of keys in `keys`, and in `rsa_moduli` those of services and of
foreign authorities.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from keys.algorithms import Algorithm
from keys.handles import KeyManagement
from keys.models import keys, rsa_moduli
from keys.store.keys import WORDS

_RSA_WORDS = [WORDS[one] for one in (Algorithm.RS256, Algorithm.PS256, KeyManagement.RSA_OAEP_256)]
AT_ONCE = 500


def known(connection: Connection) -> Iterator[int]:
    """Every modulus, without an order: ours first, revoked and destroyed ones too."""
    ours = select(keys.c.public_key).where(keys.c.algorithm.in_(_RSA_WORDS))
    for der in connection.execute(ours).scalars().yield_per(AT_ONCE):
        loaded = load_der_public_key(der)
        if isinstance(loaded, rsa.RSAPublicKey):
            yield loaded.public_numbers().n
    for modulus in connection.execute(select(rsa_moduli.c.modulus)).scalars().yield_per(AT_ONCE):
        yield int.from_bytes(modulus, "big")


def remember(connection: Connection, modulus: int, *, now: int) -> None:
    """Keep a modulus for those that come later; once is enough."""
    raw = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
    name = hashlib.sha256(raw).hexdigest()
    if connection.execute(select(rsa_moduli.c.sha256).where(rsa_moduli.c.sha256 == name)).first() is not None:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(rsa_moduli), {"sha256": name, "modulus": raw, "seen_at": now})
    except IntegrityError:
        return  # another process has just met the same one
