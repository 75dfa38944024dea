"""
Signature acceptance: algorithms, purpose of the certificate, what came with and after the signature.

Source: EN 319 102-1 §5.2.8; Circular 15/2025, Appendix I; ISO 32000-2 §12.8.2.2.
"""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.crypto import STRONG_DIGESTS
from signing.validation.findings import Finding, finding
from signing.validation.located import Changes, Coverage

SLACK_SECONDS = 300


def check_algorithms(case: Case) -> Finding | None:
    """Digest and key are on the list of algorithms that are still strong."""
    signer = case.facts.signer
    if signer.signed is None or signer.chain is None:
        return None
    weak = [digest.upper() for digest in signer.signed.digests if digest not in STRONG_DIGESTS]
    weak += [link.key for link in signer.chain.links if not link.strong]
    return finding("algorithm_weak", weak[0]) if weak else None


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
