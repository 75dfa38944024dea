"""
What a person has to show before a token opens more. Pure.

Source: RFC 9470 §3 (acr_values and max_age in the challenge), §4 (the client asks for them in a new request).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.protocol.acr import level_of


def missing_authentication(claims: Mapping[str, Any], *, acr: str, max_age: int | None, now: int) -> Mapping[str, str]:
    """
    Parameters of the challenge; empty: the sign-in behind these claims is good enough.

    claims: acr and auth_time as the token has them, from the moment it was granted. A token without a person has
    neither, and never is.
    """
    wanted: dict[str, str] = {}
    if level_of(str(claims.get("acr", ""))) < level_of(acr):
        wanted["acr_values"] = acr
    if max_age is not None and now - claims.get("auth_time", 0) > max_age:
        wanted["max_age"] = str(max_age)
    return wanted
