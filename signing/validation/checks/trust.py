"""
Validation context and X.509 certificate validation, at the time that counts.

Source: EN 319 102-1 §5.2.4, §5.2.6, §5.5.4 (what a time stamp settles); Circular 15/2025 (what must be checked).
"""

from __future__ import annotations

from base.clock import shown
from signing.validation.case import Case
from signing.validation.findings import Finding, finding
from signing.validation.revocation import Status


def check_anchors(case: Case) -> Finding | None:
    """There is something to trust."""
    return None if case.facts.trust.anchors else finding("no_anchors")


def check_chain(case: Case) -> Finding | None:
    """A path leads to a trusted anchor and satisfies RFC 5280."""
    chain = case.facts.signer.chain
    if chain is None or not case.facts.trust.anchors:
        return None
    if not chain.trusted:
        return finding("chain_not_found", chain.links[-1].issuer)
    return finding("chain_defect", debug=chain.defect) if chain.defect else None


def check_anchor_is_granted(case: Case) -> Finding | None:
    """
    The trust list that names the anchor approved it at the time that counts (TS 119 612 §5.5.4; EN 319 102-1 §5.2.6.4:
    an anchor outside the time it is trusted for).
    """
    chain, trust = case.facts.signer.chain, case.facts.trust
    if chain is None or not chain.trusted or trust.is_granted(chain.links[-1].der, case.best_time):
        return None
    return finding("anchor_not_granted", chain.links[-1].subject)


def check_trust_list_is_current(case: Case) -> Finding | None:
    """Whoever relies on a list that should have been followed by another one is told."""
    chain, trust = case.facts.signer.chain, case.facts.trust
    until = trust.late.get(chain.links[-1].der) if chain is not None and chain.trusted else None
    return finding("trust_list_late", shown(until)) if until is not None and until <= trust.moment else None


def check_period(case: Case) -> Finding | None:
    """Every certificate below the anchor was valid at the time that counts; the signer's even if it is the anchor."""
    chain = case.facts.signer.chain
    if chain is None:
        return None
    below = chain.links[:-1] if chain.trusted else ()
    for link in below or chain.links[:1]:
        if case.best_time < link.not_before:
            return finding("stamped_before_certificate" if case.proven else "certificate_not_yet", link.subject)
        if case.best_time > link.not_after:
            return finding("certificate_expired", link.subject)
    if case.facts.trust.moment > chain.leaf.not_after:
        return finding("expired_since")
    return None


def check_revocation_is_known(case: Case) -> Finding | None:
    """
    For every certificate below the anchor there is a current list; if not, people must be warned (Circular
    15/2025).
    """
    chain = case.facts.signer.chain
    if chain is None:
        return None
    for state in case.facts.signer.revocation:
        subject = chain.links[state.position].subject
        if case.settled and not state.is_fresh(case.facts.trust.moment):
            return finding("settled_by_archive")
        if state.status is Status.UNKNOWN:
            return finding("revocation_unknown", subject)
        if state.status is Status.GOOD and not state.is_fresh(case.facts.trust.moment):
            return finding("revocation_stale", subject)
    return None


ON_HOLD = "certificateHold"
"""The reason of a suspension (RFC 5280 §5.3.1)."""


def check_not_revoked(case: Case) -> Finding | None:
    """
    The certificate was not revoked at the time that counts.

    A time stamp from before the revocation settles it. Without one, the signer's own claim can only count against him:
    if even he says to have signed after the revocation, the signature fails. A certificate that rests is neither: it
    may count again, so whoever checks is asked to come back (EN 319 102-1 §5.2.6.4).
    """
    for state in case.facts.signer.revocation:
        if state.position == 0 and state.status is Status.REVOKED and state.at is not None:
            if case.proven and case.best_time < state.at:
                return finding("revoked_since", shown(state.at))
            if state.reason == ON_HOLD:
                return finding("suspended", shown(state.at))
            claimed = case.claimed_time
            late = claimed is not None and claimed >= state.at
            return finding("revoked" if late else "revoked_no_poe", shown(state.at), debug=state.reason)
    return None


def check_authorities_not_revoked(case: Case) -> Finding | None:
    """No authority in the path was revoked before the time that counts."""
    chain = case.facts.signer.chain
    for state in case.facts.signer.revocation:
        if chain and state.position > 0 and state.status is Status.REVOKED:
            settled = case.proven and state.at is not None and case.best_time < state.at
            if not settled:
                return finding("authority_revoked", chain.links[state.position].subject, debug=state.reason)
    return None


CONTEXT_CHECKS = (check_anchors,)
CHECKS = (
    check_chain,
    check_anchor_is_granted,
    check_trust_list_is_current,
    check_period,
    check_revocation_is_known,
    check_not_revoked,
    check_authorities_not_revoked,
)
