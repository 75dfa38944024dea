"""What a trusted path lacks to be judged, and where its certificates say it is. Pure; fetching is a flow's business."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from signing.validation.revocation import RevocationFacts

if TYPE_CHECKING:  # its library is loaded by the first document (formats/pades.py)
    from signing.validation.chains import ChainFacts


def missing_lists(chain: ChainFacts | None, states: Iterable[RevocationFacts], moment: int) -> Iterable[str]:
    """Addresses of the lists that a trusted path lacks: there is none at hand, or it is out of date."""
    if chain is None or not chain.trusted or chain.defect:
        return
    for state in states:
        if not state.is_fresh(moment):
            yield from chain.links[state.position].crl_addresses
