"""
Telling a service that a person has answered (CIBA, ping mode); what she answered it learns at the token endpoint.

A service that turns a ping down has heard it all the same, and fetches the answer when it likes; to repeat the ping
would tell it nothing, and an address it points to elsewhere is none that it has registered.

Source: OpenID Connect CIBA Core 1.0 §10.2 (redirects are not followed; an error of the receiver is for people to mend).
"""

from __future__ import annotations

import orjson

from base.errors import AntinError
from base.outbox import Payload, RefusedForGood
from idp.services import IdpServices
from idp.store.deferred_requests import notice_of
from idp.store.sealed import notice_context

COME_AGAIN = frozenset({408, 425, 429})
"""Refusals of this moment alone (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4), like every failure of the server."""


class PingNotTaken(AntinError):
    """The service could not take the ping; it will be tried again."""


def ping_client(services: IdpServices, payload: Payload) -> None:
    """
    Post one ping. Reads payload: request_id.

    Raises: PingNotTaken, OutboundRefused: not delivered; the outbox tries again. RefusedForGood: turned down. A request
            that is over by now, or a client that has no endpoint any more, has nobody to be told: the row counts as
            delivered.
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
    if answer.status >= 500 or answer.status in COME_AGAIN:
        raise PingNotTaken("ping_not_taken", en=f"The service answered {answer.status}.")
    if answer.status >= 300:
        raise RefusedForGood("ping_refused", en=f"The service answered {answer.status}.")
