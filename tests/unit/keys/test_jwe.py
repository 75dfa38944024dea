"""
Encrypted tokens: the standard's examples open, what we make others can open, and every forgery gets the same answer.

CR-08, CR-09, CR-11; X53.
"""

from __future__ import annotations

import base64
import json
import resource
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from keys.backends.software import SoftwareDecrypter
from keys.errors import JoseError
from keys.handles import ContentEncryption, KeyManagement
from keys.jwe import DecryptionKey, decrypt, encrypt, recipient

EXAMPLES = json.loads((Path(__file__).parents[2] / "vectors" / "keys" / "jwe_examples.json").read_text())
CONTENT = b"header.payload.signature"
ALL: list[Any] = [*KeyManagement, *ContentEncryption, "A128KW", "RSA1_5", "RSA-OAEP", "A192GCM", "dir", "DEF"]


def opened(private: Any, algorithm: KeyManagement, kid: str = "k1", *, is_published: bool = True) -> DecryptionKey:
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return DecryptionKey(kid, algorithm, public, SoftwareDecrypter(private, algorithm), is_published)


RSA_PRIVATE = rsa.generate_private_key(65_537, 2048)
EC_PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEYS = {
    algorithm: opened(RSA_PRIVATE if algorithm is KeyManagement.RSA_OAEP_256 else EC_PRIVATE, algorithm, str(algorithm))
    for algorithm in KeyManagement
}
RING = {key.kid: key for key in KEYS.values()}
JWKS = {"keys": [key.as_jwk() for key in KEYS.values()]}


def foreign(header: dict[str, Any], key: Key | None = None, content: bytes = CONTENT) -> str:
    """A token as another library writes it, with whatever header."""
    registry = jwe.JWERegistry(algorithms=ALL, strict_check_header=False)
    whole = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "ECDH-ES"} | header
    return jwe.encrypt_compact(whole, content, key or ECKey.import_key(EC_PRIVATE.public_key()), registry=registry)


def refusal(token: str, keys: dict[str, DecryptionKey] = RING) -> JoseError:
    with pytest.raises(JoseError) as refused:
        decrypt(token, keys)
    assert refused.value.code == "not_decrypted"
    return refused.value


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def with_header(token: str, change: Callable[[dict[str, Any]], None]) -> str:
    head, rest = token.split(".", 1)
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    change(header)
    return f"{b64(json.dumps(header).encode())}.{rest}"


def having(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda header: header.update({name: value})


# ── What works ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["name"])
def test_examples_of_rfc_7520(example: dict[str, Any]) -> None:
    kind: Any = ECKey if example["key"]["kty"] == "EC" else RSAKey
    key = opened(kind.import_key(example["key"]).private_key, KeyManagement(example["alg"]), example["key"]["kid"])
    if example["opens"]:
        assert decrypt(example["token"], {key.kid: key}).decode() == example["content"]
    else:
        assert refusal(example["token"], {key.kid: key}).debug.split()[0] in ("alg_refused", "header_refused")


@pytest.mark.parametrize("enc", ContentEncryption)
@pytest.mark.parametrize("alg", KeyManagement)
def test_both_ways_with_another_library(alg: KeyManagement, enc: ContentEncryption) -> None:
    public: Any = RSAKey if alg is KeyManagement.RSA_OAEP_256 else ECKey
    private = RSA_PRIVATE if alg is KeyManagement.RSA_OAEP_256 else EC_PRIVATE
    theirs = foreign({"alg": alg, "enc": enc, "kid": alg}, public.import_key(private.public_key()))
    assert decrypt(theirs, RING) == CONTENT
    ours = encrypt(CONTENT, JWKS, alg=alg, enc=enc, is_token=True)
    found = jwe.decrypt_compact(ours, public.import_key(private), algorithms=ALL)
    assert found.plaintext == CONTENT
    assert (found.protected["kid"], found.protected["cty"]) == (alg, "JWT")


def test_parties_count() -> None:
    assert decrypt(foreign({"apu": b64(b"Alice"), "apv": b64(b"Bob")}), RING) == CONTENT


def test_without_kid_the_published_key_of_the_algorithm_counts() -> None:
    old = opened(ec.generate_private_key(ec.SECP256R1()), KeyManagement.ECDH_ES, "old", is_published=False)
    ring = {"old": old, **RING}
    token = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A128GCM"}, CONTENT, ECKey.import_key(EC_PRIVATE.public_key()), ALL
    )
    assert decrypt(token, ring) == CONTENT
    assert "key_unknown" in refusal(token, {"old": old}).debug
    named = encrypt(CONTENT, {"keys": [old.as_jwk()]}, alg="ECDH-ES", enc="A128GCM", is_token=True)
    assert decrypt(named, ring) == CONTENT


# ── What does not ────────────────────────────────────────────────────────────────────────────────────────────────

