"""
Telling a service that a person has answered (CIBA, ping mode); what she answered it learns at the token endpoint.

Source: OpenID Connect CIBA Core 1.0 §10.2.
"""

from __future__ import annotations

import orjson

from base.errors import AntinError
from base.outbox import Payload
from idp.services import IdpServices
from idp.store.deferred_requests import notice_of
from idp.store.sealed import notice_context


class PingNotTaken(AntinError):
    """The service did not take the ping; it will be tried again."""


def ping_client(services: IdpServices, payload: Payload) -> None:
    """
    Post one ping. Reads payload: request_id.

    Raises: PingNotTaken, OutboundRefused: not delivered; the outbox tries again. A request that is over by now, or a
            client that has no endpoint any more, has nobody to be told: the row counts as delivered.
    """
    with services.base.db.read() as connection:
        found = notice_of(connection, payload["request_id"], services.base.clock.now())
    if found is None:
        return
    client = services.clients.get(found[0])
    if client is None or client.disabled or not client.backchannel.notification_endpoint:
        return
    auth_req_id, token = orjson.loads(services.keys.unseal(found[1], notice_context(payload["request_id"])))
    answer = services.base.http.post(
        client.backchannel.notification_endpoint,
        orjson.dumps({"auth_req_id": auth_req_id}),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    if answer.status not in (200, 204):
        raise PingNotTaken("ping_not_taken", en=f"The service answered {answer.status}.")
