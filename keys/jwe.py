"""
The one JWE door: encrypting to a client's key, opening what was encrypted to ours. Only joserfc's models of content
encryption and its sealing are used; taking tokens apart and choosing keys is ours, as for JWS.

Whatever is wrong with a token that was sent to us, its sender learns one thing: it was not decrypted. A wrong key is
replaced by a random one and found out by the authentication tag, like any other damage.

Source: RFC 7516 §5.2, §11.5; RFC 7518 §4, §5; RFC 8725 §3.1, §3.3, §3.5. Stricter: a short list of algorithms, no
compression, size cap, keys never from a header.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from cryptography.hazmat.primitives.serialization import load_der_public_key
from joserfc.errors import JoseError as LibraryError
from joserfc.jwe import JWERegistry, encrypt_compact
from joserfc.jwk import ECKey, RSAKey

from keys.backends.base import Decrypter
from keys.compact import MAX_KID_CHARACTERS, MAX_TOKEN_CHARACTERS, PRIVATE_MEMBERS, decode_segment, strict_object
from keys.errors import JoseError, KeyRefused
from keys.handles import ContentEncryption, KeyManagement
from keys.weaknesses import weakness
from keys.weaknesses.base import PublicNumbers

MOST_KEYS_IN_A_SET = 100
REFUSED_HEADERS = frozenset({"crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "p2c", "p2s", "iv", "tag"})
_COORDINATE_BYTES = {"P-256": 32, "P-384": 48, "P-521": 66}
_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
_OPERATIONS = frozenset({"encrypt", "wrapKey", "deriveKey", "deriveBits"})
_WRAPPING_BITS = {KeyManagement.ECDH_ES_A128KW: 128, KeyManagement.ECDH_ES_A256KW: 256}
_TAG_BYTES = {ContentEncryption.A256CBC_HS512: 32}
_REGISTRY = JWERegistry(algorithms=[*KeyManagement, *ContentEncryption])


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A key of ours, pinned to one algorithm. is_published: others may encrypt with it; a retired one only decrypts."""

    kid: str
    algorithm: KeyManagement
    public_key: bytes
    decrypter: Decrypter
    is_published: bool

    def as_jwk(self) -> dict[str, Any]:
        """The public JWK (RFC 7517) with kid, use and alg."""
        key: Any = load_der_public_key(self.public_key)
        kind = RSAKey if self.algorithm is KeyManagement.RSA_OAEP_256 else ECKey
        jwk: dict[str, Any] = dict(kind.import_key(key).as_dict(private=False))
        if PRIVATE_MEMBERS & jwk.keys():
            raise AssertionError("a private key was about to be published")
        return {**jwk, "kid": self.kid, "use": "enc", "alg": str(self.algorithm)}


# ── For a client ─────────────────────────────────────────────────────────────────────────────────────────────────


def encrypt(content: bytes, jwks: Mapping[str, Any], *, alg: str, enc: str, is_token: bool) -> str:
    """
    The compact form, for the first fitting key of a client.

    is_token: the content is a JWS, which the header then says (RFC 7519 §5.2).
    Raises: JoseError("key_unknown" | "alg_refused").
    """
    if alg not in set(KeyManagement) or enc not in set(ContentEncryption):
        raise JoseError("alg_refused", f"{alg[:20]} {enc[:20]}")
    kid, key = recipient(jwks, alg)
    header = {"alg": alg, "enc": enc} | ({"kid": kid} if kid else {}) | ({"cty": "JWT"} if is_token else {})
    return encrypt_compact(header, content, key, registry=_REGISTRY)


