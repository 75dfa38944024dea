"""
The official Config plan: what its one module looks at, and that nothing in our discovery document surprises it: it
warns of members that it does not know.

Source: IANA registry "OAuth Authorization Server Metadata"; OpenID Discovery §3.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.certificates import Authority
from tests.interop.nginx_tls import prepared
from tests.provider import Provider

REGISTERED = frozenset(
    "issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported "
    "response_types_supported response_modes_supported grant_types_supported token_endpoint_auth_methods_supported "
    "token_endpoint_auth_signing_alg_values_supported service_documentation ui_locales_supported op_policy_uri "
    "op_tos_uri revocation_endpoint revocation_endpoint_auth_methods_supported "
    "revocation_endpoint_auth_signing_alg_values_supported introspection_endpoint "
    "introspection_endpoint_auth_methods_supported introspection_endpoint_auth_signing_alg_values_supported "
    "code_challenge_methods_supported signed_metadata device_authorization_endpoint "
    "tls_client_certificate_bound_access_tokens mtls_endpoint_aliases require_signed_request_object "
    "pushed_authorization_request_endpoint require_pushed_authorization_requests "
    "introspection_signing_alg_values_supported introspection_encryption_alg_values_supported "
    "introspection_encryption_enc_values_supported authorization_response_iss_parameter_supported "
    "authorization_signing_alg_values_supported authorization_encryption_alg_values_supported "
    "authorization_encryption_enc_values_supported dpop_signing_alg_values_supported "
    "authorization_details_types_supported protected_resources userinfo_endpoint acr_values_supported "
    "subject_types_supported id_token_signing_alg_values_supported id_token_encryption_alg_values_supported "
    "id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported "
    "userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported "
    "request_object_signing_alg_values_supported request_object_encryption_alg_values_supported "
    "request_object_encryption_enc_values_supported display_values_supported claim_types_supported claims_supported "
    "claims_locales_supported claims_parameter_supported request_parameter_supported "
    "request_uri_parameter_supported require_request_uri_registration check_session_iframe "
    "frontchannel_logout_supported backchannel_logout_supported frontchannel_logout_session_supported "
    "backchannel_logout_session_supported end_session_endpoint backchannel_token_delivery_modes_supported "
    "backchannel_authentication_endpoint backchannel_authentication_request_signing_alg_values_supported "
    "backchannel_user_code_parameter_supported prompt_values_supported client_id_metadata_document_supported".split()
)


@pytest.fixture
def document(provider: Provider) -> dict[str, Any]:
    """The discovery document with everything switched on."""
    whole = provider.with_mtls(Authority("CN=A"), mtls_address="https://mtls.example.vn", registration="open")
    reply = whole.ask("/.well-known/openid-configuration")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    return reply.json


def test_discovery_endpoint_verification(document: dict[str, Any]) -> None:
    issuer = document["issuer"]
    for name, value in document.items():
        if name.endswith(("_endpoint", "_iframe")) or name == "jwks_uri":
            assert urlsplit(value)._replace(path="", query="").geturl() == issuer, name
        if name.endswith("_supported"):
            assert type(value) is bool or all(isinstance(each, str) for each in value), name
    assert {"code", "id_token", "id_token token"} <= set(document["response_types_supported"])
    assert {"authorization_code", "implicit"} <= set(document["grant_types_supported"])
    for algorithms in ("id_token", "userinfo", "request_object"):
        assert "RS256" in document[f"{algorithms}_signing_alg_values_supported"]
    assert "openid" in document["scopes_supported"]
    assert document["request_uri_parameter_supported"] is document["request_parameter_supported"] is True


def test_a_member_that_is_not_registered_is_announced_to_the_suite(document: dict[str, Any]) -> None:
    assert sorted(document.keys() - REGISTERED) == prepared().OWN_METADATA
