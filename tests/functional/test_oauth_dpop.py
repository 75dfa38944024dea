"""DPoP: codes, tokens and userinfo bound to a key; replay, downgrade and foreign keys; nonces."""

from __future__ import annotations

from typing import Any

import pytest

from base.clock import FixedClock
from idp.flows.background import reap
from idp.flows.open_idp import open_idp
from keys.api import TokenType
from keys.services import open_keys
from tests.proofs import HeldKey, said
from tests.provider import REDIRECT, VERIFIER, Provider, Registered, Reply

KEY = HeldKey()
THIEF = HeldKey()


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


@pytest.fixture
def public(provider: Provider) -> Registered:
    return provider.client(trusted=True, token_endpoint_auth_method="none")


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def redeem(provider: Provider, client: Registered, code: str, key: HeldKey | None = KEY) -> Reply:
    proof = key.proof("/token", provider.now) if key else None
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return provider.posted("/token", client, proof=proof, **form)


def refresh(provider: Provider, client: Registered, token: str, key: HeldKey | None = KEY) -> Reply:
    proof = key.proof("/token", provider.now) if key else None
    return provider.posted("/token", client, proof=proof, grant_type="refresh_token", refresh_token=token)


def userinfo(provider: Provider, token: str, key: HeldKey = KEY, scheme: str = "DPoP", **changes: Any) -> Reply:
    proof = key.proof("/userinfo", provider.now, method="GET", **{"token": token, **changes})
    return provider.ask("/userinfo", headers={"Authorization": f"{scheme} {token}", "DPoP": proof})


def tokens(provider: Provider, client: Registered, cookie: str, **changes: str | None) -> dict[str, Any]:
    reply = redeem(provider, client, provider.code(client, cookie, **changes))
    assert reply.status == 200, reply.body
    return reply.json


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_a_token_is_bound_to_its_key(provider: Provider, client: Registered, cookie: str, alg: str) -> None:
    key = HeldKey(alg)
    answer = redeem(provider, client, provider.code(client, cookie), key).json
    assert answer["token_type"] == "DPoP"
    token = answer["access_token"]
    claims = provider.services.keys.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=provider.services.issuer)
    assert claims["cnf"] == {"jkt": key.thumbprint}
    told = provider.posted("/introspect", client, token=token).json
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": key.thumbprint})
    assert userinfo(provider, token, key).status == 200
    assert userinfo(provider, token, key, scheme="dpop").status == 200


def test_a_machines_token_is_bound_too(provider: Provider) -> None:
    machine = provider.machine(dpop_bound_access_tokens=True)
    proof = KEY.proof("/token", provider.now)
    reply = provider.posted("/token", machine, proof=proof, grant_type="client_credentials")
    assert reply.json["token_type"] == "DPoP"
    bare = provider.posted("/token", machine, grant_type="client_credentials")
    assert (bare.status, bare.json["error"]) == (400, "invalid_request")


def test_a_bound_token_is_no_bearer_token(provider: Provider, client: Registered, cookie: str) -> None:
    token = tokens(provider, client, cookie)["access_token"]
    as_bearer = provider.userinfo(token)
    assert (as_bearer.status, as_bearer.json["error"]) == (401, "invalid_token")
    assert as_bearer.headers["WWW-Authenticate"].startswith("DPoP ")
    assert provider.ask("/userinfo", method="POST", form={"access_token": token}).status == 401
    assert userinfo(provider, token, scheme="Bearer").status == 401
    bare = provider.ask("/userinfo", headers={"Authorization": f"DPoP {token}"})
    assert (bare.status, bare.json["error"]) == (401, "invalid_dpop_proof")


def test_a_bearer_token_is_not_for_the_dpop_scheme(provider: Provider, client: Registered, cookie: str) -> None:
    token = provider.redeem(client, provider.code(client, cookie)).json["access_token"]
    assert userinfo(provider, token).json["error"] == "invalid_token"


@pytest.mark.parametrize(
    "changes",
    [
        {"key": THIEF},
        {"ath": None},
        {"ath": "x"},
        {"htm": "POST"},
        {"htu": "http://localhost:8000/token"},
        {"htu": "http://other.test/userinfo"},
        {"iat": 1},
        {"jti": None},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": KEY.private_jwk}},
        {"header": {"jwk": THIEF.jwk}},
    ],
    ids=said,
)
def test_a_wrong_proof(provider: Provider, client: Registered, cookie: str, changes: dict[str, Any]) -> None:
    token = tokens(provider, client, cookie)["access_token"]
    reply = userinfo(provider, token, **changes)
    assert reply.status == 401
    assert reply.json["error"] in ("invalid_dpop_proof", "invalid_token")
    assert reply.headers["WWW-Authenticate"].startswith('DPoP realm="antin", algs="ES256 PS256 EdDSA", error=')
    assert userinfo(provider, token).status == 200


def test_a_proof_counts_once(provider: Provider, client: Registered, cookie: str, clock: FixedClock) -> None:
    token = tokens(provider, client, cookie)["access_token"]
    headers = {
        "Authorization": f"DPoP {token}",
        "DPoP": KEY.proof("/userinfo", provider.now + 60, method="GET", token=token),
    }
    assert [provider.ask("/userinfo", headers=headers).status for _ in range(3)] == [200, 401, 401]
    clock.move(120)
    reap(provider.services)
    assert provider.ask("/userinfo", headers=headers).json["error"] == "invalid_dpop_proof"
    clock.move(2)
    reap(provider.services)
    with provider.services.base.db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM spent_identifiers").scalar_one() == 0
    assert provider.ask("/userinfo", headers=headers).status == 401  # too old by now


