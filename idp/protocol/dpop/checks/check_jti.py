from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts

LONGEST = 200


def check_jti(proof: Proof, _facts: ProofFacts) -> None:
    """
    A proof has an identifier of its own, of bounded length; that it is new is decided by the database.

    Raises:  OAuthError("invalid_dpop_proof").
    Source:  RFC 9449 §4.2, §4.3 (3), §11.1.
    """
    jti = proof.claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST:
        raise OAuthError("invalid_dpop_proof", "jti is missing or too long")
