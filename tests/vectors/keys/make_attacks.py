"""
Writes attacks.json: forged tokens, each named after its attack, for keys/jose.py.

Run once: `python tests/vectors/keys/make_attacks.py`. The keys are made on the spot and thrown away; the file keeps only
the public halves, so the same tokens stay forged for ever. Each entry: name, source, jwks, algs, typ, token, and the
error code that is expected; `accepted` is the control that the same key set and claims are fine without the attack.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CLAIMS = {"iss": "https://idp.example", "aud": "client", "sub": "u1", "iat": 1_764_000_000, "exp": 4_000_000_000}
EC_KEY = ec.generate_private_key(ec.SECP256R1())
EC_384 = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65_537, 2048)
RSA_SHORT = rsa.generate_private_key(65_537, 1024)
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def packed(value: Any) -> str:
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


def es256(message: bytes, key: ec.EllipticCurvePrivateKey = EC_KEY) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    size = (key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def rs256(message: bytes, key: rsa.RSAPrivateKey = RSA_KEY) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def token(header: Any, claims: Any = CLAIMS, sign: Any = es256) -> str:
    signing_input = f"{packed(header)}.{packed(claims)}"
    return f"{signing_input}.{b64(sign(signing_input.encode()))}"


def jwk(algorithm: Any, key: Any, kid: str, **more: Any) -> dict[str, Any]:
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


EC_JWK = jwk(ECAlgorithm(ECAlgorithm.SHA256), EC_KEY, "ec1")
RSA_JWK = jwk(RSAAlgorithm(RSAAlgorithm.SHA256), RSA_KEY, "rsa1")
ED_JWK = jwk(OKPAlgorithm(), ED_KEY, "ed1")
SETS = {"keys": [EC_JWK, RSA_JWK, ED_JWK]}
HEAD = {"alg": "ES256", "kid": "ec1", "typ": "JWT"}
PEM = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
ATTACKER = ec.generate_private_key(ec.SECP256R1())
ATTACKER_JWK = jwk(ECAlgorithm(ECAlgorithm.SHA256), ATTACKER, "ec1")


def hs256(secret: bytes) -> Any:
    return lambda message: hmac.digest(secret, message, "sha256")


def by_attacker(message: bytes) -> bytes:
    return es256(message, ATTACKER)


def reencoded(good: str) -> str:
    """The same signature bytes in other letters: surplus bits of the last letter set."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good[:-1] + letters[letters.index(good[-1]) | 1]


def negated(good: str) -> str:
    """(r, n - s): also a valid ECDSA signature, so a token's text is no identifier; it must verify, not be special."""
    body, signature = good.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")
    s = P256_ORDER - int.from_bytes(raw[32:], "big")
    return f"{body}.{b64(raw[:32] + s.to_bytes(32, 'big'))}"


def der_signature(message: bytes) -> bytes:
    raw = es256(message)
    return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def fixed(raw: bytes) -> Any:
    return lambda _message: raw


