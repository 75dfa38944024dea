from __future__ import annotations

from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts


def check_nonce(proof: Proof, facts: ProofFacts) -> None:
    """
    A nonce is one that we handed out a moment ago; whether there has to be one is a setting.

    Raises:  OAuthError("use_dpop_nonce"): with a fresh one.
    Source:  RFC 9449 §4.3 (10), §8, §9.
    """
    nonce = proof.claims.get("nonce")
    if nonce is None and not facts.needs_nonce:
        return
    if nonce not in facts.nonces:
        raise OAuthError("use_dpop_nonce", "use the nonce of the DPoP-Nonce header", nonce=facts.nonces[0])
