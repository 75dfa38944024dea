"""
The provider's metadata: exactly what works, taken from the tables that make it work.

Source: RFC 8414 §2; OpenID Connect Discovery §3; RFC 9207 §3; RFC 9396 §10; RFC 8705 §3.3, §5; RFC 9701 §7; OpenID
Connect RP-Initiated Logout §2.1, Back-Channel Logout §2.1, Front-Channel Logout §3 and Session Management §3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from idp.oauth.client_auth import ASSERTION_ALGORITHMS, offered
from idp.oauth.grants import GRANTS
from idp.protocol import endpoints
from idp.protocol.acr import ACR_VALUES
from idp.protocol.checks.check_prompt import PROMPTS
from idp.protocol.claims import CLAIM_TEXTS, SCOPES
from idp.protocol.deferred import DELIVERY_MODES
from idp.protocol.details import DETAIL_TYPES
from idp.protocol.dpop.facts import ALGORITHMS as DPOP_ALGORITHMS
from idp.protocol.native_sso import SCOPE
from idp.protocol.profiles import OIDC
from idp.protocol.protection import CONTENT_ENCRYPTION, KEY_MANAGEMENT, MESSAGES, signing_algorithms
from idp.protocol.response_modes import RESPONSE_MODES
from idp.protocol.response_types import IMPLICIT, response_types_offered
from idp.settings import IdpSettings

MTLS_ENDPOINTS = {
    "token_endpoint": endpoints.TOKEN,
    "revocation_endpoint": endpoints.REVOKE,
    "introspection_endpoint": endpoints.INTROSPECT,
    "pushed_authorization_request_endpoint": endpoints.PAR,
    "device_authorization_endpoint": endpoints.DEVICE_AUTHORIZATION,
    "backchannel_authentication_endpoint": endpoints.BACKCHANNEL_AUTHENTICATION,
    "userinfo_endpoint": endpoints.USERINFO,
}
ALGORITHMS = "_alg_values_supported"
Permitted = Callable[[list[str]], list[str]]
SUBJECT_TYPES = ("pairwise", "public")
PROTOCOL_CLAIMS = tuple("sub iss aud exp iat auth_time nonce acr amr at_hash c_hash s_hash sid".split())


def discovery(issuer: str, settings: IdpSettings, permitted: Permitted = list) -> dict[str, Any]:
    """
    The metadata document, the same at both well-known addresses.

    permitted: leaves of some algorithms those that keys may use here.
    """
    found = _everything(issuer, settings)
    return {name: permitted(value) if name.endswith(ALGORITHMS) else value for name, value in found.items()}


def _everything(issuer: str, settings: IdpSettings) -> dict[str, Any]:
    """The same for an installation that may use all."""
    return {
        "issuer": issuer,
        **_addresses(issuer),
        **_authentication(settings),
        **_registration(issuer, settings),
        "scopes_supported": list(dict.fromkeys((*SCOPES, *settings.advertised_scopes))),
        "response_modes_supported": list(RESPONSE_MODES),
        **_flows(front_channel=settings.front_channel_tokens),
        "subject_types_supported": list(SUBJECT_TYPES),
        **_protection(),
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": list(DETAIL_TYPES),
        "acr_values_supported": list(ACR_VALUES),
        **_pages(),
        "claim_types_supported": ["normal"],
        "claims_supported": [*PROTOCOL_CLAIMS, *CLAIM_TEXTS],
        "claims_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        **_request_objects(),
        **_backchannel(),
        "native_sso_supported": SCOPE in SCOPES,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }


def _authentication(settings: IdpSettings) -> dict[str, Any]:
    """How clients authenticate, and where a certificate can be shown, if elsewhere. Source: RFC 8705 §3.3, §5."""
    by_certificate, algorithms = bool(settings.mtls_header), list(ASSERTION_ALGORITHMS)
    methods = offered(certificates=by_certificate, authorities=bool(settings.mtls_ca_file))
    found: dict[str, Any] = {
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": [name for name in methods if name != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": by_certificate,
    }
    if by_certificate and settings.mtls_address:
        base = settings.mtls_address.rstrip("/")
        found["mtls_endpoint_aliases"] = {name: base + path for name, path in MTLS_ENDPOINTS.items()}
    return found


def _flows(*, front_channel: bool) -> dict[str, list[str]]:
    return {
        "response_types_supported": [one.name for one in response_types_offered(front_channel=front_channel)],
        "grant_types_supported": [grant.name for grant in GRANTS] + ([IMPLICIT] if front_channel else []),
    }


def _pages() -> dict[str, list[str]]:
    """What a client can ask our pages for. They are the same for every display: they fit a popup as well as a phone."""
    return {
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": ["page", "popup", "touch"],
        "ui_locales_supported": ["vi", "en"],
        "claims_locales_supported": ["vi"],
    }


def _protection() -> dict[str, list[str]]:
    """How what we send can be signed and encrypted, and what we can decrypt."""
    signing = {f"{name}_signing_alg_values_supported": list(signing_algorithms(name, OIDC)) for name in MESSAGES}
    by_message = {}
    for name in (*MESSAGES, "request_object"):
        by_message[f"{name}_encryption_alg_values_supported"] = list(KEY_MANAGEMENT)
        by_message[f"{name}_encryption_enc_values_supported"] = list(CONTENT_ENCRYPTION)
    return signing | by_message


def _request_objects() -> dict[str, Any]:
    """By value and by reference; always signed, so `none` is not listed."""
    return {
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "require_signed_request_object": False,
    }


def _registration(issuer: str, settings: IdpSettings) -> dict[str, Any]:
    """How somebody becomes a client: the registration endpoint, wherever it could be used, and documents."""
    documents = {"client_id_metadata_document_supported": settings.client_documents}
    if settings.registration == "closed":
        return documents
    return {"registration_endpoint": issuer + endpoints.REGISTER, **documents}


def _addresses(issuer: str) -> dict[str, str]:
    return {
        "authorization_endpoint": issuer + endpoints.AUTHORIZE,
        "pushed_authorization_request_endpoint": issuer + endpoints.PAR,
        "device_authorization_endpoint": issuer + endpoints.DEVICE_AUTHORIZATION,
        "backchannel_authentication_endpoint": issuer + endpoints.BACKCHANNEL_AUTHENTICATION,
        "token_endpoint": issuer + endpoints.TOKEN,
        "userinfo_endpoint": issuer + endpoints.USERINFO,
        "jwks_uri": issuer + endpoints.JWKS,
        "akp_jwks_uri": issuer + endpoints.JWKS_WITH_AKP,
        "introspection_endpoint": issuer + endpoints.INTROSPECT,
        "revocation_endpoint": issuer + endpoints.REVOKE,
        "end_session_endpoint": issuer + endpoints.END_SESSION,
        "check_session_iframe": issuer + endpoints.CHECK_SESSION,
    }


def _backchannel() -> dict[str, Any]:
    """Source: OpenID Connect CIBA Core 1.0 §4."""
    return {
        "backchannel_token_delivery_modes_supported": list(DELIVERY_MODES),
        "backchannel_authentication_request_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "backchannel_user_code_parameter_supported": False,
    }
