"""
Certificates that end soon: announced 90, 30 and 7 days before, each mark once, whatever process looks first.

Source: Decree 68/2024/ND-CP (renewal is asked for before the end); ETSI EN 319 411-1 §6.3.6.
"""

from __future__ import annotations

import logging

from base.audit import append
from base.metrics import EXPIRING
from keys.custody import Custody
from keys.events import CertificateExpiring
from keys.store import certificates
from keys.store.certificates import StoredCertificate

DAY = 86_400
MARKS = (90, 30, 7)
MOST_AT_ONCE = 500
"""The job comes back within the hour, and one transaction shall not last."""
log = logging.getLogger("antin.keys.expiry")


def expiring(custody: Custody, days: int) -> list[StoredCertificate]:
    """What ends within so many days and has no successor for its key, first the one that ends first."""
    now = custody.base.clock.now()
    with custody.base.db.read() as connection:
        return certificates.of_subscribers(connection, until=now + days * DAY, now=now)


def announce_ends(custody: Custody) -> None:
    """One event and one step of the metric for each certificate and mark; the job calls this."""
    now = custody.base.clock.now()
    for row in expiring(custody, MARKS[0])[:MOST_AT_ONCE]:
        if row.not_after - row.not_before <= MARKS[0] * DAY:
            continue  # a responder's, which is replaced by itself
        mark = min(mark for mark in MARKS if row.not_after < now + mark * DAY)
        with custody.base.db.begin() as connection:
            if not certificates.warn(connection, row.serial, mark):
                continue
            event = CertificateExpiring(row.handle, row.profile, row.serial, mark, row.not_after)
            append(connection, custody.base.clock, event)
        EXPIRING.labels(str(mark)).inc()
        log.warning("a certificate ends within %d days: profile %s, key %s", mark, row.profile, row.handle)
