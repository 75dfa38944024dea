"""
Device secrets (Native SSO). None is stored: each is computed from its authorization with a key of ours, and dies with
it.
"""

from __future__ import annotations

import hmac

from base.ids import letters_of
from keys.api import Keys

PREFIX = "ds:"


def device_secret_of(keys: Keys, grant_id: str) -> str:
    """`ds:<authorization>:<43 base64url characters>`. Who knows the first part cannot compute the second."""
    mac = letters_of(keys.mac("idp.device_secret", grant_id))
    return f"{PREFIX}{grant_id}:{mac}"


def grant_of(keys: Keys, unverified: str) -> str | None:
    """The authorization that a genuine device secret belongs to; None for anything else."""
    parts = unverified.split(":")
    if len(parts) != 3 or not unverified.isascii():
        return None
    return parts[1] if hmac.compare_digest(device_secret_of(keys, parts[1]), unverified) else None
