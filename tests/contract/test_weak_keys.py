"""Every rule about weak public keys finds what it is for, leaves good keys alone, and stands before every door."""

from __future__ import annotations

import base64
from dataclasses import replace
from math import gcd, prod

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from base.clock import as_utc
from keys.algorithms import Algorithm
from keys.errors import JoseError, KeyRefused
from keys.jose import foreign_key
from keys.jwe import recipient
from keys.peers import read_peer
from keys.weaknesses import WEAKNESSES, weakness, weakness_of
from keys.weaknesses.base import PublicNumbers, Weakness
from keys.weaknesses.curve import CURVES
from keys.weaknesses.roca import GENERATOR

SMALL = prod(number for number in range(3, 168, 2) if all(number % each for each in range(3, number, 2)))
NO_SMALL = prod(
    number for number in range(3, 4096, 2) if all(number % each for each in range(3, 64, 2) if each < number)
)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
GOOD = PublicNumbers("rsa", n=rsa.generate_private_key(65_537, 2048).public_key().public_numbers().n, e=65_537)
POINT = EC_KEY.public_key().public_numbers()
GOOD_EC = PublicNumbers("ec", curve="P-256", x=POINT.x, y=POINT.y)


def without_small_factors(start: int, step: int) -> int:
    """The first number from `start` in these steps that no small prime divides: as good as a prime for these rules."""
    while start % 2 == 0 or gcd(start, NO_SMALL) != 1:
        start += step
    return start


def like_roca(power: int, above: int) -> int:
    """A power of 65537 modulo the small primes, as the faulty library made its primes."""
    return without_small_factors(above // SMALL * SMALL + pow(GENERATOR, power, SMALL), SMALL)


FACTOR = without_small_factors((3 << 1022) + 1, 2)
CLOSE = FACTOR * without_small_factors(FACTOR + (1 << 500), 2)
ROCA = like_roca(123_456_789, 3 << 1022) * like_roca(987_654_321, 7 << 1021)
WEAK: dict[str, list[PublicNumbers]] = {
    "size": [replace(GOOD, n=GOOD.n >> 1), replace(GOOD, n=GOOD.n << (16_384 - 2047))],
    "exponent": [replace(GOOD, e=e) for e in (0, 1, 2, 3, 17, 65_536, 65_538, (1 << 256) + 1)],
    "small_factor": [replace(GOOD, n=GOOD.n - GOOD.n % prime) for prime in (2, 3, 751, 4093)]
    + [replace(GOOD, n=FACTOR**2)],
    "roca": [replace(GOOD, n=ROCA)],
    "close_primes": [replace(GOOD, n=CLOSE)],
    "curve": [
        replace(GOOD_EC, y=GOOD_EC.y ^ 1),
        replace(GOOD_EC, x=GOOD_EC.x + CURVES["P-256"][0]),
        replace(GOOD_EC, curve="P-384"),
        replace(GOOD_EC, curve="secp192r1"),
        replace(GOOD_EC, curve="secp256k1"),
        replace(GOOD_EC, x=0, y=0),
    ],
}
"""What each rule is there to find."""


def encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def jwk(key: PublicNumbers) -> dict[str, str]:
    return {"kty": "RSA", "n": encoded(key.n), "e": encoded(key.e)}


def cases(*kinds: str) -> list[tuple[str, PublicNumbers]]:
    return [(name, key) for name in WEAK for key in WEAK[name] if key.kind in kinds]


def test_every_rule_has_its_vectors() -> None:
    assert [rule.name for rule in WEAKNESSES] == list(WEAK)
    assert all(rule.source and rule.check.__module__ == f"keys.weaknesses.{rule.name}" for rule in WEAKNESSES)


@pytest.mark.parametrize("rule", WEAKNESSES, ids=lambda rule: rule.name)
def test_a_rule_finds_what_it_is_for(rule: Weakness) -> None:
    for key in WEAK[rule.name]:
        assert rule.check(key), key
        assert weakness(key)


@pytest.mark.parametrize("rule", WEAKNESSES, ids=lambda rule: rule.name)
def test_a_rule_leaves_good_keys_alone(rule: Weakness) -> None:
    assert rule.check(GOOD) == ""
    assert rule.check(GOOD_EC) == ""
    for size in (ec.SECP384R1(), ec.SECP521R1()):
        assert weakness_of(ec.generate_private_key(size).public_key()) == ""


def test_close_and_roca_are_found_by_their_own_rule() -> None:
    """Neither is caught by an easier rule before: the vectors are what they say."""
    assert weakness(WEAK["close_primes"][0]).startswith("close_primes: ")
    assert weakness(WEAK["roca"][0]).startswith("roca: ")


@pytest.mark.parametrize(("name", "key"), cases("rsa"))
def test_keys_of_services_are_refused(name: str, key: PublicNumbers) -> None:
    with pytest.raises(JoseError, match="key_refused"):
        foreign_key(jwk(key), Algorithm.PS256)
    with pytest.raises(JoseError):
        recipient({"keys": [jwk(key)]}, "RSA-OAEP-256")


@pytest.mark.parametrize("curve", ["P-192", "secp256k1", "P-224"])
def test_other_curves_are_refused(curve: str) -> None:
    point = {"kty": "EC", "crv": curve, "x": encoded(GOOD_EC.x), "y": encoded(GOOD_EC.y)}
    with pytest.raises(JoseError, match="key_refused"):
        foreign_key(point, Algorithm.ES256)


def test_points_off_the_curve_are_refused() -> None:
    point = {"kty": "EC", "crv": "P-256", "x": encoded(GOOD_EC.x), "y": encoded(GOOD_EC.y ^ 1)}
    with pytest.raises(JoseError, match="key_refused"):
        foreign_key(point, Algorithm.ES256)


def certificate(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key).serial_number(7)
    builder = builder.not_valid_before(as_utc(1_764_000_000)).not_valid_after(as_utc(1_765_000_000))
    return builder.sign(EC_KEY, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("name", ["roca", "close_primes"])
def test_certificates_of_peers_are_refused(name: str) -> None:
    key = WEAK[name][0]
    with pytest.raises(KeyRefused, match="peer_refused"):
        read_peer(certificate(rsa.RSAPublicNumbers(key.e, key.n).public_key()))
    assert read_peer(certificate(EC_KEY.public_key())).thumbprint


def test_the_verdict_is_remembered() -> None:
    weakness.cache_clear()
    for _ in range(3):
        weakness(WEAK["close_primes"][0])
    assert weakness.cache_info().misses == 1
