"""Cryptographic verification. Source: EN 319 102-1 §5.2.7; RFC 5652 §5.4, §5.6."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.facts import Outcome
from signing.validation.findings import Finding, finding


def check_digest(case: Case) -> Finding | None:
    """The signed digest is the digest of the signed bytes."""
    return _judged(case.facts.signer.digest, "hash_mismatch")


def check_value(case: Case) -> Finding | None:
    """The signature value was made by the certificate's key over the signed attributes."""
    return _judged(case.facts.signer.signature, "signature_wrong")


def _judged(outcome: Outcome | None, code: str) -> Finding | None:
    if outcome is None or outcome.holds:
        return None
    if outcome.unknown:
        return finding("algorithm_unknown", outcome.why[:60])
    return finding(code, debug=outcome.why)


CHECKS = (check_digest, check_value)
