"""
Weigh a time stamp: is it in order in itself, does it stamp this, and can its authority be trusted.

Broken means that its bytes contradict each other or the signature; unusable means that we cannot rely on it today.
Source: RFC 3161 §2.2 to §2.4; RFC 5816; EN 319 102-1 §5.4; EN 319 422.
"""

from __future__ import annotations

from dataclasses import dataclass

from base.texts import Text
from signing.validation.cms import CmsFacts
from signing.validation.facts import StampFacts, Trust
from signing.validation.past import control_time
from signing.validation.proofs import Proofs
from signing.validation.revocation import Status
from signing.validation.strength import used_by

TST_INFO = "1.2.840.113549.1.9.16.1.4"
SLACK_SECONDS = 60
MISSING = "the authority's certificate is missing"


@dataclass(frozen=True, slots=True)
class WeighedStamp:
    """time: epoch seconds or None. broken and unusable say why, empty if not so; authority is who stamped."""

    time: int | None
    authority: str
    broken: str = ""
    from_future: bool = False
    unusable: Text | None = None

    @property
    def usable(self) -> bool:
        return self.time is not None and not self.broken and not self.from_future and self.unusable is None


def weigh(stamp: StampFacts, trust: Trust, proofs: Proofs, *, archive: bool = False) -> WeighedStamp:
    """
    Weigh one stamp against what is trusted and what is proven to have existed.

    archive: whether it is one that has to carry a hash index; no other may.
    """
    chain = stamp.signer.chain
    return WeighedStamp(
        time=stamp.time,
        authority=chain.leaf.subject if chain else "",
        broken=_broken(stamp, archive=archive),
        from_future=stamp.time is not None and stamp.time > trust.moment + SLACK_SECONDS,
        unusable=_unusable(stamp, trust, proofs),
    )


def _broken(stamp: StampFacts, *, archive: bool) -> str:
    signer = stamp.signer
    cms = signer.signed
    if signer.trouble or not isinstance(cms, CmsFacts):
        return signer.trouble or "unreadable"
    if cms.content_type != TST_INFO or cms.attribute_content_type != TST_INFO:
        return "not a time stamp"
    if signer.chain is None or signer.signature is None:
        return MISSING
    if signer.ess is None or not signer.ess.holds:
        return "the authority's certificate is not the one named"
    for what, outcome in (("imprint", stamp.imprint), ("digest", signer.digest), ("signature", signer.signature)):
        if outcome is None or not outcome.holds:
            return f"{what} does not fit"
    if signer.strays or cms.unknown_unsigned or cms.stamps or cms.indexed != archive:
        return "carries something unknown"
    if not signer.chain.leaf.only_time_stamping:
        return "the certificate is not for time stamping alone"
    if stamp.time is None or not signer.chain.leaf.not_before <= stamp.time:
        return "older than the authority's certificate"
    return ""


def _unusable(stamp: StampFacts, trust: Trust, proofs: Proofs) -> Text | None:
    chain = stamp.signer.chain
    if chain is None or not chain.trusted or chain.defect:
        return Text("chưa rõ nơi cấp", "its authority is not known")
    if stamp.time is not None and not trust.is_granted(chain.links[-1].der, stamp.time):
        return Text("nơi cấp chưa được công nhận khi đó", "its authority was not approved at that time")
    if not _is_strong(stamp, trust, proofs):
        return Text("thuật toán không đủ an toàn", "its algorithms are too weak")
    if _settled(stamp, proofs):
        return None
    if not all(link.holds_at(trust.moment) for link in chain.links[:-1]):
        return Text("chứng thư số của nơi cấp đã hết hạn", "the certificate of its authority has expired")
    if any(state.status is Status.REVOKED for state in stamp.signer.revocation):
        return Text("chứng thư số của nơi cấp đã bị thu hồi", "the certificate of its authority was revoked")
    if not all(state.is_fresh(trust.moment) for state in stamp.signer.revocation):
        return Text("chưa kiểm tra được việc thu hồi", "its revocation could not be checked")
    return None


def _is_strong(stamp: StampFacts, trust: Trust, proofs: Proofs) -> bool:
    """Whether its algorithms counted when it is proven to have existed; today, if nothing covers it."""
    since, suite = proofs.since(stamp.token), trust.policy.suite
    strong = all(used.counts for used in used_by(stamp.signer, suite, since, proofs))
    return strong and since < suite.digest_until(stamp.imprint_algorithm)


def _settled(stamp: StampFacts, proofs: Proofs) -> bool:
    """Whether the token existed while its authority's path was in order (EN 319 102-1 §5.6.2.4)."""
    chain = stamp.signer.chain
    if not proofs.times:
        return False  # nothing is proven to be older than today, and today is judged as it is
    control = control_time(chain.links, stamp.signer.history, proofs) if chain else None
    return control is not None and proofs.since(stamp.token) <= control
