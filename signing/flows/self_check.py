"""Our own output judged by the engine everybody uses; and what it says about signatures a document came with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from signing.errors import SignatureRefused
from signing.flows.verify import own_trust, verify_document
from signing.services import SigningServices
from signing.validation.indications import Indication, worst
from signing.validation.report import Report, SignatureReport


@dataclass(frozen=True, slots=True)
class Checked:
    """A passed check. stamp_time: the time the time stamp proves, epoch seconds."""

    stamp_time: int


def check_own_output(services: SigningServices, before: bytes, after: bytes, certificate: bytes) -> Checked:
    """
    Refuse to hand out a signed document that would not verify.

    Raises: SignatureRefused("own_check_failed").

    1. There is exactly one signature more than before, by this certificate.
    2. It is TOTAL-PASSED and its time is proven by a time stamp.
    3. No earlier signature is worse off than it was.
    """
    report, earlier = judge_document(services, after), judge_document(services, before).signatures
    newest = report.signatures[-1] if report.signatures else None
    if newest is None or len(report.signatures) != len(earlier) + 1:
        raise _refused("signature count")
    if newest.certificate_sha256 != hashlib.sha256(certificate).hexdigest():
        raise _refused("other certificate")
    if newest.indication is not Indication.TOTAL_PASSED or report.stamp_time is None:
        raise _refused(f"{newest.indication} {newest.sub_indication} {[found.code for found in newest.findings]}")
    for old, now in zip(earlier, report.signatures, strict=False):
        if worst([(old.indication, None), (now.indication, None)])[0] is not old.indication:
            raise _refused(f"earlier signature became {now.indication}")
    return Checked(report.stamp_time)


def earlier_signatures(services: SigningServices, document: bytes) -> tuple[SignatureReport, ...]:
    """What the engine says about the signatures of a document, oldest first."""
    return judge_document(services, document).signatures


def judge_document(services: SigningServices, document: bytes) -> Report:
    """The document as of now, against our own anchors and revocation lists, without fetching anything."""
    keys = services.keys
    own = own_trust(keys.trust_anchors, keys.issuer_certificates, keys.crl, keys.authority_names)
    return verify_document(document, moment=services.base.clock.now(), own=own)


def _refused(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "own_check_failed",
        vi="Bản đã ký không vượt qua bước tự kiểm tra nên không được giao. Văn bản gốc còn nguyên.",
        en="The signed copy did not pass our own check and was not handed out. The original is unchanged.",
        debug=debug,
        status=500,
    )
