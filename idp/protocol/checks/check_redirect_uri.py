from __future__ import annotations

from urllib.parse import urlsplit

from idp.protocol.client import Client
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest, Target, UnverifiedRequest, unsafe
from idp.protocol.response_types import default_mode

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def check_redirect_uri(request: UnverifiedRequest, facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    The return address must be one of the registered ones, character by character. From here on a redirect is safe.

    Returns: a request with its target; the state is echoed from the first error on, in the mode of the response type.
    Raises:  UnsafeToRedirect: missing or not registered.

    Source:  RFC 9700 §2.1, §4.1.3 (exact comparison); OpenID Connect Core §3.1.2.1 (required, also where only one is
             registered). RFC 8252 §7.3: the port of a loopback address is free, for public clients alone.
    """
    client, given = facts.client, request.parameters.get("redirect_uri")
    assert client is not None  # check_client came before
    if given is None or not (given in client.redirect_uris or _is_own_loopback(client, given)):
        raise unsafe(
            "invalid_redirect_uri",
            "Địa chỉ trả về không khớp với địa chỉ mà dịch vụ đã đăng ký.",
            "The return address is not one that the service has registered.",
            hint="redirect_uri must equal a registered one exactly",
        )
    state = None if "state" in request.duplicated else request.parameters.get("state")
    mode = default_mode(request.parameters.get("response_type"))
    target = Target(given, mode, state, client.client_id, client.response_alg)
    return AuthorizeRequest(request.parameters, request.duplicated, client, target)


def _is_own_loopback(client: Client, given: str) -> bool:
    if not client.is_public or not given.startswith(("http://127.0.0.1:", "http://[::1]:")):
        return False
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        return False
    if parts.hostname not in _LOOPBACK or parts.username or port is None:
        return False
    host = "127.0.0.1" if parts.hostname == "127.0.0.1" else "[::1]"
    rest = given.removeprefix(f"http://{host}:{port}")
    return any(
        registered.startswith(f"http://{host}") and _without_port(registered, host) == rest
        for registered in client.redirect_uris
    )


def _without_port(registered: str, host: str) -> str | None:
    parts = urlsplit(registered)
    prefix = f"http://{host}" if parts.port is None else f"http://{host}:{parts.port}"
    return registered[len(prefix) :] if parts.netloc == prefix.removeprefix("http://") else None
