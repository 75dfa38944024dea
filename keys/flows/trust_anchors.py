"""
Anchors of other authorities: added and removed by two persons where the installation has operators, seen by every
process within a second.

Source: ETSI EN 319 401 §7.4 (changes of policy under dual control).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.versions import VersionedCache, raise_version
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import AnchorAdded, AnchorRemoved
from keys.flows.approvals import carry_out
from keys.lifecycle.operations import Operation
from keys.store import anchors, trust_lists
from keys.store.anchors import ANCHORS_CHANNEL
from keys.store.trust_lists import StoredList
from keys.trust.anchor import AnchorFacts, Domain, anchor_facts, check_anchor, refused

_ALL = "all"


class TrustStore:
    """The anchors as this process last read them, our own roots first. Thread-safe."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._chosen = VersionedCache(custody.base.versions, ANCHORS_CHANNEL, self._read)

    def facts(self) -> list[AnchorFacts]:
        """Every anchor with its domain."""
        own = [anchor_facts(der, Domain.OWN) for der in self._custody.ring.current().roots]
        return [*own, *(self._chosen.get(_ALL) or ())]

    def _read(self, _name: str) -> tuple[AnchorFacts, ...]:
        with self._custody.base.db.read() as connection:
            rows = anchors.everything(connection)
            lists = trust_lists.everything(connection)
        chosen = [anchor_facts(der, Domain(domain)) for domain, der in rows]
        return (*chosen, *self._listed(lists))

    def _listed(self, lists: list[StoredList]) -> Iterable[AnchorFacts]:
        if not lists:
            return ()
        from keys.flows.listed_anchors import anchors_in  # lxml, for those who follow lists only

        return anchors_in(lists, self._custody.settings.trust_list_grace_seconds)


def adding(der: bytes, domain: Domain) -> Operation:
    """The operation that adds an anchor."""
    return Operation("trust.add", {"domain": domain, "sha256": anchor_facts(der, domain).sha256})


def removing(sha256: str) -> Operation:
    """The operation that removes an anchor."""
    return Operation("trust.remove", {"sha256": sha256})


def add_anchor(custody: Custody, der: bytes, domain: Domain, *, approval_id: str = "") -> AnchorFacts:
    """
    Trust an authority from now on.

    Raises: KeyRefused("anchor_refused"): it cannot be one, is one already, or the domain is our own;
            KeyRefused("approval_needed" | "approval_refused").
    """
    now = custody.base.clock.now()
    check_anchor(der, now=now)
    if domain is Domain.OWN:
        raise refused("our own roots are made by ceremonies")
    facts = anchor_facts(der, domain)
    try:
        with custody.base.db.begin() as connection:
            carry_out(custody, connection, adding(der, domain), approval_id)
            anchors.add(connection, sha256=facts.sha256, domain=domain, der=der, now=now)
            raise_version(connection, ANCHORS_CHANNEL)
            append(connection, custody.base.clock, AnchorAdded(domain, facts.sha256))
    except IntegrityError as error:
        raise refused("it is an anchor already") from error
    return facts


def remove_anchor(custody: Custody, sha256: str, *, approval_id: str = "") -> None:
    """Trust it no longer. Raises: KeyRefused("unknown_anchor" | "approval_needed" | "approval_refused")."""
    with custody.base.db.begin() as connection:
        carry_out(custody, connection, removing(sha256), approval_id)
        domain = anchors.remove(connection, sha256)
        if domain is None:
            vi = "Không có neo tin cậy này."
            raise KeyRefused("unknown_anchor", vi=vi, en="There is no such anchor.", status=404)
        raise_version(connection, ANCHORS_CHANNEL)
        append(connection, custody.base.clock, AnchorRemoved(domain, sha256))
