"""
The table of a DPoP proof. Its type, algorithm, key and signature were checked before (keys/jose.py: verify_possession);
whether it was seen before is decided afterwards, by a unique key in the database (flows/prove_possession.py).

Source: RFC 9449 §4.3.
"""

from __future__ import annotations

from idp.protocol.dpop.checks.check_ath import check_ath
from idp.protocol.dpop.checks.check_htm import check_htm
from idp.protocol.dpop.checks.check_htu import check_htu
from idp.protocol.dpop.checks.check_iat import check_iat
from idp.protocol.dpop.checks.check_jti import check_jti
from idp.protocol.dpop.checks.check_nonce import check_nonce
from idp.protocol.dpop.facts import Proof, ProofFacts

PROOF_CHECKS = (check_jti, check_htm, check_htu, check_iat, check_ath, check_nonce)
"""The nonce comes last: only a proof that is right otherwise is told to come again with a fresh one."""


def judge_proof(proof: Proof, facts: ProofFacts) -> None:
    """Raises: OAuthError("invalid_dpop_proof" | "use_dpop_nonce"): of the first rule that it breaks."""
    for check in PROOF_CHECKS:
        check(proof, facts)
