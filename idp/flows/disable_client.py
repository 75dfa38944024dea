"""
Disabling a relying party: from then on it gets nothing, and no token it holds counts any more.

Every process looks its clients up in a cache that one counter empties (base/versions.py), so all of them know within
half a second: its authentication is refused, its access tokens are inactive, its refresh tokens cannot be sent.
Its authorizations end in the same transaction: other services may hold tokens that they exchanged for one of its own.
"""

from __future__ import annotations

from base import audit
from idp.events import ClientDisabled
from idp.services import IdpServices
from idp.store import endings
from idp.store.clients import set_disabled


def disable_client(services: IdpServices, client_id: str) -> bool:
    """Disable a client. False: there is none of that name, or it is disabled already."""
    clock = services.base.clock
    with services.base.db.begin() as connection:
        if not set_disabled(connection, client_id, clock.now()):
            return False
        endings.revoke_grants_to(connection, client_id, clock.now())
        audit.append(connection, clock, ClientDisabled(client_id))
    return True
