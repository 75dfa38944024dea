"""Discovery lists exactly what works; Authlib's validators of RFC 8414 and OpenID Discovery agree with its form."""

from __future__ import annotations

import json

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.oauth.client_auth import CLIENT_AUTH
from idp.oauth.grants import GRANTS
from idp.protocol.claims import SCOPES
from idp.protocol.response_types import RESPONSE_TYPES
from tests.certificates import Authority
from tests.provider import Provider


def test_both_documents_are_the_same_and_valid(provider: Provider) -> None:
    openid = provider.ask("/.well-known/openid-configuration").json
    assert provider.ask("/.well-known/oauth-authorization-server").json == openid
    assert openid["issuer"] == "http://localhost:8000"
    https = json.loads(json.dumps(openid).replace("http://localhost:8000", "https://op.example.vn"))
    AuthorizationServerMetadata(https).validate()
    OpenIDProviderMetadata(https).validate()


def test_it_lists_what_the_tables_hold(provider: Provider) -> None:
    metadata = provider.ask("/.well-known/openid-configuration").json
    assert metadata["grant_types_supported"] == [*(grant.name for grant in GRANTS), "implicit"]
    methods = [method.name for method in CLIENT_AUTH]
    assert metadata["token_endpoint_auth_methods_supported"] == methods[: methods.index("tls_client_auth")]
    behind = provider.with_mtls(Authority()).ask("/.well-known/openid-configuration").json
    assert behind["token_endpoint_auth_methods_supported"] == methods
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == [one.name for one in RESPONSE_TYPES]
    assert "password" not in metadata["grant_types_supported"]
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_scopes_of_other_services_are_listed_where_the_operator_wants_it(provider: Provider) -> None:
    """The suite warns of a scope that it asks for and the document does not name."""
    behind = provider.with_settings(advertised_scopes=("records.read", "openid"))
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        assert behind.ask(path).json["scopes_supported"] == [*SCOPES, "records.read"]
        assert provider.ask(path).json["scopes_supported"] == [*SCOPES]


def test_without_the_front_channel_nothing_of_it_is_listed(provider: Provider) -> None:
    metadata = provider.with_settings(front_channel_tokens=False).ask("/.well-known/openid-configuration").json
    assert metadata["response_types_supported"] == ["code"]
    assert "implicit" not in metadata["grant_types_supported"]


def test_every_listed_endpoint_on_the_edge_answers(provider: Provider) -> None:
    metadata = provider.ask("/.well-known/openid-configuration").json
    issuer = metadata["issuer"]
    listed = {value.removeprefix(issuer) for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))}
    assert listed - provider.table.keys() == {"/logout", "/register"}  # not on the hot edge
