from __future__ import annotations

from dataclasses import replace

from idp.errors import OAuthError
from idp.protocol.request import AuthorizeFacts, AuthorizeRequest

PROMPTS = ("none", "login", "consent", "select_account", "create")


def check_prompt(request: AuthorizeRequest, _facts: AuthorizeFacts) -> AuthorizeRequest:
    """
    Known prompts only, and `none` alone.

    Raises:  OAuthError("invalid_request").
    Source:  OpenID Connect Core §3.1.2.1; Initiating User Registration via OpenID Connect 1.0 §4.1 (create).
    """
    prompts = frozenset(request.parameters.get("prompt", "").split())
    if prompts - set(PROMPTS):
        raise OAuthError("invalid_request", "prompt holds a value that is not supported")
    if "none" in prompts and len(prompts) > 1:
        raise OAuthError("invalid_request", "prompt none cannot be combined with another value")
    return replace(request, prompts=prompts)
