"""
The door for RSA keys: none that shares a prime with a key that came before, whoever's that is.

Of a pair that shares a prime the other one is lost as well, so finding one is an alarm.

Source: Baseline Requirements §6.1.1.3; ETSI TS 119 312 §8; Heninger et al. 2012.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import Connection

from base.audit import append
from base.metrics import ALARMS
from keys.compact import decode_segment
from keys.custody import Custody
from keys.errors import JoseError, KeyRefused
from keys.events import SharedPrimeFound
from keys.store import moduli
from keys.weaknesses import weakness
from keys.weaknesses.base import PublicNumbers
from keys.weaknesses.shared_prime import shared_with

log = logging.getLogger("antin.keys")


def admit_public_key(custody: Custody, public_key: bytes) -> None:
    """
    Of a key (SubjectPublicKeyInfo, DER) that will have a row of its own. Raises: KeyRefused("weak_key").
    """
    loaded = load_der_public_key(public_key)
    if isinstance(loaded, rsa.RSAPublicKey):
        _check(custody, [loaded.public_numbers().n])


def admit_and_remember(custody: Custody, found: Iterable[int]) -> None:
    """Of keys that others hold: their moduli. Raises: KeyRefused("weak_key")."""
    wanted = list(dict.fromkeys(found))
    if not wanted:
        return
    _check(custody, wanted)
    with custody.base.db.begin() as connection:
        for modulus in wanted:
            moduli.remember(connection, modulus, now=custody.base.clock.now())


def admit_jwks(custody: Custody, jwks: Mapping[str, Any]) -> None:
    """
    The RSA keys of a set that somebody registers; what is no RSA key or malformed is judged where it is used.

    Raises: KeyRefused("weak_key"): one has a known weakness, or shares a prime.
    """
    found = []
    members = jwks.get("keys")
    for jwk in members if isinstance(members, list) else ():
        numbers = _numbers(jwk)
        if numbers is not None:
            reason = weakness(PublicNumbers("rsa", n=numbers[0], e=numbers[1]))
            if reason:
                raise _weak(reason)
            found.append(numbers[0])
    admit_and_remember(custody, found)


def without_shared_primes(custody: Custody, jwks: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    A set that came from somebody's address, without the RSA keys that share a prime with one that is known here.

    Its keys are held against those that were admitted, and against each other, and not remembered: an address can show
    others as often as it likes. Whether a key has a weakness of its own is judged where it is used.
    """
    members = jwks.get("keys")
    found = [(jwk, numbers[0]) for jwk in members or () if (numbers := _numbers(jwk)) is not None]
    if not found:
        return jwks
    with custody.base.db.read() as connection:
        seen = list(moduli.known(connection))
    others = [*seen, *(modulus for _, modulus in found)]
    shared = []
    for jwk, modulus in found:
        if shared_with(modulus, others) != 1:
            shared.append(jwk)
            _tell(custody, modulus)
    return {**jwks, "keys": [one for one in members or () if one not in shared]} if shared else jwks


def _numbers(jwk: object) -> tuple[int, int] | None:
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA":
        return None
    try:
        modulus, exponent = (int.from_bytes(decode_segment(str(jwk[name])), "big") for name in ("n", "e"))
    except (JoseError, KeyError):
        return None
    return (modulus, exponent) if modulus > 1 else None


def _check(custody: Custody, wanted: list[int]) -> None:
    """Against each other and against everything known."""
    with custody.base.db.read() as connection:
        seen = list(moduli.known(connection))
    for at, modulus in enumerate(wanted):
        if shared_with(modulus, (*seen, *wanted[:at])) != 1:
            _tell(custody, modulus)
            raise _weak("shares a prime with another key")


def _tell(custody: Custody, modulus: int) -> None:
    digest = hashlib.sha256(modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")).hexdigest()
    with custody.base.db.begin() as connection:
        append(connection, custody.base.clock, SharedPrimeFound(digest))
    ALARMS.labels(kind="shared_prime").inc()
    log.error("an RSA key shares a prime with one that is known here: modulus %s", digest)


def check_made(connection: Connection, public_key: bytes) -> None:
    """Of a key that was made here, in the transaction that enters it. Raises: KeyRefused("weak_key")."""
    loaded = load_der_public_key(public_key)
    if isinstance(loaded, rsa.RSAPublicKey) and shared_with(loaded.public_numbers().n, moduli.known(connection)) != 1:
        raise _weak("shares a prime with another key")


def _weak(hint: str) -> KeyRefused:
    return KeyRefused(
        "weak_key",
        vi="Khóa công khai này yếu nên không được chấp nhận. Hãy tạo khóa mới bằng phần mềm khác.",
        en="This public key is weak and is not accepted. Make a new one with other software.",
        hint=hint,
        status=422,
    )
