"""
The official plan fapi2-security-profile-final, module by module: each test bears the name of the module whose
behaviour it demands (without its prefix), in the variants where that matters.

Two modules want a person at the pages; those are with the pages at the end. TLS itself is the proxy's
(tests/interop/nginx_tls.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest

from base.clock import FixedClock
from base.web.edge import FallThrough
from tests.certificates import self_signed
from tests.fapi import CITY, VARIANTS, Party, party
from tests.functional.idp_site import PASSWORD as SITE_PASSWORD
from tests.functional.idp_site import Site, answer_of
from tests.proofs import ISSUER, HeldKey
from tests.provider import CHALLENGE, REDIRECT, REQUEST, Provider, Reply

PAR_ERRORS = ("invalid_request", "invalid_request_object", "request_uri_not_supported")


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(CITY)


@pytest.fixture(params=VARIANTS, ids="-".join)
def client(request: pytest.FixtureRequest, provider: Provider) -> Party:
    return party(provider, *request.param)


@pytest.fixture
def simple(provider: Provider) -> Party:
    """Where the variant makes no difference."""
    return party(provider, "private_key_jwt", "dpop")


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def error(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]


def entropy(text: str) -> float:
    """Bits of Shannon entropy, as the suite counts them."""
    return -sum(n * math.log2(n / len(text)) for n in Counter(text).values())


# ── A well-behaved client ────────────────────────────────────────────────────────────────────────────────────────


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
    strange = client.resource(tokens["access_token"], **{"x-fapi-interaction-id": "a\r\nSet-Cookie: b=c"})
    assert "x-fapi-interaction-id" not in strange.headers


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


# ── DPoP ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": -10},
        {"iat": 10},
        {"nbf": 0, "exp": 300},
        {"nbf": 8, "exp": 300},
        {"htu": "HTTP://LOCALHOST:8000/userinfo"},
        {"htu": "http://localhost:8000/userinfo?a=b#c"},
        {"extra": "x"},
        {"header": {"extra": "x"}},
    ],
    ids=str,
)
def test_check_dpop_proof_nbf_exp(simple: Party, cookie: str, changes: dict[str, Any]) -> None:
    """
    And ensure_dpop_proof_with_iat_10seconds_before_succeeds, …_after_succeeds, and the proofs of dpop_negative_tests
    that must be accepted.
    """
    token = simple.tokens(cookie)["access_token"]
    moved = {name: value + simple.now if isinstance(value, int) else value for name, value in changes.items()}
    assert simple.resource(token, proof=simple.proof("/userinfo", method="GET", token=token, **moved)).status == 200


def test_default_ports_in_htu_are_the_same(provider: Provider) -> None:
    """Part of dpop_negative_tests: normalisation by scheme."""
    on_443 = Provider(replace(provider.services, issuer="https://op.example.vn")).with_settings()
    machine = on_443.machine(dpop_bound_access_tokens=True)
    for htu in ("https://op.example.vn:443/token", "https://OP.example.vn/token"):
        proof = HeldKey().proof("/token", on_443.now, htu=htu)
        assert on_443.posted("/token", machine, proof=proof, grant_type="client_credentials").status == 200


HOUR = 3600
FOREIGN = HeldKey()
BROKEN: dict[str, Callable[[Party, str], str]] = {
    "no typ": lambda one, token: _proof(one, token, header={"typ": None}),
    "another typ": lambda one, token: _proof(one, token, header={"typ": "JWT"}),
    "no jwk": lambda one, token: _proof(one, token, header={"jwk": None}),
    "private jwk": lambda one, token: _proof(one, token, header={"jwk": one.proving.private_jwk}),
    "jti missing": lambda one, token: _proof(one, token, jti=None),
    "htm missing": lambda one, token: _proof(one, token, htm=None),
    "htm of another method": lambda one, token: _proof(one, token, htm="PUT"),
    "htu missing": lambda one, token: _proof(one, token, htu=None),
    "htu of another address": lambda one, token: _proof(one, token, htu="https://example.com/userinfo"),
    "iat missing": lambda one, token: _proof(one, token, iat=None),
    "iat an hour ahead": lambda one, token: _proof(one, token, iat=one.now + HOUR),
    "iat an hour ago": lambda one, token: _proof(one, token, iat=one.now - HOUR),
    "ath missing": lambda one, token: _proof(one, token, ath=None),
    "ath of another token": lambda one, token: _proof(one, token, ath="x" * 43),
    "bad signature": lambda one, token: _proof(one, token)[:-8] + "AAAAAAAA",
    "another key": lambda one, token: FOREIGN.proof("/userinfo", one.now, method="GET", token=token),
    "another key's jwk": lambda one, token: _proof(one, token, header={"jwk": FOREIGN.jwk}),
    "no JWT": lambda one, token: "x" + _proof(one, token).replace(".", "!"),
    "alg none": lambda one, token: _unsigned(one, token),
    "two proofs": lambda one, token: f"{_proof(one, token)}, {_proof(one, token)}",
}


def _proof(one: Party, token: str, **changes: Any) -> str:
    made = one.proof("/userinfo", method="GET", token=token, **changes)
    assert made is not None
    return made


def _unsigned(one: Party, token: str) -> str:
    claims = jwt.decode(_proof(one, token), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"typ": "dpop+jwt", "jwk": one.proving.jwk})


@pytest.mark.parametrize("what", BROKEN)
def test_dpop_negative_tests(simple: Party, cookie: str, what: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    reply = simple.resource(token, proof=BROKEN[what](simple, token))
    assert reply.status in (400, 401)
    assert "DPoP" in reply.headers["WWW-Authenticate"]
    assert simple.resource(token).status == 200


def test_dpop_negative_tests_rs256(provider: Provider, simple: Party, cookie: str) -> None:
    weak = replace(simple, proving=HeldKey("RS256"))
    reply = weak.redeem(simple.answer(cookie)["code"])
    assert error(reply) == (400, "invalid_dpop_proof")


def test_dpop_negative_tests_jti_used_twice(simple: Party, cookie: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    proof = _proof(simple, token)
    assert [simple.resource(token, proof=proof).status for _ in range(2)] == [200, 401]


def test_dpop_negative_tests_bearer_is_no_way_around(simple: Party, cookie: str) -> None:
    token = simple.tokens(cookie)["access_token"]
    assert simple.resource(token, scheme="Bearer").status == 401


def test_ensure_mismatched_dpop_jkt_fails(simple: Party) -> None:
    reply = simple.push(proof=simple.proof("/par"), dpop_jkt=HeldKey().thumbprint)
    assert reply.status == 400
    assert reply.json["error"] in ("invalid_request", "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(simple: Party, cookie: str) -> None:
    pushed = simple.push(proof=simple.proof("/par")).json["request_uri"]
    code = simple.provider.begin(simple.registered, pushed, cookie).params["code"]
    assert error(replace(simple, proving=HeldKey()).redeem(code)) == (400, "invalid_grant")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(simple: Party, cookie: str) -> None:
    code = simple.answer(cookie, dpop_jkt=HeldKey().thumbprint)["code"]
    assert error(simple.redeem(code)) == (400, "invalid_grant")


def test_ensure_dpop_auth_code_binding_success(simple: Party, cookie: str) -> None:
    """And ensure_dpop_proof_at_par_endpoint_binding_success."""
    assert simple.tokens(cookie, dpop_jkt=simple.proving.thumbprint)["token_type"] == "DPoP"
    pushed = simple.push(proof=simple.proof("/par"), dpop_jkt=simple.proving.thumbprint).json["request_uri"]
    code = simple.provider.begin(simple.registered, pushed, cookie).params["code"]
    assert simple.redeem(code).status == 200


def test_nonces_at_every_endpoint(simple: Party, cookie: str) -> None:
    """A server that wants nonces says so at the token endpoint and at the resource, and the client comes again."""
    strict = replace(simple, provider=simple.provider.with_settings(dpop_nonce_required=True))
    bare = strict.push(proof=strict.proof("/par"))
    assert error(bare) == (400, "use_dpop_nonce")
    nonce = bare.headers["DPoP-Nonce"]
    pushed = strict.push(proof=strict.proof("/par", nonce=nonce)).json["request_uri"]
    code = strict.provider.begin(strict.registered, pushed, cookie).params["code"]
    assert error(strict.redeem(code)) == (400, "use_dpop_nonce")
    tokens = strict.redeem(code, proof=strict.proof("/token", nonce=nonce))
    assert tokens.status == 200
    token = tokens.json["access_token"]
    asked = strict.resource(token)
    assert error(asked) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in asked.headers["WWW-Authenticate"]
    again = strict.proof("/userinfo", method="GET", token=token, nonce=asked.headers["DPoP-Nonce"])
    assert strict.resource(token, proof=again).status == 200


# ── The authorization request ────────────────────────────────────────────────────────────────────────────────────


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


# ── Client authentication ────────────────────────────────────────────────────────────────────────────────────────


def assertion(one: Party, path: str = "/par", **changes: Any) -> Reply:
    """A pushed or token request with an assertion that is not quite right."""
    form = changes.pop("key", one.signing).assertion(one.id, one.now, **changes)
    sent = dict(REQUEST) if path == "/par" else {"grant_type": "authorization_code", "code": "x"}
    proof = one.proof(path)
    assert proof is not None
    return one.provider.ask(path, method="POST", form=sent | form, headers={"DPoP": proof})


@pytest.mark.parametrize("path", ["/par", "/token"])
@pytest.mark.parametrize(
    "changes",
    [
        {"exp": -300},
        {"aud": "https://example.com"},
        {"aud": [ISSUER]},
        {"aud": ISSUER + "/par"},
        {"aud": [ISSUER + "/par"]},
        {"aud": ISSUER + "/token"},
        {"sub": None},
        {"iat": 68, "nbf": 68},
    ],
    ids=str,
)
def test_ensure_client_assertion_with_wrong_aud_fails(simple: Party, path: str, changes: dict[str, Any]) -> None:
    """
    And ensure_client_assertion_with_exp_is_5_minutes_in_past_fails, …_with_no_sub_fails,
    par_endpoint_as_array_audience_fails, par_endpoint_as_audience_fails, par_token_endpoint_as_audience_fails and
    par_ensure_jwt_client_assertion_iat_nbf_over_60_seconds_in_the_future_fails.
    """
    moved: dict[str, Any] = {
        name: value + simple.now if isinstance(value, int) else value for name, value in changes.items()
    }
    assert error(assertion(simple, path, **moved)) == (401, "invalid_client")


def test_par_ensure_jwt_client_assertion_iat_nbf_8_seconds_in_the_future_is_accepted(simple: Party) -> None:
    ahead = simple.now + 8
    assert assertion(simple, iat=ahead, nbf=ahead).status == 201


def test_ensure_signed_client_assertion_with_rs256_fails(provider: Provider, simple: Party) -> None:
    same_key = HeldKey("RS256", simple.signing.key)
    assert error(assertion(simple, key=same_key)) == (401, "invalid_client")
    assert error(assertion(simple, "/token", key=same_key)) == (401, "invalid_client")


def test_ensure_client_assertion_in_token_endpoint(simple: Party, cookie: str) -> None:
    """Without its assertion the client is nobody."""
    code = simple.answer(cookie)["code"]
    anonymous = replace(simple, registered=replace(simple.registered, key=None))
    assert error(anonymous.redeem(code)) == (401, "invalid_client")
    assert simple.redeem(code).status == 200


def test_ensure_client_id_in_token_endpoint(provider: Provider, cookie: str) -> None:
    """A certificate alone names no client."""
    client = party(provider, "mtls", "mtls")
    form = {"grant_type": "authorization_code", "code": client.answer(cookie)["code"], "redirect_uri": REDIRECT}
    reply = provider.ask("/token", method="POST", form=form, certificate=client.certificate)
    assert error(reply) == (401, "invalid_client")


def test_ensure_holder_of_key_required(client: Party, cookie: str) -> None:
    code = client.answer(cookie)["code"]
    bare = client if client.bind == "dpop" else replace(client, registered=replace(client.registered, certificate=None))
    status, code_of_error = error(bare.redeem(code, proof=None))
    expected = (401, "invalid_client") if (client.auth, client.bind) == ("mtls", "mtls") else (400, "invalid_request")
    assert (status, code_of_error) == expected


# ── The token endpoint ───────────────────────────────────────────────────────────────────────────────────────────


def test_ensure_authorization_code_is_bound_to_client(provider: Provider, client: Party, cookie: str) -> None:
    code = client.answer(cookie)["code"]
    assert error(party(provider, client.auth, client.bind).redeem(code)) == (400, "invalid_grant")


def test_attempt_reuse_authorization_code_after_one_second(client: Party, cookie: str, clock: FixedClock) -> None:
    code = client.answer(cookie)["code"]
    token = client.redeem(code).json["access_token"]
    clock.move(1)
    assert error(client.redeem(code)) == (400, "invalid_grant")
    assert client.resource(token).status == 401


def test_attempt_to_use_expired_auth_code(simple: Party, cookie: str, clock: FixedClock) -> None:
    code = simple.answer(cookie)["code"]
    clock.move(62)
    assert error(simple.redeem(code)) == (400, "invalid_grant")


def test_par_ensure_pkce_required(simple: Party) -> None:
    assert error(simple.push(code_challenge=None, code_challenge_method=None)) == (400, "invalid_request")


def test_par_ensure_plain_pkce_rejected(simple: Party) -> None:
    for challenge in (CHALLENGE, "v" * 43):
        reply = simple.push(code_challenge=challenge, code_challenge_method="plain")
        assert error(reply) == (400, "invalid_request")
    assert error(simple.push(code_challenge_method=None)) == (400, "invalid_request")


@pytest.mark.parametrize("verifier", [None, "w" * 43, "", CHALLENGE])
def test_par_incorrect_pkce_code_verifier_rejected(simple: Party, cookie: str, verifier: str | None) -> None:
    """And par_ensure_pkce_code_verifier_required."""
    reply = simple.redeem(simple.answer(cookie)["code"], code_verifier=verifier)
    assert error(reply) == (400, "invalid_grant")


def test_refresh_token(provider: Provider, client: Party, cookie: str, clock: FixedClock) -> None:
    """It stays as it is, is of use with another proof key, and of none without a proof or to another client."""
    tokens = client.tokens(cookie, scope="openid offline_access")
    token = tokens["refresh_token"]
    clock.move(1)
    again = client.refresh(token)
    assert again.status == 200
    assert "refresh_token" not in again.json
    assert again.json["access_token"] != tokens["access_token"]
    renewed, first = (jwt.decode(t["id_token"], options={"verify_signature": False}) for t in (again.json, tokens))
    assert all(renewed[name] == first[name] for name in ("iss", "sub", "aud", "auth_time"))
    assert client.resource(again.json["access_token"]).status == 200
    other_key = replace(client, proving=HeldKey())
    assert other_key.resource(other_key.refresh(token).json["access_token"]).status == 200
    clock.move(30)
    assert client.refresh(token).status == 200
    bare = client if client.bind == "dpop" else replace(client, registered=replace(client.registered, certificate=None))
    status, code = error(bare.refresh(token, proof=None))
    assert (status, code) in ((400, "invalid_request"), (401, "invalid_client"))
    assert error(party(provider, client.auth, client.bind).refresh(token)) == (400, "invalid_grant")
    assert client.refresh(token).status == 200


# ── A person at the pages ────────────────────────────────────────────────────────────────────────────────────────


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
