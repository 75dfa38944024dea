"""
Whether a file existed at a time, as its evidence record proves.

Every time stamp of the record must lead to the file or to the one before it, be in order, and have been good when the
next one was made; the newest must be good now. Then the oldest says since when the file is known.
Source: RFC 4998 §3.3, §4.3, §5.3; EN 319 102-1 §5.6.2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from base.http import HttpClient
from signing.flows.fetch_lists import fetcher
from signing.flows.own_trust import NO_SOURCE, TrustSource
from signing.validation.case import weigh_archives
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import ArchiveFacts, Trust
from signing.validation.missing import Fetch, completed
from signing.validation.policy_file import ValidationPolicy, built_in_policy
from signing.validation.stamps import WeighedStamp


@dataclass(frozen=True, slots=True)
class Existence:
    """stamps: oldest first. trouble: why the record proves nothing, for the operator; empty if it proves something."""

    stamps: tuple[WeighedStamp, ...] = ()
    trouble: str = ""

    @property
    def since(self) -> int | None:
        """Epoch seconds; None: nothing is proven."""
        return self.stamps[0].time if self.stamps and not self.trouble else None


def prove_existence(
    record: bytes,
    thing: bytes,
    *,
    moment: int,
    own: TrustSource = NO_SOURCE,
    anchors: Sequence[bytes] = (),
    lists: Sequence[bytes] = (),
    http: HttpClient | None = None,
    policy: ValidationPolicy | None = None,
) -> Existence:
    """
    What a record (DER) proves about an object, as of a moment (epoch seconds). Never raises for what a record holds.

    anchors: DER of trusted roots; none means our own. http: None fetches no lists.
    """
    from signing.validation.evidence_record import RecordBroken, read_record, stamp_inputs
    from signing.validation.gather_around import gather_kept

    try:
        inputs = stamp_inputs(read_record(record), thing)
    except RecordBroken as error:
        return Existence(trouble=str(error))
    trust = Trust(
        anchors=tuple(anchors) or own.anchors,
        known=own.known,
        lists=(*own.lists, *lists),
        moment=moment,
        asked_online=http is not None,
        domains=own.domains,
        granted={} if anchors else own.granted,
        late={} if anchors else own.late,
        policy=policy or built_in_policy(),
    )
    digests = DocumentDigests(thing)
    archives = tuple(gather_kept(digests, one, (), trust) for one in inputs)
    if http is not None and (fetched := _fetched(archives, moment, fetcher(http))):
        trust = replace(trust, lists=(*trust.lists, *fetched))
        archives = tuple(gather_kept(digests, one, (), trust) for one in inputs)
    weighed, _proofs = weigh_archives(archives, trust)
    return Existence(weighed, _trouble(weighed))


def _trouble(weighed: tuple[WeighedStamp, ...]) -> str:
    for number, one in enumerate(weighed, 1):
        if not one.usable:
            unusable = one.unusable.en if one.unusable else "it is from the future"
            return f"time stamp {number}: {one.broken or unusable}"
    times = [one.time or 0 for one in weighed]
    return "" if times == sorted(times) else "the time stamps are not in order"


def _fetched(archives: tuple[ArchiveFacts, ...], moment: int, fetch: Fetch) -> tuple[bytes, ...]:
    """The lists and answers that the trusted paths of the time stamps lack, as far as they can be had."""
    found: tuple[bytes, ...] = ()
    for signer in (archive.stamp.signer for archive in archives):
        if signer.chain is not None and signer.chain.trusted:
            at_hand = (*signer.lists, *found)
            found += completed(signer.chain, at_hand, moment, fetch)[len(at_hand) :]
    return found
