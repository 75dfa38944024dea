"""Our own output judged by the engine everybody uses; and what it says about signatures a document came with."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from base.run.confined import Limits
from signing.errors import SignatureRefused
from signing.flows.own_trust import own_trust
from signing.flows.verify import LIMITS, verify_document
from signing.services import SigningServices
from signing.validation.indications import Indication, worst
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report, SignatureReport


@dataclass(frozen=True, slots=True)
class Checked:
    """A passed check. stamp_time: the time the time stamp proves, epoch seconds."""

    stamp_time: int


@dataclass(frozen=True, slots=True)
class ToCheck:
    """A document with what belongs to it; empty where there was no signed document yet."""

    document: bytes
    beside: Beside = ALONE


def check_own_output(
    services: SigningServices, before: ToCheck, after: ToCheck, certificate: bytes, lists: Sequence[bytes] = ()
) -> Checked:
    """
    Refuse to hand out a signed document that would not verify. Most of it is a stranger's: it is read under limits.

    lists:  revocation lists (DER) of other authorities, as flows/signer_status.py has just fetched them.
    Raises: SignatureRefused("own_check_failed").

    1. There is exactly one signature more than before, by this certificate.
    2. It is TOTAL-PASSED and its time is proven by a time stamp.
    3. No earlier signature is worse off than it was.
    """
    report = judge_document(services, after.document, lists, after.beside, LIMITS)
    earlier: tuple[SignatureReport, ...] = ()
    if before.document:
        earlier = judge_document(services, before.document, lists, before.beside, LIMITS).signatures
    newest = _newest(report.signatures, earlier)
    if newest is None:
        raise _refused("signature count")
    if newest.certificate_sha256 != hashlib.sha256(certificate).hexdigest():
        raise _refused("other certificate")
    stamp_time = newest.signing_time if newest.time_source == "time-stamp" else None
    if newest.indication is not Indication.TOTAL_PASSED or stamp_time is None:
        raise _refused(f"{newest.indication} {newest.sub_indication} {[found.code for found in newest.findings]}")
    others = [one for one in report.signatures if one is not newest]
    for old, now in zip(_ordered(earlier), _ordered(others), strict=True):
        if worst([(old.indication, None), (now.indication, None)])[0] is not old.indication:
            raise _refused(f"earlier signature became {now.indication}")
    return Checked(stamp_time)


def _newest(signatures: Sequence[SignatureReport], earlier: Sequence[SignatureReport]) -> SignatureReport | None:
    """The one that was not there before, wherever a format keeps it; None if that is not exactly one."""
    added = Counter(map(_identity, signatures)) - Counter(map(_identity, earlier))
    if added.total() != 1 or len(signatures) != len(earlier) + 1:
        return None
    (wanted,) = added
    return next(one for one in reversed(signatures) if _identity(one) == wanted)


def _identity(signature: SignatureReport) -> tuple[str, int]:
    """What stays the same when others sign too; places in a CMS do not."""
    return signature.certificate_sha256, signature.claimed_time or 0


def _ordered(signatures: Iterable[SignatureReport]) -> list[SignatureReport]:
    return sorted(signatures, key=_identity)


def earlier_signatures(services: SigningServices, document: bytes) -> tuple[SignatureReport, ...]:
    """What the engine says about the signatures of a document, oldest first."""
    return judge_document(services, document, limits=LIMITS).signatures


def judge_document(
    services: SigningServices,
    document: bytes,
    lists: Sequence[bytes] = (),
    beside: Beside = ALONE,
    limits: Limits | None = None,
) -> Report:
    """
    The document as of now, against whom we trust, our lists and those given, without fetching anything.

    limits: of the process it is read in; None: in this one, for what we have made.
    """
    now = services.base.clock.now()
    own, policy = own_trust(services.keys), services.policy
    return verify_document(document, moment=now, own=own, lists=lists, beside=beside, policy=policy, limits=limits)


def _refused(debug: str) -> SignatureRefused:
    return SignatureRefused(
        "own_check_failed",
        vi="Bản đã ký không vượt qua bước tự kiểm tra nên không được giao. Văn bản gốc còn nguyên.",
        en="The signed copy did not pass our own check and was not handed out. The original is unchanged.",
        debug=debug,
        status=500,
    )
