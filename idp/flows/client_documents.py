"""
Clients that are known by an address: the client_id is where the metadata of the client lie (client ID metadata
documents). Off unless a setting allows it; then anybody can be a client, so each stands under the narrow policy
`document`, has no secret, and the consent page names its host.

1. A fresh authorization request names such a client: is what we know of it recent enough?
2. Fetch the document by the guarded client, in bounds; no transaction is open.
3. Judge it like any registration; the client_id inside must be the very address.
4. Act: one row. What cannot be fetched or does not hold leaves what was known until it is too old (check_client.py).

Source: draft-ietf-oauth-client-id-metadata-document §3, §4, §6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError

from base import audit
from base.http import OutboundRefused
from idp.errors import FetchesThrottled, RegistrationRefused
from idp.events import ClientRegistered, ClientReplaced
from idp.flows.fetch_logo import want_logo
from idp.flows.register_client import digest_of, judged
from idp.flows.spend_fetch import spend_fetch
from idp.protocol.registration import is_document_id
from idp.protocol.registration_policies import DOCUMENT
from idp.services import IdpServices
from idp.store import clients

MOST_BYTES = 16 * 1024
METHODS = frozenset({"none", "private_key_jwt"})


def know_client(services: IdpServices, client_id: str | None, address: str) -> None:
    """
    See to it that a client that is known by its document is known as it is there now, within the cache time.

    address: of whoever asks. Raises: FetchesThrottled: and the client is not known at all.
    """
    if client_id is None or not services.settings.client_documents or not is_document_id(client_id):
        return
    now, known = services.base.clock.now(), services.clients.get(client_id)
    if known is not None and (known.disabled or known.document_until > now):
        return
    try:
        spend_fetch(services, address)
    except FetchesThrottled:
        if known is None:
            raise
        return
    try:
        valid = _judged(services, client_id)
    except (OutboundRefused, RegistrationRefused, orjson.JSONDecodeError):
        return
    try:
        _keep(services, valid, now)
    except IntegrityError:  # another process learnt of it in the same moment
        return


def _keep(services: IdpServices, valid: dict[str, Any], now: int) -> None:
    with services.base.db.begin() as connection:
        until = now + services.settings.client_document_seconds
        before = clients.put_document(connection, valid, policy=DOCUMENT.name, until=until, now=now)
        want_logo(connection, services, valid, before)
        if before != valid:
            event = ClientRegistered if before is None else ClientReplaced
            audit.append(connection, services.base.clock, event(valid["client_id"], digest_of(valid)))


def _judged(services: IdpServices, client_id: str) -> dict[str, Any]:
    answer = services.fetches.get(client_id, accept="application/json", most_bytes=MOST_BYTES)
    found = orjson.loads(answer.body)
    if not isinstance(found, dict) or found.get("client_id") != client_id:
        raise RegistrationRefused("invalid_client_metadata", "client_id must be the address of the document")
    _check_no_secret(found)
    return judged(services, {"token_endpoint_auth_method": "none", **found}, organisation_id=None, policy=DOCUMENT)


def _check_no_secret(found: Mapping[str, Any]) -> None:
    """A document is public, so nothing in it can be a secret (§4.1)."""
    if {"client_secret", "client_secret_expires_at"} & found.keys():
        raise RegistrationRefused("invalid_client_metadata", "a document holds no secret")
    if found.get("token_endpoint_auth_method", "none") not in METHODS:
        raise RegistrationRefused("invalid_client_metadata", "token_endpoint_auth_method is not open to documents")
