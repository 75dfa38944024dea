from __future__ import annotations

import hashlib
import hmac

from base.ids import letters_of
from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts


def check_ath(proof: Proof, facts: ProofFacts) -> None:
    """
    Where an access token comes along, the proof was made for that very token.

    Reads:   ath, the base64url SHA-256 of the token.
    Raises:  OAuthError("invalid_dpop_proof").
    Source:  RFC 9449 §4.2, §4.3 (12).
    """
    if facts.access_token is None:
        return
    digest = hashlib.sha256(facts.access_token.encode()).digest()
    wanted = letters_of(digest)
    given = proof.claims.get("ath")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise OAuthError("invalid_dpop_proof", "ath is not the hash of the access token")
