"""Our own output judged by the engine everybody uses; and what it says about signatures a document came with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from signing.errors import SignatureRefused
from signing.flows.own_trust import own_trust
from signing.flows.verify import verify_document
from signing.services import SigningServices
from signing.validation.indications import Indication, worst
from signing.validation.report import Report, SignatureReport


@dataclass(frozen=True, slots=True)
class Checked:
    """A passed check. stamp_time: the time the time stamp proves, epoch seconds."""

    stamp_time: int


def check_own_output(
    services: SigningServices, before: bytes, after: bytes, certificate: bytes, lists: Sequence[bytes] = ()
) -> Checked:
    """
    Refuse to hand out a signed document that would not verify.

    lists:  revocation lists (DER) of other authorities, as flows/signer_status.py has just fetched them.
    Raises: SignatureRefused("own_check_failed").

    1. There is exactly one signature more than before, by this certificate.
    2. It is TOTAL-PASSED and its time is proven by a time stamp.
    3. No earlier signature is worse off than it was.
    """
    report, earlier = judge_document(services, after, lists), judge_document(services, before, lists).signatures
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


def judge_document(services: SigningServices, document: bytes, lists: Sequence[bytes] = ()) -> Report:
    """The document as of now, against whom we trust, our lists and those given, without fetching anything."""
    return verify_document(document, moment=services.base.clock.now(), own=own_trust(services.keys), lists=lists)


def _refused(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "own_check_failed",
        vi="Bản đã ký không vượt qua bước tự kiểm tra nên không được giao. Văn bản gốc còn nguyên.",
        en="The signed copy did not pass our own check and was not handed out. The original is unchanged.",
        debug=debug,
        status=500,
    )