def recipient(jwks: Mapping[str, Any], alg: str) -> tuple[str | None, RSAKey | ECKey]:
    """
    The key to encrypt with: one that names the algorithm and `enc` before one that is silent. Damaged keys and keys for
    something else are passed over, so that they do not spoil the set.

    Raises: JoseError("key_unknown"): none fits.
    """
    members = jwks.get("keys")
    fitting = [jwk for jwk in members[:MOST_KEYS_IN_A_SET] if _fits(jwk, alg)] if isinstance(members, list) else []
    for jwk in sorted(fitting, key=lambda one: ("alg" not in one, "use" not in one)):
        try:
            key = _public_key(jwk)
        except (LibraryError, ValueError, TypeError, KeyError):
            continue
        kid = jwk.get("kid")
        return (kid if isinstance(kid, str) else None), key
    raise JoseError("key_unknown", f"no key for {alg}")


def _fits(jwk: object, alg: str) -> bool:
    """Whether a key claims to be for this (RFC 7517 §4) and is public."""
    if not isinstance(jwk, dict) or PRIVATE_MEMBERS & jwk.keys():
        return False
    operations = jwk.get("key_ops")
    is_rsa = alg == KeyManagement.RSA_OAEP_256
    return (
        (jwk.get("kty") == "RSA" if is_rsa else jwk.get("kty") == "EC" and jwk.get("crv") in _COORDINATE_BYTES)
        and jwk.get("use", "enc") == "enc"
        and jwk.get("alg", alg) == alg
        and (operations is None or (isinstance(operations, list) and any(one in _OPERATIONS for one in operations)))
    )


def _public_key(jwk: Mapping[str, Any]) -> RSAKey | ECKey:
    """Raises: ValueError, TypeError, KeyError, joserfc's errors: not a good key."""
    members: Any = {name: jwk[name] for name in _MEMBERS if name in jwk}
    if jwk["kty"] == "EC":
        return ECKey.import_key(members)
    modulus = int.from_bytes(decode_segment(str(members["n"])))
    exponent = int.from_bytes(decode_segment(str(members["e"])))
    if weakness(PublicNumbers("rsa", n=modulus, e=exponent)):
        raise ValueError("weak")
    return RSAKey.import_key(members)


# ── For us ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted token taken apart; nothing in it is true until the tag was checked."""

    alg: KeyManagement
    enc: ContentEncryption
    kid: str | None
    header: Mapping[str, Any]
    associated: bytes
    encrypted_key: bytes
    iv: bytes
    ciphertext: bytes
    tag: bytes


def read_sealed(token: str) -> Sealed:
    """
    Take a token apart, before anything costly.

    Raises: JoseError: too long, malformed, a header we refuse, an algorithm that is not ours.
    """
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise JoseError("too_long")
    parts = token.split(".")
    if len(parts) != 5 or not token.isascii():
        raise JoseError("malformed", f"{len(parts)} segments")
    header = strict_object(decode_segment(parts[0]), "malformed")
    if REFUSED_HEADERS & header.keys():
        raise JoseError("header_refused", ", ".join(sorted(REFUSED_HEADERS & header.keys())))
    alg, enc, kid = header.get("alg"), header.get("enc"), header.get("kid")
    if not isinstance(alg, str) or not isinstance(enc, str):
        raise JoseError("malformed", "alg or enc")
    if alg not in set(KeyManagement) or enc not in set(ContentEncryption):
        raise JoseError("alg_refused", f"{alg} {enc}"[:40])
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KID_CHARACTERS):
        raise JoseError("malformed", "kid")
    encrypted_key, iv, ciphertext, tag = (decode_segment(part) for part in parts[1:])
    return Sealed(
        alg=KeyManagement(alg),
        enc=ContentEncryption(enc),
        kid=kid,
        header=header,
        associated=parts[0].encode(),
        encrypted_key=encrypted_key,
        iv=iv,
        ciphertext=ciphertext,
        tag=tag,
    )


def decrypt(token: str, keys: Mapping[str, DecryptionKey]) -> bytes:
    """
    The content of a token that was encrypted to one of these keys.

    Raises: JoseError("not_decrypted"): for every reason alike; `debug` keeps it for our own log.
    """
    try:
        sealed = read_sealed(token)
        return _opened(sealed, _our_key(sealed, keys).decrypter)
    except (JoseError, KeyRefused) as error:
        raise JoseError("not_decrypted", f"{error.code} {error.debug}") from error
    except (LibraryError, ValueError) as error:
        raise JoseError("not_decrypted", str(error)) from error


