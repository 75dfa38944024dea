"""
`antin` with SHA-256 in the place of Argon2id: what a sign-in costs besides its hash. Only ever for measuring.

The throttle, the equal time for unknown names, the turn a hash waits for and the comparison are the product's own.
"""

from __future__ import annotations

import hashlib

from idp.accounts import argon2id
from idp.accounts.argon2id import Recipe


def _digest(password: bytes, salt: bytes, recipe: Recipe) -> bytes:
    return hashlib.sha256(salt + password).digest()[: recipe.length]


if __name__ == "__main__":
    import wsgi

    argon2id.digest = _digest
    wsgi.cli()
