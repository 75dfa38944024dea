"""
Which key does the sender of a request hold? A DPoP proof, judged; and the nonces we hand out for it.

1. Gather: signature and key of the proof (keys), the nonces of this moment.
2. Judge: protocol/dpop/proof.py.
3. What is left to the caller is to spend the proof's identifier, in whatever transaction it has.

Nonces are not stored: each is a MAC of the stretch of time it is handed out in, so that all workers agree.

Source: RFC 9449 §4.3, §8.
"""

from __future__ import annotations

from base.ids import letters_of
from idp.errors import OAuthError
from idp.oauth.client_auth.base import OneTime
from idp.protocol.dpop.facts import ALGORITHMS, TYPE, WINDOW_SECONDS, Proof, ProofFacts
from idp.protocol.dpop.proof import judge_proof
from idp.services import IdpServices
from keys.errors import JoseError

KIND = "dpop"


def prove_possession(
    services: IdpServices, unverified_proof: str, *, method: str, address: str, access_token: str | None = None
) -> tuple[str, OneTime]:
    """
    The thumbprint of the key, and the identifier that has to be spent before the proof counts.

    Raises:  OAuthError("invalid_dpop_proof" | "use_dpop_nonce"). Two headers arrive here joined by a comma, which no
             proof can hold.
    """
    try:
        proven = services.keys.verify_possession(unverified_proof.strip(), algs=ALGORITHMS, typ=TYPE)
    except JoseError as error:
        raise OAuthError("invalid_dpop_proof", f"the DPoP proof does not verify ({error.code})") from None
    now = services.base.clock.now()
    facts = ProofFacts(
        method=method,
        address=address,
        now=now,
        nonces=nonces_at(services, now),
        needs_nonce=services.settings.dpop_nonce_required,
        access_token=access_token,
    )
    judge_proof(Proof(proven.thumbprint, proven.claims), facts)
    identifier = f"{proven.thumbprint}\0{proven.claims['jti']}"
    return proven.thumbprint, OneTime(identifier, int(proven.claims["iat"]) + WINDOW_SECONDS + 1, KIND)


def nonces_at(services: IdpServices, now: int) -> tuple[str, str]:
    """The nonce handed out at this moment, and the one before it."""
    stretch = now // services.settings.dpop_nonce_seconds
    return _nonce(services, stretch), _nonce(services, stretch - 1)


def _nonce(services: IdpServices, stretch: int) -> str:
    mac = services.keys.mac("idp.dpop_nonce", str(stretch))
    return letters_of(mac)
