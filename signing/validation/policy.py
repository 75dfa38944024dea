"""
The policy as data: how severe each finding is, and which verdict a failure leads to. Change a level here, nowhere else;
an operator changes it in a file of his own (policy_file.py).

Source: EN 319 102-1 Tables 5 and 6 for the pairs; Circular 15/2025/TT-BKHCN for what must be checked or warned about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signing.validation.indications import Indication, SubIndication

_FAILED, _UNSURE = Indication.TOTAL_FAILED, Indication.INDETERMINATE


class Level(StrEnum):
    """FAIL decides the verdict; WARN and INFORM are shown beside it; IGNORE is left out, but for the list of checks."""

    FAIL = "FAIL"
    WARN = "WARN"
    INFORM = "INFORM"
    IGNORE = "IGNORE"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of one code leads to."""

    level: Level
    indication: Indication | None = None
    sub_indication: SubIndication | None = None


def _fail(indication: Indication, sub_indication: SubIndication) -> Rule:
    return Rule(Level.FAIL, indication, sub_indication)


_WARN, _INFO = Rule(Level.WARN), Rule(Level.INFORM)
_S = SubIndication

POLICY: dict[str, Rule] = {
    # format checking
    "container": _fail(_FAILED, _S.FORMAT_FAILURE),
    "cms_unreadable": _fail(_FAILED, _S.FORMAT_FAILURE),
    "content_type": _fail(_FAILED, _S.FORMAT_FAILURE),
    "profile_unsupported": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "profile_legacy": _INFO,
    "structure": _WARN,
    "content_missing": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "left_out": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "covers_part": _INFO,
    "covers_digest": _INFO,
    "covers_signature": _INFO,
    "files_uncovered": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "files_of_others": _INFO,
    "file_missing": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    # identification of the signing certificate
    "no_signing_certificate": _fail(_UNSURE, _S.NO_SIGNING_CERTIFICATE_FOUND),
    "ess_missing": _fail(_UNSURE, _S.NO_SIGNING_CERTIFICATE_FOUND),
    "ess_missing_legacy": _WARN,
    "ess_mismatch": _fail(_UNSURE, _S.NO_SIGNING_CERTIFICATE_FOUND),
    "ess_weak": _WARN,
    # validation context
    "no_anchors": _fail(_UNSURE, _S.NO_CERTIFICATE_CHAIN_FOUND),
    # X.509 certificate validation
    "chain_not_found": _fail(_UNSURE, _S.NO_CERTIFICATE_CHAIN_FOUND),
    "chain_defect": _fail(_UNSURE, _S.CERTIFICATE_CHAIN_GENERAL_FAILURE),
    "anchor_not_granted": _fail(_UNSURE, _S.NO_CERTIFICATE_CHAIN_FOUND_NO_POE),
    "trust_list_late": _WARN,
    "certificate_expired": _fail(_UNSURE, _S.OUT_OF_BOUNDS_NO_POE),
    "certificate_not_yet": _fail(_UNSURE, _S.OUT_OF_BOUNDS_NO_POE),
    "stamped_before_certificate": _fail(_FAILED, _S.NOT_YET_VALID),
    "expired_since": _INFO,
    "revoked": _fail(_FAILED, _S.REVOKED),
    "revoked_no_poe": _fail(_UNSURE, _S.REVOKED_NO_POE),
    "authority_revoked": _fail(_UNSURE, _S.REVOKED_CA_NO_POE),
    "revoked_since": _WARN,
    "suspended": _fail(_UNSURE, _S.TRY_LATER),
    "revocation_unknown": _fail(_UNSURE, _S.TRY_LATER),
    "revocation_stale": _fail(_UNSURE, _S.TRY_LATER),
    # cryptographic verification
    "file_changed": _fail(_FAILED, _S.HASH_FAILURE),
    "hash_mismatch": _fail(_FAILED, _S.HASH_FAILURE),
    "signature_wrong": _fail(_FAILED, _S.SIG_CRYPTO_FAILURE),
    "algorithm_unknown": _fail(_UNSURE, _S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
    # signature acceptance
    "algorithm_weak": _fail(_UNSURE, _S.CRYPTO_CONSTRAINTS_FAILURE),
    "algorithm_weak_no_poe": _fail(_UNSURE, _S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
    "algorithm_aged": _INFO,
    "key_usage": _fail(_UNSURE, _S.CHAIN_CONSTRAINTS_FAILURE),
    "unsigned_unknown": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "certificate_stray": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "changed_forbidden": _fail(_FAILED, _S.FORMAT_FAILURE),
    "changed_unknown": _fail(_UNSURE, _S.FORMAT_FAILURE),
    "changed_form": _WARN,
    "changed_annotations": _WARN,
    "changed_signatures": _INFO,
    "changed_validation_data": _INFO,
    "claimed_in_future": _WARN,
    # signature time stamp
    "no_stamp": _WARN,
    "stamp_usable": _INFO,
    "stamp_broken": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "stamp_from_future": _fail(_UNSURE, _S.TIMESTAMP_ORDER_FAILURE),
    "stamp_unusable": _WARN,
    "claimed_after_stamp": _WARN,
    "content_stamp_broken": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "content_stamp_late": _fail(_UNSURE, _S.TIMESTAMP_ORDER_FAILURE),
    # archive time stamps
    "archive_broken": _fail(_UNSURE, _S.SIG_CONSTRAINTS_FAILURE),
    "archive_usable": _INFO,
    "archive_unusable": _WARN,
    "settled_by_archive": _INFO,
    # document time stamps
    "document_stamp_broken": _fail(_FAILED, _S.SIG_CRYPTO_FAILURE),
    "document_stamp_unusable": _fail(_UNSURE, _S.NO_POE),
    # the document as a whole
    "no_signature": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "unknown_format": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "document_unreadable": _fail(_FAILED, _S.FORMAT_FAILURE),
    "container_unsafe": _fail(_FAILED, _S.FORMAT_FAILURE),
    "document_encrypted": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "password_wrong": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "encryption_unknown": _fail(_UNSURE, _S.SIGNED_DATA_NOT_FOUND),
    "detached_unused": _INFO,
    "record_unused": _WARN,
    "beyond_limits": _fail(_UNSURE, _S.GENERIC),
    "internal": _fail(_UNSURE, _S.GENERIC),
}
