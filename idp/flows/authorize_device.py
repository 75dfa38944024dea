"""
POST /device_authorization: a device without a browser asks for a code that a person enters elsewhere.

1. Authenticate the client and the key it sends from, as at the token endpoint.
2. Judge the request with the table of protocol/steps.py.
3. Act: one row; the device code by its hash, the user code by its MAC. A user code that is taken is drawn again.

Source: RFC 8628 §3.1, §3.2.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.exc import IntegrityError

from base.ids import letters_of, new_id, new_secret
from idp.errors import OAuthError
from idp.flows.authenticate_client import authenticate_sender
from idp.flows.judge_deferred import judged, kept
from idp.oauth.client_auth.base import Presented
from idp.protocol import endpoints
from idp.protocol.deferred import DEVICE_CODE
from idp.protocol.user_codes import ALPHABET, LENGTH, shown_code
from idp.services import IdpServices
from idp.store.deferred_requests import NewRequest, add_deferred

DRAWS = 5


def authorize_device(services: IdpServices, presented: Presented) -> dict[str, Any]:
    """
    The answer with `device_code` and `user_code`.

    Raises:  OAuthError: of the client's authentication, or of the first rule that refuses.
    """
    sender = authenticate_sender(services, presented)
    if DEVICE_CODE not in sender.client.grant_types:
        raise OAuthError("unauthorized_client", "the client is not registered for the device grant")
    request = judged(services, sender.client, kept(presented.form), "device")
    now, lifetime = services.base.clock.now(), services.settings.device_code_lifetime_seconds
    device_code = new_secret()
    user_code = _add(
        services,
        lambda letters: NewRequest(
            id=new_id("dfr"),
            kind="device",
            secret=device_code,
            user_code_mac=user_code_mac(services, letters),
            client_id=sender.client.client_id,
            user_id=None,
            parameters=request.parameters,
            dpop_jkt=sender.jkt,
            sealed_notice=None,
            interval_seconds=services.settings.poll_interval_seconds,
            created_at=now,
            expires_at=now + lifetime,
        ),
    )
    address = services.issuer + endpoints.DEVICE
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": address,
        "verification_uri_complete": f"{address}?{urlencode({'user_code': user_code})}",
        "expires_in": lifetime,
        "interval": services.settings.poll_interval_seconds,
    }


def user_code_mac(services: IdpServices, letters: str) -> str:
    """What is stored in place of a user code: 34 bits could be found by trying, so a hash without a key will not do."""
    return letters_of(services.keys.mac("idp.user_code", letters))


def _add(services: IdpServices, row: Callable[[str], NewRequest]) -> str:
    for _ in range(DRAWS):
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        try:
            with services.base.db.begin() as connection:
                add_deferred(connection, row(letters))
            return shown_code(letters)
        except IntegrityError:  # of 25 thousand million codes one that is in use
            continue
    raise OAuthError("server_error", "no free user code was found", status=503)
