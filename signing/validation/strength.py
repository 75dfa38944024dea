"""
The algorithms that stand behind one signature, each with the time up to which it counts and the time since which the
thing it was used for is proven to have existed. Source: EN 319 102-1 §5.2.8.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signing.validation.algorithms import Suite
from signing.validation.facts import SignerFacts
from signing.validation.proofs import Proofs
from signing.validation.revocation import Status


@dataclass(frozen=True, slots=True)
class Used:
    """what: such as `SHA1` or `RSA 1024`. until: when it ends; since: from when the thing is proven. Epoch seconds."""

    what: str
    until: int
    since: int

    @property
    def counts(self) -> bool:
        """Whether it was still strong when the thing is known to have been there."""
        return self.since < self.until


def used_by(signer: SignerFacts, suite: Suite, since: int, proofs: Proofs) -> Iterator[Used]:
    """
    The digests of the signature, the keys of its path, the digests under its certificates, and those under the
    revocation data that spoke about them.

    since: of the signature itself and of the certificates that came with it.
    """
    if signer.signed is None or signer.chain is None:
        return
    for digest in signer.signed.digests:
        yield Used(_shown(digest), suite.digest_until(digest), since)
    for link in signer.chain.links:
        yield Used(link.key, suite.key_until(link.key_kind, link.key_bits), since)
    for link in signer.chain.links[:-1] if signer.chain.trusted else ():  # an anchor is trusted for what it is
        if link.signed_with:
            yield Used(_shown(link.signed_with), suite.digest_until(link.signed_with), since)
    for state in signer.revocation:
        if state.status is not Status.UNKNOWN and state.signed_with:
            yield Used(_shown(state.signed_with), suite.digest_until(state.signed_with), proofs.since(state.source))


def _shown(digest: str) -> str:
    return digest.upper()
