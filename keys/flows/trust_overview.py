"""
The trust lists that are followed, for people to look at: how each one stands, and what its services have been.

What a list says is kept until another one is taken: looking often must not cost more than looking once.
"""

from __future__ import annotations

from base.versions import VersionedCache
from keys.custody import Custody
from keys.handles import FollowedList, ListedService
from keys.store import trust_lists
from keys.store.anchors import ANCHORS_CHANNEL
from keys.store.trust_lists import StoredList


class TrustOverview:
    """The trust lists of others, as facts. Thread-safe; one per process."""

    def __init__(self, custody: Custody) -> None:
        self._base = custody.base
        self._services = VersionedCache(custody.base.versions, ANCHORS_CHANNEL, self._read)

    def lists(self) -> list[FollowedList]:
        """By name."""
        now = self._base.clock.now()
        with self._base.db.read() as connection:
            return [_shown(one, now) for one in trust_lists.headings(connection)]

    def services(self, name: str) -> tuple[FollowedList, tuple[ListedService, ...]] | None:
        """What that list says, in its order. None: no such list is followed; such a name reaches no statement."""
        found = next((one for one in self.lists() if one.name == name), None)
        services = self._services.get(name) if found else None
        return (found, services) if found is not None and services is not None else None

    def _read(self, name: str) -> tuple[ListedService, ...] | None:
        """Of bytes that were verified when they were taken."""
        from keys.trust.lists.reading import read_content  # lxml, for those who follow lists only

        with self._base.db.read() as connection:
            found = trust_lists.find(connection, name)
        if found is None:
            return None
        return tuple(
            ListedService(
                provider=provider.name,
                name=service.name,
                kind=service.kind.rpartition("/Svctype/")[2] or service.kind,
                spells=tuple((spell.status.rpartition("/")[2], spell.since) for spell in service.spells),
            )
            for provider in read_content(found.content).providers
            for service in provider.services
        )


def _shown(one: StoredList, now: int) -> FollowedList:
    return FollowedList(
        name=one.name,
        domain=one.domain,
        sequence=one.sequence,
        issued_at=one.issued_at,
        next_update=one.next_update,
        taken_at=one.taken_at,
        alarmed_at=one.alarmed_at,
        is_late=one.next_update <= now,
        signer_sha256=one.signer_sha256,
    )
