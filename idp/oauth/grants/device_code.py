"""Device code → tokens, once the person has entered the user code elsewhere and agreed."""

from __future__ import annotations

from idp.oauth.grants.deferred import DeferredGrant
from idp.protocol.deferred import DEVICE_CODE


class DeviceCode(DeferredGrant):
    """Source: RFC 8628 §3.4."""

    name = DEVICE_CODE
    ticket_parameter = "device_code"
