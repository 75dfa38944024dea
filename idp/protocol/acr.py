"""
Levels of authentication as the protocol orders them. idp/accounts/assurance.py says which one a ledger of factors has
reached; a test holds the two lists together.
"""

from __future__ import annotations

ACR_VALUES = ("urn:vn:xt:1", "urn:vn:xt:2")
"""From the weakest to the strongest."""


def level_of(acr: str) -> int:
    """1 for the weakest; 0 for a value that we do not know."""
    return ACR_VALUES.index(acr) + 1 if acr in ACR_VALUES else 0
