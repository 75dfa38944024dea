from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest


def use_backchannel_object(request: UnverifiedRequest, facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    What a client has signed takes the place of everything beside it.

    Returns: the parameters in force. An object that is refused is left where it is; check_backchannel_object says why.

    Source:  OpenID Connect CIBA Core 1.0 §7.1.1: no request parameter counts outside of the JWT.
    """
    signed, client = facts.request_object, facts.client
    if signed is None or signed.parameters is None or client is None:
        return request
    return UnverifiedRequest({**signed.parameters, "client_id": client.client_id}, request.duplicated)