def names_unknown_key(token: str, keys: Mapping[str, DecryptionKey]) -> bool:
    """Whether it names a key that is not among these, but may have been made a moment ago by another process."""
    try:
        kid = read_sealed(token).kid
    except JoseError:
        return False
    return kid is not None and kid not in keys


def _our_key(sealed: Sealed, keys: Mapping[str, DecryptionKey]) -> DecryptionKey:
    """By `kid`, or the published one of the algorithm. Raises: JoseError("key_unknown" | "alg_refused")."""
    if sealed.kid is None:
        published = [key for key in keys.values() if key.algorithm is sealed.alg and key.is_published]
        key = published[0] if published else None
    else:
        key = keys.get(sealed.kid)
    if key is None:
        raise JoseError("key_unknown")
    if key.algorithm is not sealed.alg:
        raise JoseError("alg_refused", f"the key is for {key.algorithm}")
    return key


def _opened(sealed: Sealed, decrypter: Decrypter) -> bytes:
    """Raises: JoseError, joserfc's errors, ValueError, KeyRefused."""
    model = _REGISTRY.get_enc(sealed.enc)
    if len(sealed.iv) * 8 != model.iv_size or len(sealed.tag) != _TAG_BYTES.get(sealed.enc, 16):
        raise JoseError("malformed", "iv or tag")
    key = _content_key(sealed, decrypter, model.cek_size)
    if len(key) * 8 != model.cek_size:
        key = secrets.token_bytes(model.cek_size // 8)
    return model.decrypt(sealed.ciphertext, sealed.tag, key, sealed.iv, sealed.associated)


def _content_key(sealed: Sealed, decrypter: Decrypter, bits: int) -> bytes:
    """The content encryption key; empty where it does not open, so that only the tag tells (RFC 7516 §11.5)."""
    if sealed.alg is KeyManagement.RSA_OAEP_256:
        try:
            return decrypter.unwrap(sealed.encrypted_key)
        except ValueError:
            return b""
    shared = decrypter.agree(_point(sealed.header.get("epk")))
    if sealed.alg is KeyManagement.ECDH_ES:
        if sealed.encrypted_key:
            raise JoseError("malformed", "direct agreement with an encrypted key")
        return _derived(shared, sealed, sealed.enc, bits)
    wrapping = _derived(shared, sealed, sealed.alg, _WRAPPING_BITS[sealed.alg])
    try:
        return aes_key_unwrap(wrapping, sealed.encrypted_key)
    except (InvalidUnwrap, ValueError):
        return b""


def _point(epk: object) -> bytes:
    """The sender's one-time key as an uncompressed point (SEC 1 §2.3.3). Raises: JoseError: malformed, or private."""
    if not isinstance(epk, dict) or epk.get("kty") != "EC" or PRIVATE_MEMBERS & epk.keys():
        raise JoseError("malformed", "epk")
    size = _COORDINATE_BYTES.get(str(epk.get("crv")))
    x, y = (decode_segment(str(epk.get(name, ""))) for name in ("x", "y"))
    if size is None or len(x) != size or len(y) != size:
        raise JoseError("malformed", "epk")
    return b"\x04" + x + y


def _derived(shared: bytes, sealed: Sealed, name: str, bits: int) -> bytes:
    """Concat KDF. Source: RFC 7518 §4.6.2; NIST SP 800-56A rev. 2 §5.8.1."""
    parties = (decode_segment(str(sealed.header.get(party, ""))) for party in ("apu", "apv"))
    fields = [name.encode(), *parties]
    info = b"".join(len(field).to_bytes(4, "big") + field for field in fields) + bits.to_bytes(4, "big")
    return ConcatKDFHash(SHA256(), bits // 8, info).derive(shared)
