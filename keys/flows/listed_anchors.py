"""The anchors that trust lists give, read from what was verified when it was taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from keys.errors import KeyRefused
from keys.store.trust_lists import StoredList
from keys.trust.anchor import AnchorFacts, Domain, anchor_facts
from keys.trust.lists.anchors import listed_anchors
from keys.trust.lists.reading import read_content


def anchors_in(lists: Sequence[StoredList], grace_seconds: int) -> Iterator[AnchorFacts]:
    """Every certificate with its periods; none reaches further than `grace_seconds` past its list's next update."""
    for held in lists:
        for der, periods in listed_anchors(read_content(held.content), until=held.next_update + grace_seconds).items():
            try:
                facts = anchor_facts(der, Domain(held.domain))
            except KeyRefused:
                continue  # a certificate that nobody can read is nobody's anchor
            yield AnchorFacts(
                facts.domain,
                facts.sha256,
                facts.subject,
                facts.not_after,
                der,
                granted=periods,
                trust_list=held.name,
                list_until=held.next_update,
            )
