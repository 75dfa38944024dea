"""
The official plan fapi2-security-profile-final, module by module: each test bears the name of the module whose
behaviour it demands (without its prefix), in the variants where that matters. Here a well-behaved client, and the
authorization request; test_plan_fapi2_dpop.py and test_plan_fapi2_tokens.py have the other modules.

One module wants a person at the pages; it is at the end. TLS itself is the proxy's (tests/interop/nginx_tls.py).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import jwt
import pytest

from base.clock import FixedClock
from base.web.edge import FallThrough
from tests.certificates import self_signed
from tests.fapi import CITY, VARIANTS, Party, entropy, error, party
from tests.functional.idp_site import PASSWORD as SITE_PASSWORD
from tests.functional.idp_site import Site, answer_of
from tests.functional.plan_fapi2 import client, cookie, provider, simple
from tests.proofs import ISSUER, HeldKey
from tests.provider import REDIRECT, REQUEST, Provider, Reply

PAR_ERRORS = ("invalid_request", "invalid_request_object", "request_uri_not_supported")


__all__ = ["client", "cookie", "provider", "simple"]


def test_discovery_end_point_verification(provider: Provider) -> None:
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        reply = provider.ask(path)
        found = reply.json
        assert reply.headers["Content-Type"] == "application/json"
        assert {"private_key_jwt", "tls_client_auth"} <= set(found["token_endpoint_auth_methods_supported"])
        assert {"PS256", "ES256"} <= set(found["token_endpoint_auth_signing_alg_values_supported"])
        assert set(found["dpop_signing_alg_values_supported"]) == {"ES256", "PS256", "EdDSA"}
        assert {"PS256", "ES256"} & set(found["id_token_signing_alg_values_supported"])
        assert found["tls_client_certificate_bound_access_tokens"] is True
        assert found["code_challenge_methods_supported"] == ["S256"]
        assert found["authorization_response_iss_parameter_supported"] is True
        assert "client_credentials" in found["grant_types_supported"]
        assert found["pushed_authorization_request_endpoint"]


def test_happy_flow(provider: Provider, client: Party, cookie: str) -> None:
    pushed = client.push()
    assert pushed.status == 201
    assert pushed.headers["Content-Type"] == "application/json"
    assert pushed.json["expires_in"] >= 5
    request_uri = pushed.json["request_uri"]
    assert entropy(request_uri.rpartition(":")[2]) > 96
    answer = provider.begin(client.registered, request_uri, cookie).params
    assert answer.keys() - {"session_state"} == {"code", "state", "iss"}
    assert (answer["iss"], answer["state"]) == (ISSUER, "xyz")
    tokens = client.redeem(answer["code"]).json
    for secret in (answer["code"], tokens["access_token"], tokens["refresh_token"]):
        assert len(secret) * 6 >= 128
        assert entropy(secret) > 96
    assert tokens["token_type"] == ("DPoP" if client.bind == "dpop" else "Bearer")
    header = jwt.get_unverified_header(tokens["id_token"])
    assert header["alg"] in ("PS256", "ES256", "EdDSA")
    assert header["kid"]
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, client.id, "n-1")
    reply = client.resource(tokens["access_token"], **{"x-fapi-interaction-id": "c770aef3-6784-41f7-8e0e-ff5f97bddb3a"})
    assert reply.status == 200
    assert reply.headers["x-fapi-interaction-id"] == "c770aef3-6784-41f7-8e0e-ff5f97bddb3a"
    for given in ({}, {"x-fapi-interaction-id": "a\r\nSet-Cookie: b=c"}):
        named = client.resource(tokens["access_token"], **given).headers["x-fapi-interaction-id"]
        assert str(UUID(named)) == named


def test_happy_flow_of_a_second_client(provider: Provider, client: Party, cookie: str) -> None:
    """The second client sends a state of 128 characters; neither may use what the other was given."""
    second = party(provider, client.auth, client.bind)
    answer = second.answer(cookie, state="s" * 128)
    assert answer["state"] == "s" * 128
    token = second.redeem(answer["code"]).json["access_token"]
    assert second.resource(token).status == 200
    reply = client.resource(token)
    assert 400 <= reply.status < 500


def test_plain_oauth(client: Party, cookie: str) -> None:
    """The variant without OpenID Connect: no ID token, and a resource that is not userinfo."""
    tokens = client.tokens(cookie, scope="profile", nonce=None)
    assert "id_token" not in tokens
    reply = client.resource(tokens["access_token"], "/whoami")
    assert (reply.status, reply.json["client_id"]) == (200, client.id)
    assert client.resource(tokens["access_token"]).status == 403


@pytest.mark.parametrize(("auth", "bind"), VARIANTS, ids="-".join)
def test_client_credentials_grant(provider: Provider, auth: str, bind: str) -> None:
    machine = party(provider, auth, bind, redirect_uris=None, grant_types=["client_credentials"], scope="records.read")

    def ask(proof: str | None) -> Reply:
        return provider.posted("/token", machine.registered, proof=proof, grant_type="client_credentials")

    reply = ask(machine.proof("/token"))
    assert reply.status == 200
    assert "refresh_token" not in reply.json
    token = reply.json["access_token"]
    assert machine.resource(token, "/whoami").json["sub"] == machine.id
    stolen = replace(machine, proving=HeldKey(), certificate=self_signed())
    assert stolen.resource(token, "/whoami").status == 401
    if bind == "dpop":
        assert error(ask(None)) == (400, "invalid_request")


def test_ensure_authorization_request_without_state_success(client: Party, cookie: str) -> None:
    assert client.answer(cookie, state=None).keys() - {"session_state"} == {"code", "iss"}


def test_ensure_authorization_request_without_nonce_success(client: Party, cookie: str) -> None:
    token = client.tokens(cookie, nonce=None)["id_token"]
    assert "nonce" not in jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize("length", [64, 384, 1000])
def test_ensure_authorization_request_with_64_char_nonce_success(simple: Party, cookie: str, length: int) -> None:
    """And ensure_authorization_request_with_long_nonce."""
    token = simple.tokens(cookie, nonce="n" * length)["id_token"]
    assert jwt.decode(token, options={"verify_signature": False})["nonce"] == "n" * length


def test_ensure_authorization_request_with_long_state(simple: Party, cookie: str) -> None:
    state = "".join(chr(33 + number % 90) for number in range(1000))
    assert simple.answer(cookie, state=state)["state"] == state


def test_ensure_other_scope_order_succeeds(simple: Party, cookie: str) -> None:
    tokens = simple.tokens(cookie, scope="email openid profile")
    assert set(tokens["scope"].split()) == {"email", "openid", "profile"}


def test_test_claims_parameter_identity_claims(simple: Party, cookie: str) -> None:
    wanted = '{"id_token":{"name":{"essential":true}},"userinfo":{"email":null}}'
    tokens = simple.tokens(cookie, scope="openid", claims=wanted)
    assert jwt.decode(tokens["id_token"], options={"verify_signature": False})["name"] == "Nguyễn Thị Lan"
    assert simple.resource(tokens["access_token"]).json["email"] == "lan@example.vn"


def test_access_token_type_header_case_sensitivity(client: Party, cookie: str) -> None:
    token = client.tokens(cookie)["access_token"]
    name = "dpop" if client.bind == "dpop" else "bearer"
    for scheme in (name, name.upper(), name.title()):
        assert client.resource(token, scheme=scheme).status == 200


def test_access_token_in_the_query_is_refused(provider: Provider, client: Party, cookie: str) -> None:
    token = client.tokens(cookie)["access_token"]
    certificate = client.certificate if client.bind == "mtls" else None
    reply = provider.ask("/userinfo", query={"access_token": token}, certificate=certificate)
    assert reply.status == 401


def test_ensure_unsigned_authorization_request_without_using_par_fails(client: Party, cookie: str) -> None:
    answer = client.provider.authorize(client.registered, cookie).params
    assert answer["error"] == "invalid_request"
    assert answer["iss"] == ISSUER
    assert "code" not in answer


def test_ensure_redirect_uri_in_authorization_request(simple: Party) -> None:
    assert error(simple.push(redirect_uri=None)) == (400, "invalid_request")


def test_ensure_registered_redirect_uri(simple: Party) -> None:
    """And tolerate_unregistered_redirect_uri, which allows the refusal."""
    assert error(simple.push(redirect_uri=REDIRECT + "/x")) == (400, "invalid_request")


@pytest.mark.parametrize("wanted", ["code id_token", "token", "code token", "code id_token token", "id_token"])
def test_ensure_response_type_code_idtoken_fails(simple: Party, wanted: str) -> None:
    """And ensure_response_type_token_fails."""
    status, code = error(simple.push(response_type=wanted))
    assert status == 400
    assert code in ("unsupported_response_type", "invalid_request", "unauthorized_client")


def test_par_without_duplicate_parameters(client: Party, cookie: str) -> None:
    address = client.pushed()
    assert "code" in client.provider.begin(client.registered, address, cookie).params
    beside = {"state": "another", "scope": "openid email", "redirect_uri": "https://evil.test/"}
    answer = client.provider.begin(client.registered, client.pushed(), cookie, **beside)
    assert answer.location.startswith(REDIRECT)
    assert answer.params["state"] == "xyz"


def test_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(simple: Party, cookie: str) -> None:
    address = simple.pushed()
    for _ in range(2):
        assert simple.provider.begin(simple.registered, address).location.startswith("/login")
    assert "code" in simple.provider.begin(simple.registered, address, cookie).params


def test_par_attempt_reuse_request_uri(simple: Party, cookie: str) -> None:
    address = simple.pushed()
    assert "code" in simple.provider.begin(simple.registered, address, cookie).params
    with pytest.raises(FallThrough):  # a page, nothing that goes to the client
        simple.provider.begin(simple.registered, address, cookie)


def test_par_attempt_to_use_expired_request_uri(simple: Party, cookie: str, clock: FixedClock) -> None:
    reply = simple.push()
    clock.move(reply.json["expires_in"])
    with pytest.raises(FallThrough):
        simple.provider.begin(simple.registered, reply.json["request_uri"], cookie)


def test_par_attempt_to_use_request_uri_for_different_client(provider: Provider, simple: Party, cookie: str) -> None:
    other = party(provider, "private_key_jwt", "dpop")
    with pytest.raises(FallThrough):
        provider.begin(other.registered, simple.pushed(), cookie)


def test_par_authorization_request_containing_request_uri_form_param(client: Party) -> None:
    reply = client.push(request_uri=client.pushed())
    assert reply.status == 400
    assert reply.json["error"] in PAR_ERRORS


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_par_attempt_invalid_http_method(provider: Provider, method: str) -> None:
    assert provider.ask("/par", method=method, form=dict(REQUEST)).status == 405


def test_user_rejects_authentication(site: Site) -> None:
    site.add_user("hong")
    provider = Provider(site.services).with_mtls(CITY)
    client = party(
        provider, "private_key_jwt", "dpop", trusted=False, redirect_uris=["https://portal.example.vn/callback"]
    )
    address = client.pushed(redirect_uri="https://portal.example.vn/callback")
    browser = site.browser()
    browser.get(f"/authorize?client_id={client.id}&request_uri={address}")
    browser.submit("/login", username="hong", password=SITE_PASSWORD)
    answer = answer_of(browser.submit("/consent", decision="deny"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "xyz", site.services.issuer)
