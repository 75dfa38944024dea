"""Comparing a client secret."""

from __future__ import annotations

import hmac

from base.ids import hash_secret
from idp.protocol.client import Client


def secret_matches(client: Client, unverified_secret: str) -> bool:
    """Constant-time, against the stored hash. A client without a secret matches nothing."""
    return client.secret_hash is not None and hmac.compare_digest(hash_secret(unverified_secret), client.secret_hash)
