"""
Reading a JWS in compact form before anything in it is believed. Pure; every oddity is an error.

Source: RFC 7515 §5.2, §4.1; RFC 8725 §3; RFC 7797 §6 (b64). Stricter than the sources: one size limit for all,
base64url must be canonical, JSON members must be unique, and headers that bring or fetch keys are refused, not ignored.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

import orjson

from keys.errors import JoseError

MAX_TOKEN_CHARACTERS = 16 * 1024
MAX_KID_CHARACTERS = 200
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
"""Members of a JWK that nobody may be shown: of RSA, EC and OKP keys, shared secrets, and AKP keys."""
REFUSED_HEADERS = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc", "epk", "p2c", "p2s"})


@dataclass(frozen=True, slots=True)
class Unverified:
    """The three parts of a token; nothing here is true until the signature over `signing_input` was checked."""

    header_segment: str
    unverified_payload: bytes
    signature: bytes
    signing_input: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """kid, typ and jwk are None when absent; typ is lower case, without `application/`; jwk is as it came."""

    alg: str
    kid: str | None
    typ: str | None
    jwk: Any = None


def split(token: str) -> Unverified:
    """
    Take a token apart.

    Raises: JoseError("too_long" | "malformed").
    """
    if not isinstance(token, str):
        raise JoseError("malformed", "not a string")
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise JoseError("too_long", f"{len(token)} characters")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise JoseError("malformed", f"{len(parts)} segments")
    header_segment, payload_segment, signature_segment = parts
    return Unverified(
        header_segment=header_segment,
        unverified_payload=decode_segment(payload_segment),
        signature=decode_segment(signature_segment),
        signing_input=f"{header_segment}.{payload_segment}".encode("ascii"),
    )


def decode_segment(segment: str) -> bytes:
    """
    base64url without padding; encoding the result again must give the same letters.

    The lenient decoder skips foreign characters and ignores surplus bits, so that one signature would fit many strings.
    Raises: JoseError("malformed").
    """
    try:
        coded = segment.encode("ascii")
        decoded = base64.urlsafe_b64decode(coded + b"=" * (-len(coded) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise JoseError("malformed", "base64url") from error
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != coded:
        raise JoseError("malformed", "base64url is not canonical")
    return decoded


def read_header(segment: str, *, brings_key: bool = False) -> Header:
    """
    Raises: JoseError("malformed" | "header_refused").

    brings_key: the one kind of token that may hold a `jwk`, because all it shows is that its sender holds that key.
    """
    header = strict_object(decode_segment(segment), "malformed")
    refused = REFUSED_HEADERS & header.keys() - ({"jwk"} if brings_key else set())
    if refused:
        raise JoseError("header_refused", ", ".join(sorted(refused)))
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(alg, str):
        raise JoseError("malformed", "alg")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KID_CHARACTERS):
        raise JoseError("malformed", "kid")
    if typ is not None and not isinstance(typ, str):
        raise JoseError("malformed", "typ")
    return Header(alg=alg, kid=kid, typ=None if typ is None else media_type(typ), jwk=header.get("jwk"))


def media_type(typ: str) -> str:
    """
    A `typ` in the form that is compared: lower case, `application/` dropped when no other slash follows.

    Source: RFC 7515 §4.1.9.
    """
    lowered = typ.lower()
    rest = lowered.removeprefix("application/")
    return rest if "/" not in rest else lowered


def strict_object(raw: bytes, code: str) -> dict[str, Any]:
    """
    A JSON object without repeated members, at any depth.

    Raises: JoseError(code): not JSON (RFC 8259: no NaN, UTF-8 only), nested too deep, not an object, a name twice.
    """
    try:
        orjson.loads(raw)  # strict on grammar, encoding and depth; but keeps the last of repeated members in silence
        value = json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise JoseError(code, "JSON") from error
    if not isinstance(value, dict):
        raise JoseError(code, "not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found
