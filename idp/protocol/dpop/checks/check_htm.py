from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts


def check_htm(proof: Proof, facts: ProofFacts) -> None:
    """
    The proof was made for this method; methods are case-sensitive.

    Raises:  OAuthError("invalid_dpop_proof").
    Source:  RFC 9449 §4.3 (8); RFC 9110 §9.1.
    """
    if proof.claims.get("htm") != facts.method:
        raise OAuthError("invalid_dpop_proof", "htm is not the method of this request")
