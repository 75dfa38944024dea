"""
The metadata of what our access tokens open here: this server as a whole, which is what `aud` names, and each endpoint.

Source: RFC 9728 §2, §3.1 (the path of a resource follows the well-known one), §5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from idp.protocol import endpoints
from idp.protocol.claims import SCOPES
from idp.protocol.dpop.facts import ALGORITHMS as DPOP_ALGORITHMS
from idp.settings import IdpSettings

PROTECTED: dict[str, tuple[str, ...]] = {
    "": tuple(SCOPES),
    endpoints.USERINFO: tuple(SCOPES),
    endpoints.WHOAMI: (),
}
"""Path of a protected resource of ours, and the scopes that open something there; "": the server as a whole."""


def resource_metadata(
    issuer: str, settings: IdpSettings, path: str, permitted: Callable[[list[str]], list[str]] = list
) -> dict[str, Any]:
    """The document of one of PROTECTED; permitted: leaves of some algorithms those that keys may use here."""
    scopes = {"scopes_supported": list(PROTECTED[path])} if PROTECTED[path] else {}
    return {
        "resource": issuer + path,
        "authorization_servers": [issuer],
        **scopes,
        "bearer_methods_supported": ["header", "body"],
        "dpop_signing_alg_values_supported": permitted(list(DPOP_ALGORITHMS)),
        "dpop_bound_access_tokens_required": False,
        "tls_client_certificate_bound_access_tokens": bool(settings.mtls_header),
    }


def metadata_address(issuer: str, path: str) -> str:
    """Where that document is, for a challenge to name."""
    return issuer + endpoints.PROTECTED_RESOURCE + path
