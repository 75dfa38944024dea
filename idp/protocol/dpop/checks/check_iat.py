from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.dpop.facts import WINDOW_SECONDS, Proof, ProofFacts


def check_iat(proof: Proof, facts: ProofFacts) -> None:
    """
    The proof was made just now; a clock may be a minute off, either way.

    Raises:  OAuthError("invalid_dpop_proof").
    Source:  RFC 9449 §4.3 (11), §11.1; FAPI 2.0 Security Profile §5.3.2.1 (clocks 10 s apart must be accepted).
    """
    made_at = proof.claims.get("iat")
    if isinstance(made_at, bool) or not isinstance(made_at, int | float):
        raise OAuthError("invalid_dpop_proof", "iat is missing or no number")
    if not abs(facts.now - made_at) <= WINDOW_SECONDS:
        raise OAuthError("invalid_dpop_proof", "iat is too far from the time here")
