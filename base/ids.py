"""Identifiers and secrets: opaque, random, and never stored in clear when they open something."""

from __future__ import annotations

import hashlib
import secrets
from binascii import b2a_base64
from typing import NewType

SecretHash = NewType("SecretHash", str)
"""SHA-256 of a high-entropy secret, 43 base64url characters without padding."""


_URL_LETTERS = bytes.maketrans(b"+/", b"-_")


def letters_of(raw: bytes) -> str:
    """base64url without padding; two calls instead of the standard library's six, fifty times a sign-in."""
    return b2a_base64(raw, newline=False).translate(_URL_LETTERS, b"=").decode()


def new_id(prefix: str) -> str:
    """A public identifier: prefix, underscore, 128 random bits in base64url (22 characters)."""
    return f"{prefix}_{letters_of(secrets.token_bytes(16))}"


def new_uuid() -> str:
    """An identifier of the form others ask for: a random UUID. Source: RFC 9562 §5.4."""
    octets = bytearray(secrets.token_bytes(16))
    octets[6] = octets[6] & 0x0F | 0x40  # version 4
    octets[8] = octets[8] & 0x3F | 0x80  # the variant of the RFC
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def new_secret(bytes_of_entropy: int = 32) -> str:
    """A bearer secret (code, token, session cookie): base64url, 43 characters for 32 bytes."""
    return letters_of(secrets.token_bytes(bytes_of_entropy))


def hash_secret(secret: str) -> SecretHash:
    """
    What is stored in place of a secret.

    A plain SHA-256 is enough because every secret hashed here carries at least 128 random bits;
    what people choose themselves goes through Argon2id instead (idp/accounts/passwords.py).
    """
    return SecretHash(letters_of(hashlib.sha256(secret.encode()).digest()))
