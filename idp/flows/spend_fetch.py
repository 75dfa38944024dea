"""
Outgoing requests that a stranger sets off: counted per network, and all together, in the same buckets as failed
sign-ins, so that the count holds over all processes. Nobody makes us knock at doors by the thousand.

Source: OWASP ASVS 5.0 §2.4.1; RFC 9101 §10.4.1; Client ID metadata documents §6.5.
"""

from __future__ import annotations

from idp.errors import FetchesThrottled
from idp.flows.visitor import fetch_buckets
from idp.services import IdpServices
from idp.store import throttle


def spend_fetch(services: IdpServices, address: str) -> None:
    """
    Count one fetch for that network, before it is made.

    address: the peer's. Raises: FetchesThrottled.
    """
    now = services.base.clock.now()
    with services.base.db.begin() as connection:
        blocked_until = throttle.charge(connection, fetch_buckets(services, address), now)
    if blocked_until:
        raise FetchesThrottled(blocked_until - now)
