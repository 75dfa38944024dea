"""
What a ledger of proofs amounts to: `acr`, `amr` and `auth_time`, each from one pure function.

A ledger maps a method (RFC 8176 word) to the time it was last proven, in epoch seconds: {"pwd": 1764000000}.
Identity providers have told untruths here (an acr that fell to 0 on refresh, or rose by registration) because several
places computed it; here nobody else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

ACR_ONE_FACTOR = "urn:vn:xt:1"
ACR_TWO_FACTORS = "urn:vn:xt:2"
ACR_VALUES = (ACR_ONE_FACTOR, ACR_TWO_FACTORS)
"""From the weakest to the strongest."""


class FactorKind(StrEnum):
    """What a proof rests on; two proofs of one kind are still one factor."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"


KINDS: Mapping[str, FactorKind] = {"pwd": FactorKind.KNOWLEDGE, "otp": FactorKind.POSSESSION}


def acr_of(factors: Mapping[str, int]) -> str:
    """
    The authentication context of a ledger: two only for two different kinds of factor.

    Raises:  ValueError: the ledger is empty or names an unknown method.
    Source:  Decree 69/2024/ND-CP (levels by number of different factors); OpenID Connect Core §2, `acr`.
    """
    kinds = {_kind(method) for method in factors}
    if not kinds:
        raise ValueError("nothing has been proven")
    return ACR_TWO_FACTORS if len(kinds) > 1 else ACR_ONE_FACTOR


def amr_of(factors: Mapping[str, int]) -> list[str]:
    """
    The methods, sorted, with `mfa` when they are of different kinds.

    Source:  RFC 8176 §2.
    """
    methods = sorted(factors)
    return [*methods, "mfa"] if acr_of(factors) == ACR_TWO_FACTORS else methods


def auth_time_of(factors: Mapping[str, int]) -> int:
    """
    When the person last proved who they are: the time of the password, which every sign-in and every
    re-authentication asks for. A second factor that is shown later does not make an old sign-in younger.

    Source:  OpenID Connect Core §2, `auth_time`; §3.1.2.1, `max_age`.
    """
    acr_of(factors)
    return factors.get("pwd") or min(factors.values())


def _kind(method: str) -> FactorKind:
    try:
        return KINDS[method]
    except KeyError:
        raise ValueError(f"unknown authentication method {method!r}") from None