SECRET = OctKey.generate_key(128)
RSA_PUBLIC = RSAKey.import_key(RSA_PRIVATE.public_key())
FORGED: list[tuple[str, str, str]] = [
    ("rsa_with_sha1", foreign({"alg": "RSA-OAEP", "kid": "RSA-OAEP-256"}, RSA_PUBLIC), "alg_refused"),
    ("shared_secret", foreign({"alg": "A128KW"}, SECRET), "alg_refused"),
    ("direct", foreign({"alg": "dir"}, SECRET), "alg_refused"),
    ("weak_content", foreign({"enc": "A192GCM"}), "alg_refused"),
    ("key_for_another_algorithm", foreign({"kid": "ECDH-ES+A128KW"}), "the key is for"),
    ("unknown_key", foreign({"kid": "nobody"}), "key_unknown"),
    ("compressed", foreign({"zip": "DEF"}), "header_refused"),
    ("empty", "", "malformed"),
    ("signed_token", "e30.e30.AAAA", "malformed"),
    ("six_segments", foreign({}) + ".AAAA", "malformed"),
    ("padding", foreign({}) + "=", "malformed"),
    ("too_long", foreign({}, content=b"x" * 16_384), "too_long"),
    ("no_epk", with_header(foreign({}), lambda h: h.pop("epk")), "epk"),
    ("epk_of_rsa", with_header(foreign({}), lambda h: h.update(epk=dict(RSA_PUBLIC.as_dict()))), "epk"),
    ("epk_on_another_curve", with_header(foreign({}), lambda h: h["epk"].update(crv="P-384")), "epk"),
    ("epk_short", with_header(foreign({}), lambda h: h["epk"].update(x="AQ")), "epk"),
    ("epk_off_the_curve", with_header(foreign({}), lambda h: h["epk"].update(x=h["epk"]["y"])), ""),
    ("epk_at_infinity", with_header(foreign({}), lambda h: h["epk"].update(x=b64(bytes(32)), y=b64(bytes(32)))), ""),
    ("epk_private", with_header(foreign({}), lambda h: h["epk"].update(d="AQ")), "epk"),
    ("parties_swapped", with_header(foreign({"apu": "QQ"}), lambda h: h.update(apu="Qg")), ""),
    ("kid_not_a_string", with_header(foreign({}), lambda h: h.update(kid=7)), "kid"),
    ("alg_not_a_string", with_header(foreign({}), lambda h: h.update(alg=["ECDH-ES"])), "alg or enc"),
    ("no_enc", with_header(foreign({}), lambda h: h.pop("enc")), "alg or enc"),
    ("header_not_authenticated", with_header(foreign({}), lambda h: h.update(typ="x")), ""),
    ("direct_with_encrypted_key", foreign({}).replace("..", ".AAAA.", 1), "direct agreement"),
    *(
        (f"header_{name}", with_header(foreign({}), having(name, value)), "header_refused")
        for name, value in [
            ("crit", ["exp"]),
            ("b64", False),
            ("jwk", {"kty": "EC"}),
            ("jku", "https://evil.test/keys"),
            ("x5u", "https://evil.test/cert"),
            ("x5c", ["AA"]),
            ("p2c", 2**31 - 1),
            ("p2s", "AA"),
        ]
    ),
]


@pytest.mark.parametrize(("token", "why"), [row[1:] for row in FORGED], ids=[row[0] for row in FORGED])
def test_forgeries(token: str, why: str) -> None:
    assert why in refusal(token).debug


@pytest.mark.parametrize("alg", KeyManagement)
@pytest.mark.parametrize("enc", ContentEncryption)
def test_damage_anywhere_gets_one_answer(alg: KeyManagement, enc: ContentEncryption) -> None:
    """Each segment in turn, first and last letter, cut, and emptied: the same words, whatever broke."""
    good = encrypt(CONTENT, JWKS, alg=alg, enc=enc, is_token=True)
    answers = set()
    for at, segment in enumerate(good.split(".")):
        if not segment:
            continue
        for damaged in (("A" if segment[0] != "A" else "B") + segment[1:], segment[:-4], segment[4:], ""):
            parts = good.split(".")
            parts[at] = damaged
            error = refusal(".".join(parts))
            answers.add((error.code, error.status, error.vi, error.en, error.hint))
    assert len(answers) == 1


def test_another_key_of_the_same_kind_opens_nothing() -> None:
    for alg in KeyManagement:
        other: Any = rsa.generate_private_key(65_537, 2048) if "RSA" in alg else ec.generate_private_key(ec.SECP256R1())
        refusal(encrypt(CONTENT, JWKS, alg=alg, enc="A128GCM", is_token=True), {str(alg): opened(other, alg, str(alg))})


