"""
One signature in front of the judge: its facts, and the time that counts for it.

That time is the oldest usable time stamp (a proof of existence), or, without one, the time of validation. The time a
signer claims is never a proof. Archive time stamps are weighed first and from the newest back, as each proves that what
it covers existed, among it the older ones. Source: EN 319 102-1 §5.5.4 (best-signature-time), §5.6.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signing.validation.facts import ArchiveFacts, SignatureFacts, Trust
from signing.validation.past import control_time
from signing.validation.proofs import Proofs
from signing.validation.stamps import WeighedStamp, weigh


@dataclass(frozen=True, slots=True)
class Case:
    """
    best_time: epoch seconds; proven: whether a time stamp stands behind it.

    proofs: what the archive time stamps prove.
    settled: whether archive time stamps show that the signature existed while its path was in order (§5.6.2.4), so that
    what happened since does not matter.
    """

    facts: SignatureFacts
    stamps: tuple[WeighedStamp, ...]
    content_stamps: tuple[WeighedStamp, ...]
    archives: tuple[WeighedStamp, ...]
    best_time: int
    proven: bool
    settled: bool
    proofs: Proofs

    @property
    def claimed_time(self) -> int | None:
        """When the signer says to have signed: /M of a dictionary, else the signed attribute."""
        signed = self.facts.signer.signed
        return self.facts.located.claimed_time or (signed.signing_time if signed else None)


def open_case(facts: SignatureFacts) -> Case:
    """Weigh the stamps first, for everything else depends on the time."""
    archives, proofs = weigh_archives(facts.archives, facts.trust, indexed=facts.located.own is None)
    stamps = tuple(weigh(stamp, facts.trust, proofs) for stamp in facts.stamps)
    content_stamps = tuple(weigh(stamp, facts.trust, proofs) for stamp in facts.content_stamps)
    times = [stamp.time for stamp in (*stamps, *archives) if stamp.usable and stamp.time is not None]
    best_time = min(times, default=facts.trust.moment)
    settled = any(archive.usable for archive in archives) and _was_in_order(facts, proofs, best_time)
    return Case(facts, stamps, content_stamps, archives, best_time, bool(times), settled, proofs)


def _was_in_order(facts: SignatureFacts, proofs: Proofs, best_time: int) -> bool:
    """Whether the path can be shown to have been in order when the signature is known to have existed."""
    chain = facts.signer.chain
    control = control_time(chain.links, facts.signer.history, proofs) if chain and chain.trusted else None
    return control is not None and best_time <= control


def weigh_archives(
    archives: Sequence[ArchiveFacts], trust: Trust, *, indexed: bool = False
) -> tuple[tuple[WeighedStamp, ...], Proofs]:
    """Each one, and what the usable ones prove together. indexed: whether those inside have their index in them."""
    proofs = Proofs(trust.moment)
    weighed: dict[int, WeighedStamp] = {}
    numbered = sorted(enumerate(archives), key=lambda pair: pair[1].stamp.time or 0, reverse=True)
    for number, archive in numbered:
        weighed[number] = _weigh_archive(archive, trust, proofs, indexed=indexed)
        time = weighed[number].time
        if weighed[number].usable and time is not None:
            proofs = proofs.and_proven(archive.covers, time)
    return tuple(weighed[number] for number in range(len(archives))), proofs


def _weigh_archive(archive: ArchiveFacts, trust: Trust, proofs: Proofs, *, indexed: bool) -> WeighedStamp:
    if archive.trouble:
        return WeighedStamp(archive.stamp.time, "", broken=archive.trouble)
    # only a CMS has its index inside the time stamp
    return weigh(archive.stamp, trust, proofs, archive=indexed and not archive.around)