GOOD = token(HEAD)
NONE = [
    (f"alg_none_{name}", "CVE-2015-9235; RFC 8725 §2.1", token({**HEAD, "alg": name}, sign=fixed(b"")), "alg_refused")
    for name in ("none", "None", "nOnE", "NONE")
]
ONE = (1).to_bytes(32, "big")
ORDER = P256_ORDER.to_bytes(32, "big")
ATTACKS: list[tuple[Any, ...]] = [
    ("accepted", "control", GOOD, ""),
    ("accepted_rs256", "control", token({"alg": "RS256", "kid": "rsa1", "typ": "JWT"}, sign=rs256), ""),
    ("accepted_eddsa", "control", token({"alg": "EdDSA", "kid": "ed1", "typ": "JWT"}, sign=ED_KEY.sign), ""),
    ("accepted_typ_as_full_media_type", "RFC 7515 §4.1.9", token({**HEAD, "typ": "application/JWT"}), ""),
    ("accepted_mirrored_ecdsa_signature", "control", negated(GOOD), ""),
    *NONE,
    ("alg_none_with_signature_kept", "RFC 8725 §2.1", token({**HEAD, "alg": "none"}), "alg_refused"),
    ("alg_empty", "RFC 8725 §3.1", token({**HEAD, "alg": ""}), "alg_refused"),
    ("alg_is_a_list", "RFC 8725 §3.1", token({**HEAD, "alg": ["ES256"]}), "malformed"),
    ("alg_missing", "RFC 7515 §4.1.1", token({"kid": "ec1", "typ": "JWT"}), "malformed"),
    (
        "hs256_with_public_key_pem",
        "CVE-2015-9235; CVE-2022-29217; CVE-2024-33663",
        token({"alg": "HS256", "kid": "rsa1", "typ": "JWT"}, sign=hs256(PEM)),
        "alg_refused",
    ),
    ("hs256_with_empty_key", "CVE-2026-102266", token({**HEAD, "alg": "HS256"}, sign=hs256(b"")), "alg_refused"),
    ("alg_swap_rs256_header_on_ec_key", "GHSA-jq35-7prp-9v3f", token({**HEAD, "alg": "RS256"}), "key_unknown"),
    (
        "alg_swap_es256_header_on_rsa_key",
        "GHSA-jq35-7prp-9v3f",
        token({"alg": "ES256", "kid": "rsa1", "typ": "JWT"}, sign=rs256),
        "key_unknown",
    ),
    (
        "alg_swap_ps256_header_rs256_signature",
        "RFC 8725 §3.1",
        token({"alg": "PS256", "kid": "rsa1", "typ": "JWT"}, sign=rs256),
        "signature_invalid",
    ),
    (
        "alg_not_in_the_callers_list",
        "RFC 8725 §3.1",
        token({"alg": "EdDSA", "kid": "ed1", "typ": "JWT"}, sign=ED_KEY.sign),
        "alg_refused",
        {"algs": ["ES256"]},
    ),
    ("es256_zero_signature", "CVE-2022-21449", token(HEAD, sign=fixed(bytes(64))), "signature_invalid"),
    ("es256_r_zero_s_one", "CVE-2022-21449", token(HEAD, sign=fixed(bytes(32) + ONE)), "signature_invalid"),
    ("es256_r_one_s_zero", "CVE-2022-21449", token(HEAD, sign=fixed(ONE + bytes(32))), "signature_invalid"),
    ("es256_r_and_s_equal_the_order", "CVE-2022-21449", token(HEAD, sign=fixed(ORDER * 2)), "signature_invalid"),
    ("es256_all_ones", "Wycheproof ecdsa", token(HEAD, sign=fixed(b"\xff" * 64)), "signature_invalid"),
    ("es256_signature_empty", "RFC 8725 §3.2", token(HEAD, sign=fixed(b"")), "signature_invalid"),
    ("es256_signature_in_der", "RFC 7518 §3.4", token(HEAD, sign=der_signature), "signature_invalid"),
    ("es256_signature_too_long", "RFC 7518 §3.4", token(HEAD, sign=lambda m: es256(m) + b"\0"), "signature_invalid"),
    (
        "rs256_zero_signature",
        "Wycheproof rsa",
        token({"alg": "RS256", "kid": "rsa1", "typ": "JWT"}, sign=fixed(bytes(256))),
        "signature_invalid",
    ),
    (
        "payload_changed",
        "RFC 7515 §5.2",
        GOOD.split(".")[0] + "." + packed({**CLAIMS, "sub": "admin"}) + "." + GOOD.split(".")[2],
        "signature_invalid",
    ),
    (
        "jwk_in_header",
        "CVE-2018-0114; CVE-2026-27962",
        token({**HEAD, "jwk": ATTACKER_JWK}, sign=by_attacker),
        "header_refused",
    ),
    (
        "jku_in_header",
        "RFC 8725 §3.10",
        token({**HEAD, "jku": "https://attacker.example/jwks"}, sign=by_attacker),
        "header_refused",
    ),
    (
        "x5u_in_header",
        "RFC 8725 §3.10",
        token({**HEAD, "x5u": "https://attacker.example/x5"}, sign=by_attacker),
        "header_refused",
    ),
    ("x5c_in_header", "RFC 8725 §3.10", token({**HEAD, "x5c": ["AA=="]}, sign=by_attacker), "header_refused"),
    ("jwk_in_header_genuine_signature", "RFC 8725 §3.10", token({**HEAD, "jwk": EC_JWK}), "header_refused"),
    ("signed_by_another_key_same_kid", "RFC 7515 §5.2", token(HEAD, sign=by_attacker), "signature_invalid"),
    ("kid_path_traversal", "RFC 8725 §3.10", token({**HEAD, "kid": "../../../../dev/null"}), "key_unknown"),
    ("kid_sql", "RFC 8725 §3.10", token({**HEAD, "kid": "ec1' OR '1'='1"}), "key_unknown"),
    ("kid_with_nul", "RFC 8725 §3.10", token({**HEAD, "kid": "ec1\x00"}), "key_unknown"),
    ("kid_is_a_number", "RFC 7515 §4.1.4", token({**HEAD, "kid": 1}), "malformed"),
    ("kid_too_long", "house rule", token({**HEAD, "kid": "k" * 201}), "malformed"),
    (
        "kid_missing_several_keys_fit",
        "RFC 8725 §3.10",
        token({"alg": "ES256", "typ": "JWT"}),
        "key_unknown",
        {"jwks": {"keys": [EC_JWK, ATTACKER_JWK]}},
    ),
    (
        "crit_unknown",
        "CVE-2025-59420; CVE-2026-32597",
        token({**HEAD, "crit": ["x-future"], "x-future": 1}),
        "header_refused",
    ),
    ("crit_empty", "RFC 7515 §4.1.11", token({**HEAD, "crit": []}), "header_refused"),
    (
        "crit_b64_false",
        "RFC 7797 §6; GHSA-w7vc-732c-9m39",
        token({**HEAD, "crit": ["b64"], "b64": False}),
        "header_refused",
    ),
    ("b64_false_without_crit", "RFC 7797 §6", token({**HEAD, "b64": False}), "header_refused"),
    ("zip_in_header", "CVE-2024-33664", token({**HEAD, "zip": "DEF"}), "header_refused"),
    ("oversize_payload", "CVE-2025-61920", token(HEAD, {**CLAIMS, "pad": "x" * 16_384}), "too_long"),
    ("oversize_signature", "CVE-2025-61920", token(HEAD, sign=fixed(b"\x01" * 16_384)), "too_long"),
    ("json_too_deep", "CVE-2025-61920", token(HEAD, b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}"), "claims_malformed"),
    (
        "duplicate_member_in_header",
        "RFC 8725 §2.4",
        token(b'{"alg":"none","alg":"ES256","kid":"ec1","typ":"JWT"}'),
        "malformed",
    ),
    (
        "duplicate_member_in_claims",
        "RFC 7519 §4",
        token(HEAD, b'{"iss":"https://idp.example","aud":"client","exp":4000000000,"sub":"u1","sub":"admin"}'),
        "claims_malformed",
    ),
    (
        "duplicate_member_written_with_escapes",
        "RFC 8259 §4",
        token(HEAD, b'{"iss":"https://idp.example","aud":"client","exp":4000000000,"sub":"u1","\\u0073ub":"admin"}'),
        "claims_malformed",
    ),
    ("claims_nan", "RFC 8259 §6", token(HEAD, b'{"exp":NaN}'), "claims_malformed"),
    ("claims_not_utf8", "RFC 8259 §8.1", token(HEAD, b'{"sub":"\xff"}'), "claims_malformed"),
    ("claims_a_list", "RFC 7519 §7.2", token(HEAD, b"[1]"), "claims_malformed"),
    ("header_a_list", "RFC 7515 §4", token(b'["ES256"]'), "malformed"),
    ("base64_surplus_bits", "RFC 4648 §3.5", reencoded(GOOD), "malformed"),
    ("base64_with_padding", "RFC 7515 §2", GOOD + "==", "malformed"),
    (
        "base64_standard_alphabet",
        "RFC 7515 §2",
        token(HEAD, sign=fixed(b"\xfb\xff" * 32)).replace("-", "+").replace("_", "/"),
        "malformed",
    ),
    ("base64_with_line_break", "RFC 7515 §2", GOOD[:-10] + "\n" + GOOD[-10:], "malformed"),
    ("letters_that_are_not_ascii", "RFC 7515 §2", GOOD[:-1] + "é", "malformed"),
    ("two_segments", "RFC 7515 §7.1", ".".join(GOOD.split(".")[:2]), "malformed"),
    ("four_segments", "RFC 7515 §7.1", GOOD + ".AA", "malformed"),
    ("five_segments_as_jwe", "RFC 7516 §9", GOOD + ".AA.AA", "malformed"),
    ("empty", "RFC 7515 §7.1", "", "malformed"),
    ("typ_of_an_access_token", "RFC 8725 §3.11; RFC 9068 §4", token({**HEAD, "typ": "at+jwt"}), "typ_refused"),
    ("typ_missing", "RFC 8725 §3.11", token({"alg": "ES256", "kid": "ec1"}), "typ_refused"),
    ("typ_with_another_prefix", "RFC 7515 §4.1.9", token({**HEAD, "typ": "text/JWT"}), "typ_refused"),
    (
        "key_on_another_curve",
        "RFC 7518 §3.4",
        token(HEAD, sign=lambda m: es256(m, EC_384)),
        "key_refused",
        {"jwks": {"keys": [jwk(ECAlgorithm(ECAlgorithm.SHA256), EC_384, "ec1")]}},
    ),
    (
        "key_rsa_1024",
        "RFC 7518 §3.3",
        token({"alg": "RS256", "kid": "short", "typ": "JWT"}, sign=lambda m: rs256(m, RSA_SHORT)),
        "key_refused",
        {"jwks": {"keys": [jwk(RSAAlgorithm(RSAAlgorithm.SHA256), RSA_SHORT, "short")]}},
    ),
    (
        "key_point_not_on_curve",
        "RFC 8725 §3.4",
        GOOD,
        "key_refused",
        {"jwks": {"keys": [{**EC_JWK, "y": EC_JWK["x"]}]}},
    ),
    ("key_set_with_private_key", "RFC 7517 §9.2", GOOD, "key_refused", {"jwks": {"keys": [{**EC_JWK, "d": "AQ"}]}}),
    ("key_for_encryption", "RFC 7517 §4.2", GOOD, "key_unknown", {"jwks": {"keys": [{**EC_JWK, "use": "enc"}]}}),
    (
        "key_pinned_to_another_alg",
        "RFC 7517 §4.4",
        GOOD,
        "key_unknown",
        {"jwks": {"keys": [{**EC_JWK, "alg": "ES384"}]}},
    ),
    (
        "key_symmetric",
        "CVE-2015-9235",
        token({**HEAD, "kid": "k"}, sign=hs256(b"k" * 32)),
        "key_unknown",
        {"jwks": {"keys": [{"kty": "oct", "kid": "k", "k": b64(b"k" * 32)}]}},
    ),
    ("key_set_empty", "house rule", GOOD, "key_unknown", {"jwks": {"keys": []}}),
    ("key_set_not_a_set", "CVE-2026-102274", GOOD, "key_unknown", {"jwks": {"keys": "ec1"}}),
    (
        "accepted_beside_a_broken_key",
        "CVE-2026-102274",
        GOOD,
        "",
        {"jwks": {"keys": [None, {"kty": "EC", "kid": "x"}, {"kty": []}, EC_JWK]}},
    ),
]


def main() -> None:
    rows = []
    for name, source, forged, error, *rest in ATTACKS:
        row = {"name": name, "source": source, "jwks": SETS, "algs": ["ES256", "RS256", "PS256", "EdDSA"], "typ": "JWT"}
        rows.append({**row, **(rest[0] if rest else {}), "token": forged, "error": error})
    assert len({row["name"] for row in rows}) == len(rows)
    Path(__file__).with_name("attacks.json").write_text(json.dumps(rows, indent=1, ensure_ascii=True) + "\n", "ascii")
    print(len(rows), hashlib.sha256(PEM).hexdigest()[:8])


if __name__ == "__main__":
    main()
