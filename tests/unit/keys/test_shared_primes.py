"""RSA keys that share a prime, at every door; and weak keys at the doors that read certificates and requests."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from math import gcd

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from base.audit import audit_events
from base.clock import as_utc
from base.services import BaseServices
from keys.algorithms import Algorithm
from keys.api import Keys
from keys.backends.base import NewKey
from keys.ca.foreign_chain import chain_to_anchor
from keys.ca.requests import proven_key
from keys.der import integer, sequence, wrapped
from keys.errors import KeyRefused
from keys.flows.bootstrap import enter
from keys.flows.foreign import import_foreign, request_foreign
from keys.flows.subscribers import issue_for_request
from keys.handles import KeyHandle
from keys.lifecycle.states import Purpose, State
from keys.weaknesses import weakness_of
from keys.weaknesses.shared_prime import shared_with
from tests.contract.test_weak_keys import WEAK
from tests.unit.keys.test_subscribers import MACHINE, PERSON, SEAL, request

DAY = 86_400


@cache
def pair() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Two good keys, and one with a prime of each."""
    first, second = (rsa.generate_private_key(65_537, 2048) for _ in range(2))
    return first, second, of_primes(first.private_numbers().p, second.private_numbers().q)


def of_primes(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(65_537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65_537, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def modulus(key: rsa.RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


def jwks(*moduli: int) -> dict[str, list[dict[str, str]]]:
    def coded(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()

    return {"keys": [{"kty": "RSA", "n": coded(one), "e": "AQAB"} for one in moduli]}


def alarms(services: BaseServices) -> int:
    with services.db.read() as connection:
        kinds = connection.execute(select(audit_events.c.kind)).scalars().all()
    return kinds.count("keys.shared_prime.found")


def test_the_rule() -> None:
    first, second, shared = (modulus(one) for one in pair())
    assert weakness_of(pair()[2].public_key()) == ""  # alone there is nothing to see
    assert shared_with(shared, [second, first]) == gcd(shared, second)
    assert shared_with(first, [shared]) == gcd(first, shared)
    assert shared_with(first, [second, first]) == 1
    assert shared_with(first, []) == 1


def test_a_multiple_of_somebodys_modulus_does_not_lock_it_out() -> None:
    """Or whoever registers n·m would keep n from ever coming in."""
    first, second, shared = (modulus(one) for one in pair())
    assert shared_with(first, [first * 65_537, first * second]) == 1
    assert shared_with(first * 65_537, [first]) == first
    assert shared_with(first, [first * second, shared]) == gcd(first, shared)


def test_requests(held: Keys, services: BaseServices) -> None:
    first, second, shared = pair()
    issue_for_request(held.custody, MACHINE, request(first))
    another = replace(MACHINE, subject=replace(MACHINE.subject, owner="o-2"))
    with pytest.raises(KeyRefused, match="weak_key"):
        issue_for_request(held.custody, another, request(shared))
    assert alarms(services) == 1
    issue_for_request(held.custody, another, request(second))


def test_key_sets_of_services(held: Keys, services: BaseServices) -> None:
    first, second, shared = (modulus(one) for one in pair())
    held.admit_jwks(jwks(second))
    held.admit_jwks(jwks(second))  # the same service again
    for refused in (jwks(shared), jwks(first, shared)):
        with pytest.raises(KeyRefused, match="weak_key"):
            held.admit_jwks(refused)
    held.admit_jwks(jwks(first))
    held.admit_jwks({"keys": [{"kty": "RSA"}, {"kty": "RSA", "n": "!", "e": "AQAB"}, "x", {"kty": "EC"}]})
    held.admit_jwks({"keys": None})
    held.admit_jwks({})
    assert alarms(services) == 2


def test_a_key_of_ours_made_with_worn_out_randomness(held: Keys) -> None:
    first, _, shared = pair()
    held.admit_jwks(jwks(modulus(first)))
    public = shared.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = NewKey(KeyHandle("key_worn"), Algorithm.PS256, "software", b"sealed", public)
    with pytest.raises(KeyRefused, match="weak_key"), held.custody.base.db.begin() as connection:
        enter(held.custody, connection, made, Purpose.PERSON, State.ACTIVE, owner="o-1")
    assert "key_worn" not in {one.handle for one in held.list_keys()}


def test_a_certificate_of_a_foreign_authority(held: Keys, services: BaseServices) -> None:
    first, _, shared = pair()
    held.admit_jwks(jwks(modulus(first)))
    handle, der = request_foreign(held.custody, replace(SEAL, subject=SEAL.subject))
    root, leaf = foreign(services.clock.now(), shared, x509.load_der_x509_csr(der).public_key())
    with pytest.raises(KeyRefused, match="weak_key"):
        import_foreign(held.custody, handle, leaf, (), (root,))
    root, leaf = foreign(services.clock.now(), first, x509.load_der_x509_csr(der).public_key())
    assert import_foreign(held.custody, handle, leaf, (), (root,)).handle == handle
    assert PERSON.owner not in {one.owner for one in held.credentials_of("org-1")}


def foreign(now: int, root_key: rsa.RSAPrivateKey, key: object) -> tuple[bytes, bytes]:
    """A root of others and a certificate under it, DER."""

    def builder(subject: str, public: object) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Gốc ngoài"))
            .public_key(public)  # type: ignore[arg-type]  # a key of any kind
            .serial_number(x509.random_serial_number())
            .not_valid_before(as_utc(now - DAY))
            .not_valid_after(as_utc(now + DAY))
        )

    root = builder("Gốc ngoài", root_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    usage = x509.KeyUsage(True, True, *(False,) * 7)
    leaf = builder("Sở Tư pháp", key).add_extension(usage, critical=True)
    signed = (one.sign(root_key, hashes.SHA256()).public_bytes(Encoding.DER) for one in (root, leaf))
    return next(signed), next(signed)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@pytest.mark.parametrize("kind", [one for one in WEAK if one not in ("curve", "size")])
def test_weak_keys_in_requests_and_foreign_certificates(kind: str) -> None:
    """The key is put into a good request and a good certificate: it is judged before the signature is."""
    good = pair()[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    weak = WEAK[kind][-1]
    bad = rsa_info(weak.n, weak.e)
    der = x509.load_pem_x509_csr(request(pair()[0])).public_bytes(Encoding.DER)
    assert good in der
    with pytest.raises(KeyRefused) as refused:
        proven_key(spliced(der, good, bad))
    assert refused.value.debug.startswith(f"{kind}: ") or refused.value.debug == "ValueError"
    root, _ = foreign(1_764_000_000, pair()[0], pair()[1].public_key())
    if kind == "exponent":
        return
    certificate = x509.load_der_x509_certificate(spliced(root, good, bad))
    with pytest.raises(KeyRefused) as refused:
        chain_to_anchor(certificate, (), (certificate,), at=as_utc(1_764_000_000))
    assert f"{kind}: " in refused.value.hint


def rsa_info(n: int, e: int) -> bytes:
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return sequence(algorithm, wrapped(0x03, b"\x00" + sequence(integer(n), integer(e))))


def spliced(der: bytes, old: bytes, new: bytes) -> bytes:
    """A certificate or request with another key inside, and the two lengths around it put right."""

    def content(element: bytes) -> bytes:
        return element[2 + (element[1] & 0x7F) :]

    outer = content(der)
    size = 4 + int.from_bytes(outer[2:4], "big")
    inner, rest = outer[:size], outer[size:]
    return sequence(sequence(content(inner).replace(old, new)), rest)
