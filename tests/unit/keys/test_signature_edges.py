"""
Signatures at the edges of their mathematics, for each algorithm: what a careless verifier takes, ours refuses.

CR-09; the classes are those of the public Wycheproof collection, made here with fresh keys.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.algorithms import Algorithm
from keys.compact import split
from keys.errors import JoseError
from keys.jose import foreign_key, verify_with
from tests.proofs import HeldKey

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_FIELD = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
HELD = {alg: HeldKey(alg) for alg in ("ES256", "RS256", "PS256", "EdDSA")}
INPUT = {alg: HELD[alg].sign({"sub": "u1"}).rsplit(".", 1)[0] for alg in HELD}
"""What is signed, by algorithm: header and claims as they stand in a token."""
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
SHA256_INFO_WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")
SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414")


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def check(alg: str, signature: bytes) -> None:
    """Raises: JoseError."""
    held = HELD[alg]
    verify_with(f"{INPUT[alg]}.{b64(signature)}", held.jwks, algs=[alg], typ=None)


def good(alg: str) -> bytes:
    token = HELD[alg].sign({"sub": "u1"})
    assert token.rsplit(".", 1)[0] == INPUT[alg]
    return base64.urlsafe_b64decode(token.rsplit(".", 1)[1] + "==")


# ── ECDSA ────────────────────────────────────────────────────────────────────────────────────────────────────────


def pair(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


def numbers() -> tuple[int, int]:
    raw = good("ES256")
    return int.from_bytes(raw[:32]), int.from_bytes(raw[32:])


def with_sha512() -> bytes:
    return pair(*decode_dss_signature(HELD["ES256"].key.sign(INPUT["ES256"].encode(), ec.ECDSA(hashes.SHA512()))))


ES256: dict[str, Callable[[], bytes]] = {
    "r_zero": lambda: pair(0, numbers()[1]),
    "s_zero": lambda: pair(numbers()[0], 0),
    "r_one_s_one": lambda: pair(1, 1),
    "r_is_the_order": lambda: pair(P256_ORDER, numbers()[1]),
    "s_is_the_order": lambda: pair(numbers()[0], P256_ORDER),
    "r_beyond_the_order": lambda: pair(P256_ORDER + 1, numbers()[1]),
    "r_is_the_field": lambda: pair(P256_FIELD, numbers()[1]),
    "all_ones": lambda: b"\xff" * 64,
    "swapped": lambda: good("ES256")[32:] + good("ES256")[:32],
    "s_only": lambda: good("ES256")[32:],
    "leading_zero_bytes": lambda: b"\0" + good("ES256")[:32] + b"\0" + good("ES256")[32:],
    "trailing_byte": lambda: good("ES256") + b"\0",
    "sha512": with_sha512,
    "for_another_message": lambda: base64.urlsafe_b64decode(HELD["ES256"].sign({"sub": "u2"}).rsplit(".", 1)[1] + "=="),
}

# ── RSA ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def raw_rsa(alg: str, block: bytes) -> bytes:
    """The private operation on a block of our own making."""
    key: rsa.RSAPrivateKey = HELD[alg].key
    private = key.private_numbers()
    modulus = private.public_numbers.n
    return pow(int.from_bytes(block), private.d, modulus).to_bytes(256)


def pkcs1(
    info: bytes, digest: bytes, *, kind: bytes = b"\x00\x01", filler: bytes = b"\xff", garbage: bytes = b""
) -> bytes:
    tail = b"\x00" + info + digest + garbage
    return raw_rsa("RS256", kind + filler * (256 - 2 - len(tail)) + tail)


def digest(name: str = "sha256") -> bytes:
    return hashlib.new(name, INPUT["RS256"].encode()).digest()


def short_filler() -> bytes:
    """Eight bytes of padding, then garbage behind the digest: the forgery of 2006 in the place where it can stand."""
    block = b"\x00\x01" + b"\xff" * 8 + b"\x00" + SHA256_INFO + digest()
    return raw_rsa("RS256", block + bytes(256 - len(block)))


RS256: dict[str, Callable[[], bytes]] = {
    "zero": lambda: bytes(256),
    "one": lambda: (1).to_bytes(256),
    "empty": lambda: b"",
    "short": lambda: good("RS256")[1:],
    "long": lambda: b"\0" + good("RS256"),
    "plus_the_modulus": lambda: (
        int.from_bytes(good("RS256")) + HELD["RS256"].key.private_numbers().public_numbers.n
    ).to_bytes(257),
    "sha1": lambda: HELD["RS256"].key.sign(INPUT["RS256"].encode(), padding.PKCS1v15(), hashes.SHA1()),
    "sha512": lambda: HELD["RS256"].key.sign(INPUT["RS256"].encode(), padding.PKCS1v15(), hashes.SHA512()),
    "named_sha1": lambda: pkcs1(SHA1_INFO, digest("sha1")),
    "sha1_name_sha256_digest": lambda: pkcs1(SHA1_INFO, digest()),
    "without_algorithm": lambda: pkcs1(b"", digest()),
    "padding_of_encryption": lambda: pkcs1(SHA256_INFO, digest(), kind=b"\x00\x02"),
    "padding_of_zeros": lambda: pkcs1(SHA256_INFO, digest(), filler=b"\x00"),
    "garbage_after_the_digest": lambda: pkcs1(SHA256_INFO, digest(), garbage=b"\x00"),
    "short_padding": short_filler,
    "pss": lambda: HELD["RS256"].key.sign(INPUT["RS256"].encode(), pss(), hashes.SHA256()),
}


def pss(salt: int = 32, mask: Any = hashes.SHA256) -> padding.PSS:
    return padding.PSS(padding.MGF1(mask()), salt)


def signed_pss(scheme: padding.AsymmetricPadding, hash_: Any = hashes.SHA256) -> bytes:
    signature: bytes = HELD["PS256"].key.sign(INPUT["PS256"].encode(), scheme, hash_())
    return signature


PS256: dict[str, Callable[[], bytes]] = {
    "zero": lambda: bytes(256),
    "no_salt": lambda: signed_pss(pss(0)),
    "salt_of_20": lambda: signed_pss(pss(20)),
    "longest_salt": lambda: signed_pss(pss(222)),
    "mask_of_sha1": lambda: signed_pss(pss(32, hashes.SHA1)),
    "sha512": lambda: signed_pss(pss(32, hashes.SHA512), hashes.SHA512),
    "pkcs1": lambda: signed_pss(padding.PKCS1v15()),
    "one_bit": lambda: bytes((good("PS256")[0] ^ 1,)) + good("PS256")[1:],
    "short": lambda: good("PS256")[:-1],
}

# ── EdDSA ────────────────────────────────────────────────────────────────────────────────────────────────────────


def plus_the_order() -> bytes:
    """S + L: the same equation holds, so a verifier without the range check takes a second signature."""
    raw = good("EdDSA")
    return raw[:32] + (int.from_bytes(raw[32:], "little") + ED25519_ORDER).to_bytes(32, "little")


EDDSA: dict[str, Callable[[], bytes]] = {
    "s_plus_the_order": plus_the_order,
    "s_zero": lambda: good("EdDSA")[:32] + bytes(32),
    "r_identity_s_zero": lambda: b"\x01" + bytes(63),
    "all_ones": lambda: b"\xff" * 64,
    "zero": lambda: bytes(64),
    "empty": lambda: b"",
    "short": lambda: good("EdDSA")[:-1],
    "long": lambda: good("EdDSA") + b"\0",
    "swapped": lambda: good("EdDSA")[32:] + good("EdDSA")[:32],
    "high_bit_of_s": lambda: good("EdDSA")[:63] + bytes((good("EdDSA")[63] | 0x80,)),
}

FORGED = {"ES256": ES256, "RS256": RS256, "PS256": PS256, "EdDSA": EDDSA}


@pytest.mark.parametrize("alg", FORGED)
def test_the_genuine_signature_is_taken(alg: str) -> None:
    for _ in range(5):
        check(alg, good(alg))


@pytest.mark.parametrize(("alg", "name"), [(alg, name) for alg, table in FORGED.items() for name in table])
def test_forged_signatures(alg: str, name: str) -> None:
    with pytest.raises(JoseError, match="signature_invalid"):
        check(alg, FORGED[alg][name]())


def test_the_algorithm_of_a_signature_that_names_no_null() -> None:
    """RFC 8017 §8.2.2 lets a verifier compare the whole block, so the spelling without NULL does not count."""
    with pytest.raises(JoseError, match="signature_invalid"):
        check("RS256", pkcs1(SHA256_INFO_WITHOUT_NULL, digest()))


SMALL_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("point", SMALL_ORDER)
def test_keys_of_small_order_are_refused(point: str, sign: int) -> None:
    """One signature fits one message in eight or more under such a key, whoever made it: (identity, 0)."""
    raw = bytes.fromhex(point)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw[:31] + bytes((raw[31] | sign,))), "kid": "k1"}
    with pytest.raises(JoseError, match="key_refused"):
        foreign_key(jwk, Algorithm.EDDSA)
    for count in range(32):
        token = HELD["EdDSA"].sign({"sub": f"u{count}"}).rsplit(".", 1)[0] + "." + b64(b"\x01" + bytes(63))
        with pytest.raises(JoseError, match="key_refused"):
            verify_with(token, {"keys": [jwk]}, algs=["EdDSA"], typ=None)


def test_keys_off_their_curve_are_refused() -> None:
    jwk = HELD["ES256"].jwk
    for changes in ({"x": jwk["y"]}, {"x": b64(P256_FIELD.to_bytes(32))}, {"x": b64(bytes(32)), "y": b64(bytes(32))}):
        with pytest.raises(JoseError, match="key_refused"):
            foreign_key(jwk | changes, Algorithm.ES256)
    for wrong in (b"", bytes(31), bytes(33), b"\x02" + b"\xff" * 31):
        held = {"kty": "OKP", "crv": "Ed25519", "x": b64(wrong)}
        try:
            key = foreign_key(held, Algorithm.EDDSA)
        except JoseError as refused:
            assert refused.code == "key_refused"  # noqa: PT017  # a point that decodes to none may be found out later
        else:
            with pytest.raises(JoseError, match="signature_invalid"):
                key.check(split(f"{INPUT['EdDSA']}.{b64(good('EdDSA'))}"))


def test_keys_of_another_kind_are_refused() -> None:
    for alg in FORGED:
        for other in FORGED:
            if HELD[other].jwk["kty"] != HELD[alg].jwk["kty"]:
                with pytest.raises(JoseError, match="key_refused"):
                    foreign_key(HELD[other].jwk, Algorithm(alg))
    assert isinstance(HELD["EdDSA"].key, ed25519.Ed25519PrivateKey)
