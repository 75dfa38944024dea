"""
A request by reference becomes one by value, once, when it begins: what waits behind our pages, is shown there and is
granted in the end is what was found then, whatever stands at that address later.
"""

from __future__ import annotations

from idp.errors import OAuthError
from idp.flows.spend_fetch import spend_fetch
from idp.protocol.request import PUSHED_PREFIX, UnverifiedRequest
from idp.services import IdpServices


def resolve_reference(
    services: IdpServices, unverified: UnverifiedRequest, address: str
) -> tuple[UnverifiedRequest, str]:
    """
    The request with `request` in the place of `request_uri`, and "". Where that cannot be had, the request as it is,
    and why; the rules then say so to whom it may be said (protocol/checks/check_request_uri.py).

    Nothing is fetched for a client whose request would be refused anyway. No transaction is open meanwhile.

    address: of whoever asks. Raises: FetchesThrottled.
    """
    request_uri = unverified.parameters.get("request_uri")
    if request_uri is None or request_uri.startswith(PUSHED_PREFIX):
        return unverified, ""
    client = services.clients.get(unverified.parameters.get("client_id", ""))
    if client is None or client.disabled or client.require_pushed:
        return unverified, "request_uri is not served"
    if "request" in unverified.parameters or {"request_uri", "client_id"} & unverified.duplicated:
        return unverified, "request_uri must stand alone"
    if services.references.needs_fetch(client, request_uri):
        spend_fetch(services, address)
    try:
        found = services.references.get(client, request_uri)
    except OAuthError as error:
        return unverified, error.description
    kept = {name: value for name, value in unverified.parameters.items() if name != "request_uri"}
    return UnverifiedRequest({**kept, "request": found}, unverified.duplicated), ""