def test_a_proof_counts_once_at_the_token_endpoint(provider: Provider) -> None:
    machine, proof = provider.machine(), KEY.proof("/token", provider.now)
    first, again = (provider.posted("/token", machine, proof=proof, grant_type="client_credentials") for _ in range(2))
    assert first.status == 200
    assert (again.status, again.json["error"]) == (400, "invalid_dpop_proof")


def test_two_proofs_are_refused(provider: Provider) -> None:
    machine = provider.machine()
    proofs = f"{KEY.proof('/token', provider.now)}, {KEY.proof('/token', provider.now)}"
    reply = provider.posted("/token", machine, proof=proofs, grant_type="client_credentials")
    assert reply.json["error"] == "invalid_dpop_proof"


def test_a_code_is_bound_to_the_key_it_was_promised_to(provider: Provider, client: Registered, cookie: str) -> None:
    for wrong in (THIEF, None):
        code = provider.code(client, cookie, dpop_jkt=KEY.thumbprint)
        reply = redeem(provider, client, code, wrong)
        assert (reply.status, reply.json["error"]) == (400, "invalid_grant")
    assert redeem(provider, client, provider.code(client, cookie, dpop_jkt=KEY.thumbprint)).status == 200
    assert provider.authorize(client, cookie, dpop_jkt="short").params["error"] == "invalid_request"


def test_a_proof_at_par_binds_the_code(provider: Provider, client: Registered, cookie: str) -> None:
    def code(**form: str) -> str:
        reply = provider.push(client, proof=KEY.proof("/par", provider.now), **form)
        assert reply.status == 201, reply.body
        return provider.begin(client, reply.json["request_uri"], cookie).params["code"]

    assert redeem(provider, client, code(), THIEF).json["error"] == "invalid_grant"
    assert redeem(provider, client, code(dpop_jkt=KEY.thumbprint)).status == 200
    reply = provider.push(client, proof=KEY.proof("/par", provider.now), dpop_jkt=THIEF.thumbprint)
    assert (reply.status, reply.json["error"]) == (400, "invalid_dpop_proof")
    wrong = provider.push(client, proof=KEY.proof("/token", provider.now))
    assert wrong.json["error"] == "invalid_dpop_proof"


def test_a_public_clients_refresh_token_is_bound(provider: Provider, public: Registered, cookie: str) -> None:
    token = tokens(provider, public, cookie)["refresh_token"]
    for wrong in (THIEF, None):
        assert refresh(provider, public, token, wrong).json["error"] == "invalid_grant"
    answer = refresh(provider, public, token).json
    assert answer["token_type"] == "DPoP"
    assert refresh(provider, public, answer["refresh_token"], THIEF).json["error"] == "invalid_grant"
    assert refresh(provider, public, answer["refresh_token"]).status == 200


def test_a_confidential_client_may_change_its_key(provider: Provider, client: Registered, cookie: str) -> None:
    token = tokens(provider, client, cookie)["refresh_token"]
    answer = refresh(provider, client, token, THIEF).json
    assert userinfo(provider, answer["access_token"], THIEF).status == 200
    assert userinfo(provider, answer["access_token"], KEY).status == 401


@pytest.fixture
def strict(provider: Provider) -> Provider:
    """A provider that wants nonces."""
    return provider.with_settings(dpop_nonce_required=True)


def test_nonces(strict: Provider, clock: FixedClock) -> None:
    machine, person = strict.machine(), strict.client(trusted=True)
    bare = strict.posted("/token", machine, proof=KEY.proof("/token", strict.now), grant_type="client_credentials")
    assert (bare.status, bare.json["error"]) == (400, "use_dpop_nonce")
    nonce = bare.headers["DPoP-Nonce"]

    def ask(given: str) -> Reply:
        proof = KEY.proof("/token", strict.now, nonce=given)
        return strict.posted("/token", machine, proof=proof, grant_type="client_credentials")

    assert ask(nonce).status == 200
    assert ask("x" * 43).json["error"] == "use_dpop_nonce"
    clock.move(300)
    later = ask(nonce)
    assert later.status == 200
    assert later.headers["DPoP-Nonce"] != nonce
    clock.move(300)
    assert ask(nonce).json["error"] == "use_dpop_nonce"
    fresh = ask(nonce).headers["DPoP-Nonce"]
    code = strict.code(person, strict.session(strict.person()))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    token = strict.posted("/token", person, proof=KEY.proof("/token", strict.now, nonce=fresh), **form).json
    without = userinfo(strict, token["access_token"])
    assert (without.status, without.json["error"]) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in without.headers["WWW-Authenticate"]
    assert userinfo(strict, token["access_token"], nonce=without.headers["DPoP-Nonce"]).status == 200


def test_a_nonce_counts_in_every_process_and_after_a_restart(strict: Provider) -> None:
    """It is a MAC of the time, under a key of the installation; nothing is kept in a process."""
    base = strict.services.base
    other = Provider(open_idp(base, open_keys(base))).with_settings(dpop_nonce_required=True)
    machine = strict.machine()
    bare = KEY.proof("/token", strict.now)
    nonce = strict.posted("/token", machine, proof=bare, grant_type="client_credentials").headers["DPoP-Nonce"]
    proof = KEY.proof("/token", strict.now, nonce=nonce)
    assert other.posted("/token", machine, proof=proof, grant_type="client_credentials").status == 200
    assert strict.posted("/token", machine, proof=proof, grant_type="client_credentials").json["error"] == (
        "invalid_dpop_proof"
    )


def test_discovery_says_so(provider: Provider) -> None:
    metadata = provider.ask("/.well-known/openid-configuration").json
    assert metadata["dpop_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA"]
