"""
Tokens of ours that were found genuine under the keys at hand: a signature need not be checked twice.

Checking it is most of what an introspection costs, and the same token comes again and again while it lives. What is
kept says only "this string, to the letter, was signed by us as this type"; whether it is in its time, for whom it is,
and whether it was revoked is asked every time. A new set of keys begins with nothing kept (keyring.py: Snapshot).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson

from keys.compact import MAX_TOKEN_CHARACTERS

MOST = 1000
"""Tokens in each of two generations; about a megabyte both."""


class VerifiedTokens:
    """
    Two generations: when the younger is full it becomes the older, and what nobody asked for since is forgotten.

    Thread-safe: every step is one operation of a dictionary, and at worst a token is checked once more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def claims(self, unverified: str, typ: str) -> dict[str, Any] | None:
        """The claims of a token that was kept as this type, each time a new dictionary; None: check it."""
        name = _name(unverified, typ)
        if name is None:
            return None
        kept = self._young.get(name)
        if kept is None:
            kept = self._old.get(name)
            if kept is None:
                return None
            self._keep(name, kept)
        claims: dict[str, Any] = orjson.loads(kept)
        return claims

    def keep(self, token: str, typ: str, claims: dict[str, Any]) -> None:
        """Remember a token whose signature and type have just been checked."""
        name = _name(token, typ)
        if name is not None:
            self._keep(name, orjson.dumps(claims))

    def _keep(self, name: bytes, payload: bytes) -> None:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[name] = payload


def _name(token: str, typ: str) -> bytes | None:
    """A digest, so that no token lies about in memory; None for what can be no token of ours."""
    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        return None
    return sha256(f"{typ} {token}".encode("ascii")).digest()
