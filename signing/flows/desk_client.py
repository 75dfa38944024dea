"""Who the desk is at the identity provider: a confidential relying party like any other."""

from __future__ import annotations

import base64
from typing import Any

from signing.services import SigningServices

SCOPE = "openid profile official"
APPROVAL_TYPE = "https://cloudsignatureconsortium.org/2025/credential"


def redirect_uri(services: SigningServices) -> str:
    """Where the provider sends people back to."""
    return f"{services.audience}/callback"


def client_secret(services: SigningServices) -> str:
    """The secret the desk is registered with: the setting, or 43 characters derived from the master key."""
    if services.settings.desk_client_secret:
        return services.settings.desk_client_secret
    return base64.urlsafe_b64encode(services.keys.mac("signing.desk-client")).rstrip(b"=").decode()


def metadata(services: SigningServices) -> dict[str, Any]:
    """
    The registration of the desk.

    Source: RFC 7591 §2; RFC 9396 §10 (authorization_details_types); OpenID Connect Back-Channel Logout 1.0 §2.2.
    `resource` is the audience of its access tokens (RFC 8707); it is how an activation token is addressed to signing.
    """
    return {
        "client_id": services.settings.desk_client_id,
        "client_name": "Bàn ký văn bản",
        "client_name#en": "Signing desk",
        "redirect_uris": [redirect_uri(services)],
        "post_logout_redirect_uris": [services.audience],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": SCOPE,
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
        "subject_type": "pairwise",
        "authorization_details_types": [APPROVAL_TYPE],
        "backchannel_logout_uri": f"{services.audience}/backchannel-logout",
        "backchannel_logout_session_required": True,
        "client_uri": services.audience,
        "resource": services.audience,
    }
