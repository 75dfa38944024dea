"""
Watching that revocation lists are renewed: an alarm while there is still time, once for each list.

The servers look when they are asked for their health, the worker looks by its timetable: whichever of them stands
still, the other notices.

Source: ETSI EN 319 411-1 §6.3.9 (the next list is published before nextUpdate).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from base.audit import append
from base.metrics import ALARMS
from keys.custody import Custody
from keys.events import CrlLate
from keys.lifecycle.rotation import list_late
from keys.store import authorities, crls
from keys.store.crls import StoredCrl

log = logging.getLogger("antin.keys.crl")


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The current list of an authority. seconds_left: to its nextUpdate, negative afterwards; is_late: alarm."""

    name: str
    number: int
    seconds_left: int
    is_late: bool


def watch_lists(custody: Custody) -> list[ListFacts]:
    """What lists there are of authorities that stand, oldest first; raises the alarm for those that are late."""
    now = custody.base.clock.now()
    with custody.base.db.read() as connection:
        rows = [(row.name, crls.find(connection, row.handle)) for row in authorities.standing(connection)]
    facts = []
    for name, found in rows:
        if found is None:
            facts.append(ListFacts(name, 0, 0, True))
            continue
        late = list_late(this_update=found.this_update, next_update=found.next_update, now=now)
        if late:
            _alarm(custody, name, found, now)
        facts.append(ListFacts(name, found.number, found.next_update - now, late))
    return facts


def _alarm(custody: Custody, name: str, found: StoredCrl, now: int) -> None:
    with custody.base.db.begin() as connection:
        if not crls.alarm(connection, found, now=now):
            return  # somebody has noticed it before
        append(connection, custody.base.clock, CrlLate(found.issuer, found.number, found.next_update))
    ALARMS.labels(kind="crl_late").inc()
    log.error("list %d of %s is not renewed: %d s to its end", found.number, name, found.next_update - now)
