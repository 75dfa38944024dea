from __future__ import annotations

from idp.protocol.request import AuthorizeFacts, UnverifiedRequest, unsafe


def use_request_object(request: UnverifiedRequest, facts: AuthorizeFacts) -> UnverifiedRequest:
    """
    What a client has signed takes the place of what the address says.

    A client that must sign is served by what it has signed alone. For others parameters beside the object count where
    the object does not hold them; that opens nothing, since the object could be left out altogether.

    Returns: the parameters in force. An object that is refused is left where it is, if the address says where the error
             may go; check_request_object then sends it there.
    Raises:  UnsafeToRedirect: refused, and the address names no place for the error.

    Source:  RFC 9101 §5, §6.3; OpenID Connect Core §6.1.
    """
    signed = facts.request_object
    if signed is None:
        return request
    if signed.parameters is None:
        if "redirect_uri" in request.parameters:
            return request
        raise unsafe(
            "invalid_request_object",
            "Yêu cầu đăng nhập đã ký không hợp lệ.",
            "The signed sign-in request is not valid.",
            hint=signed.problem,
        )
    client = facts.client
    assert client is not None  # check_client came before
    beside = {} if client.require_signed else request.parameters
    parameters = {**beside, **signed.parameters}
    parameters.pop("request", None)
    return UnverifiedRequest(parameters, request.duplicated)
