"""Our trust list as this process last read it: bytes at hand, nothing that reads XML is loaded to hand them out."""

from __future__ import annotations

from base.versions import VersionedCache
from keys.custody import Custody
from keys.store import published_lists
from keys.store.published_lists import OWN, PUBLISHED_CHANNEL, PublishedList


class PublishedStore:
    """Thread-safe."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._held = VersionedCache(custody.base.versions, PUBLISHED_CHANNEL, self._read)

    def content(self) -> bytes:
        """The list; made by whoever asks first, or first after it has run out. Raises: KeysUnavailable."""
        held = self._held.get(OWN)
        if held is not None and held.next_update > self._custody.base.clock.now():
            return held.content
        from keys.flows.publish_list import published_list  # lxml, for whoever makes the list

        return published_list(self._custody).content

    def _read(self, _name: str) -> PublishedList | None:
        with self._custody.base.db.read() as connection:
            return published_lists.current(connection)
