"""Authentication request id → tokens, once the person has agreed on her account page."""

from __future__ import annotations

from idp.oauth.grants.deferred import DeferredGrant
from idp.protocol.deferred import CIBA


class Ciba(DeferredGrant):
    """Source: OpenID Connect CIBA Core 1.0 §10.1."""

    name = CIBA
    ticket_parameter = "auth_req_id"
