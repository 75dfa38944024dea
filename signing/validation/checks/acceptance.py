"""
Signature acceptance: algorithms, purpose of the certificate, what came with and after the signature.

Source: EN 319 102-1 §5.2.8; Circular 15/2025, Appendix I; ISO 32000-2 §12.8.2.2.
"""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.cms import CmsFacts
from signing.validation.findings import Finding, finding
from signing.validation.located import Changes, Coverage
from signing.validation.strength import Used, used_by

SLACK_SECONDS = 300


def check_algorithms(case: Case) -> Finding | None:
    """
    Every algorithm was strong when what it stands behind is known to have existed (EN 319 102-1 §5.2.8.4, Table 6).

    One that ended earlier: CRYPTO_CONSTRAINTS_FAILURE if the signature was surely made after that, or if the algorithm
    has never counted; else CRYPTO_CONSTRAINTS_FAILURE_NO_POE.
    """
    facts = case.facts
    used = tuple(used_by(facts.signer, facts.trust.policy.suite, case.best_time, case.proofs))
    weak = next((one for one in used if not one.counts), None)
    if weak is not None:
        return finding("algorithm_weak" if _made_after(case, weak) else "algorithm_weak_no_poe", weak.what)
    aged = next((one for one in used if one.until <= facts.trust.moment), None)
    return finding("algorithm_aged", aged.what) if aged else None


def _made_after(case: Case, weak: Used) -> bool:
    """
    Whether it was certainly made after the algorithm's end: the certificate is younger, a time stamp of the content
    is, or the signer says so himself (a claim counts only against him).
    """
    chain = case.facts.signer.chain
    earliest = [stamp.time for stamp in case.content_stamps if stamp.usable and stamp.time is not None]
    earliest += [chain.leaf.not_before] if chain else []
    earliest += [case.claimed_time] if case.claimed_time is not None else []
    return any(time >= weak.until for time in earliest)


def check_purpose(case: Case) -> Finding | None:
    """The certificate may sign documents: not an authority's, not a time stamper's, key usage fits."""
    chain = case.facts.signer.chain
    if chain is None:
        return None
    leaf = chain.leaf
    return finding("key_usage") if leaf.is_authority or leaf.only_time_stamping or not leaf.may_sign else None


def check_nothing_unknown(case: Case) -> Finding | None:
    """No unsigned attribute of an unknown kind."""
    signed = case.facts.signer.signed
    unknown = signed.unknown_unsigned if signed else ()
    if isinstance(signed, CmsFacts) and signed.indexed:
        unknown = (*unknown, "hash index")  # it belongs into an archive time stamp (EN 319 122-1 §5.5.2)
    return finding("unsigned_unknown", debug=", ".join(unknown)) if unknown else None


def check_no_strays(case: Case) -> Finding | None:
    """Every embedded certificate is whole and belongs somewhere."""
    return finding("certificate_stray") if case.facts.signer.strays else None


def check_later_changes(case: Case) -> Finding | None:
    """What came after the signed revision is allowed, and is named."""
    located = case.facts.located
    if located.coverage is Coverage.WHOLE_FILE or located.changes_after is Changes.NONE:
        return None
    things = ", ".join(located.changed_things)
    match located.changes_after:
        case Changes.VALIDATION_DATA:
            return finding("changed_validation_data")
        case Changes.SIGNATURES:
            return finding("changed_signatures", things)
        case Changes.FORM_FILLING:
            return finding("changed_form", things)
        case Changes.ANNOTATIONS:
            return finding("changed_annotations", things)
        case Changes.FORBIDDEN:
            return finding("changed_forbidden", debug=things)
        case _:
            return finding("changed_unknown", debug=things)


def check_claimed_time(case: Case) -> Finding | None:
    """The stated signing time is not in the future."""
    claimed = case.claimed_time
    late = claimed is not None and claimed > case.facts.trust.moment + SLACK_SECONDS
    return finding("claimed_in_future") if late else None


CHECKS = (
    check_algorithms,
    check_purpose,
    check_nothing_unknown,
    check_no_strays,
    check_later_changes,
    check_claimed_time,
)