def test_a_wrong_content_key_is_told_by_the_tag_alone() -> None:
    """RFC 7516 §11.5: unwrapping that fails goes on with a random key, as unwrapping to a wrong key does."""
    for alg in (KeyManagement.RSA_OAEP_256, KeyManagement.ECDH_ES_A256KW):
        parts = encrypt(CONTENT, JWKS, alg=alg, enc="A256CBC-HS512", is_token=True).split(".")
        shorter = encrypt(CONTENT, JWKS, alg=alg, enc="A128CBC-HS256", is_token=True).split(".")
        damaged = refusal(".".join([parts[0], "AAAA" + parts[1][4:], *parts[2:]]))
        if alg is KeyManagement.RSA_OAEP_256:  # a key of another length opens, and is of no use
            assert refusal(".".join([parts[0], shorter[1], *parts[2:]])).debug == damaged.debug
        altered = refusal(".".join([*parts[:4], "AAAA" + parts[4][4:]]))
        assert damaged.debug == altered.debug


def test_bombs_cost_nothing() -> None:
    """100 kB that inflate to 100 MB, and 2^31 rounds: refused before either begins."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(10_000_000)) + packer.flush()
    inflating = with_header(foreign({}, content=bomb[:8000]), lambda h: h.update(zip="DEF"))
    rounds = foreign({"alg": "A128KW"}, SECRET)
    rounds = with_header(rounds, lambda h: h.update(alg="PBES2-HS256+A128KW", p2c=2**31 - 1, p2s="AAAAAAAAAAA"))
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    refusal(inflating)
    refusal(rounds)
    refusal("e" * 1_000_000)
    refusal(b64(b'{"alg":' + b"[" * 100_000 + b"]" * 100_000 + b"}") + "....")
    refusal(b64(b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}") + "....")
    assert time.process_time() - begun < 0.05
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


# ── Keys of clients ──────────────────────────────────────────────────────────────────────────────────────────────

EC_JWK = KEYS[KeyManagement.ECDH_ES].as_jwk()
RSA_JWK = KEYS[KeyManagement.RSA_OAEP_256].as_jwk()


@pytest.mark.parametrize(
    "jwk",
    [
        EC_JWK | {"use": "sig"},
        EC_JWK | {"alg": "ES256"},
        EC_JWK | {"alg": "ECDH-ES+A256KW"},
        EC_JWK | {"key_ops": ["verify"]},
        EC_JWK | {"key_ops": "deriveKey"},
        EC_JWK | {"d": "AQ"},
        EC_JWK | {"crv": "secp256k1"},
        EC_JWK | {"x": EC_JWK["y"]},
        EC_JWK | {"x": 7},
        EC_JWK | {"kty": "OKP", "crv": "X25519"},
        {"kty": "EC"},
        {"kty": "oct", "k": "AAAA"},
        RSA_JWK,
        "key",
        None,
        7,
    ],
)
def test_keys_that_do_not_fit_are_passed_over(jwk: Any) -> None:
    with pytest.raises(JoseError, match="key_unknown"):
        recipient({"keys": [jwk]}, "ECDH-ES")
    assert recipient({"keys": [jwk, EC_JWK]}, "ECDH-ES")[0] == "ECDH-ES"


@pytest.mark.parametrize("bits", [1024, 2047])
def test_short_rsa_keys_do_not_fit(bits: int) -> None:
    numbers = rsa.generate_private_key(65_537, bits).public_key().public_numbers()
    weak = RSA_JWK | {"n": b64(numbers.n.to_bytes((bits + 7) // 8))}
    with pytest.raises(JoseError, match="key_unknown"):
        recipient({"keys": [weak]}, "RSA-OAEP-256")
    with pytest.raises(JoseError, match="key_unknown"):
        recipient({"keys": [RSA_JWK | {"e": "Aw"}]}, "RSA-OAEP-256")


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": [[]]}], ids=str)
def test_sets_without_a_key(jwks: Any) -> None:
    with pytest.raises(JoseError, match="key_unknown"):
        recipient(jwks, "ECDH-ES")


def test_the_key_that_says_most_is_chosen() -> None:
    plain = {name: EC_JWK[name] for name in ("kty", "crv", "x", "y")}
    silent, named = plain | {"kid": "a"}, plain | {"kid": "b", "alg": "ECDH-ES", "use": "enc"}
    assert recipient({"keys": [silent, named]}, "ECDH-ES")[0] == "b"
    assert recipient({"keys": [silent]}, "ECDH-ES")[0] == "a"
    assert recipient({"keys": [plain]}, "ECDH-ES")[0] is None


@pytest.mark.parametrize(
    ("alg", "enc"),
    [("RSA1_5", "A128GCM"), ("dir", "A128GCM"), ("ECDH-ES", "A192GCM"), ("ECDH-ES", ""), ("", ""), ("none", "none")],
)
def test_other_algorithms_are_not_encrypted_with(alg: str, enc: str) -> None:
    with pytest.raises(JoseError, match="alg_refused"):
        encrypt(CONTENT, JWKS, alg=alg, enc=enc, is_token=True)
