"""Identification of the signing certificate. Source: EN 319 102-1 §5.2.3; RFC 5035 §5."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.checks.format import LEGACY
from signing.validation.findings import Finding, finding


def check_signing_certificate_is_there(case: Case) -> Finding | None:
    """The certificate that the signer names is embedded and readable."""
    return finding("no_signing_certificate") if case.facts.signer.chain is None else None


def check_signing_certificate_attribute(case: Case) -> Finding | None:
    """The signed attribute names this very certificate, so that it cannot be exchanged."""
    signer = case.facts.signer
    if signer.chain is None or signer.signed is None:
        return None
    if signer.ess is None:
        return finding("ess_missing_legacy" if case.facts.located.profile in LEGACY else "ess_missing")
    if not signer.ess.holds:
        return finding("ess_mismatch")
    return finding("ess_weak") if signer.signed.ess[0].algorithm == "sha1" else None


CHECKS = (check_signing_certificate_is_there, check_signing_certificate_attribute)
