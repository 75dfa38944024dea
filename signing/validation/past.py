"""
Past certificate validation: the last moment at which a path can be shown to have been in order.

Control-time sliding, from the anchor down to the certificate: each link needs revocation data that was issued, and is
proven to have existed, at the control time that the links above have left. A revocation moves that time back to when it
happened; data that is no longer fresh moves it back to when it was issued; the end of a certificate moves it back to
that end. Source: EN 319 102-1 §5.6.2.1, §5.6.2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from signing.validation.certificates import CertificateFacts
from signing.validation.proofs import Proofs
from signing.validation.revocation import RevocationFacts, Status


def control_time(links: Sequence[CertificateFacts], history: Sequence[RevocationFacts], proofs: Proofs) -> int | None:
    """
    links:   a path that ends at a trusted anchor, from the certificate up.
    history: what every usable list says about each link, not only the newest.
    Returns: epoch seconds, or None: nothing can be shown about some link.
    """
    control = proofs.moment
    for position in range(len(links) - 2, -1, -1):
        link = links[position]
        control = min(control, link.not_after)
        if proofs.since(link.der) > control:
            return None
        usable = [state for state in history if state.position == position and _existed(state, control, proofs)]
        if not usable:
            return None
        state = max(usable, key=lambda one: one.this_update or 0)
        if state.status is Status.REVOKED and state.at is not None:
            control = min(control, state.at)
        elif not state.is_fresh(control):
            control = min(control, state.this_update or 0)
        if control < link.not_before:
            return None
    return control


def _existed(state: RevocationFacts, control: int, proofs: Proofs) -> bool:
    issued = state.this_update is not None and state.this_update <= control
    return state.status is not Status.UNKNOWN and issued and proofs.since(state.source) <= control
