"""Which addresses the logged-out page loads so that services hear of it through the person's browser."""

from __future__ import annotations

from collections.abc import Sequence

from idp.protocol.front_channel import front_channel_address
from idp.services import IdpServices
from idp.store.endings import SessionClient

MOST_FRAMES = 20


def front_channel_addresses(services: IdpServices, used: Sequence[SessionClient]) -> list[str]:
    """Addresses for the services used in ended sessions, those used last first; each once; none for other devices."""
    addresses: dict[str, None] = {}
    for item in used:
        client = services.clients.get(item.client_id)
        if item.sid and client is not None and client.frontchannel_logout_uri is not None:
            addresses[front_channel_address(client.frontchannel_logout_uri, services.issuer, item.sid)] = None
    return list(addresses)[:MOST_FRAMES]
