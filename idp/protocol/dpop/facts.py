"""What the rules about a DPoP proof may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHMS = ("ES256", "PS256", "EdDSA")
"""Source: FAPI 2.0 Security Profile §5.4.1; RFC 9449 §4.2 (asymmetric, never `none`)."""
TYPE = "dpop+jwt"
WINDOW_SECONDS = 60
"""How far the clock of a client may be from ours, either way, for its proof to count."""


@dataclass(frozen=True, slots=True)
class Proof:
    """thumbprint: of the key that signed it (RFC 7638); claims: as they were signed, nothing judged yet."""

    thumbprint: str
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """
    The request that a proof came with.

    address:      our public address of the endpoint, without a query.
    now:          epoch seconds.
    nonces:       the ones we accept at this moment; the first is what we hand out.
    needs_nonce:  whether a proof without one is refused.
    access_token: the token that came along, None at the token endpoint.
    """

    method: str
    address: str
    now: int
    nonces: tuple[str, ...]
    needs_nonce: bool
    access_token: str | None = None
