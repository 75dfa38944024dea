"""JWT bearer grant: an assertion of a trusted issuer, for us, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from base.clock import FixedClock
from idp.errors import RegistrationRefused
from idp.flows.assertions import trust
from idp.flows.disable_user import disable_user
from idp.models import grants
from idp.protocol.trusted_issuers import GRANT
from keys.api import TokenType
from tests.assertions import PROVINCE, assertion, trusting
from tests.ledger import kinds
from tests.proofs import ISSUER, HeldKey
from tests.provider import Provider, Registered, Reply

API = "https://api.example.vn"


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.machine(client_id="gateway", grant_types=[GRANT], scope="records.read files.read", resource=API)


@pytest.fixture
def person(provider: Provider, client: Registered) -> str:
    trust(provider.services, trusting(client.id))
    return provider.person()


def send(provider: Provider, client: Registered, given: str | None, **form: str) -> Reply:
    return provider.token(client, grant_type=GRANT, assertion=given, **form)


def claims_of(provider: Provider, reply: Reply) -> dict[str, Any]:
    token = reply.json["access_token"]
    return provider.services.keys.verify_own_jwt(token, typ=TokenType.ACCESS, issuer=provider.services.issuer)


def test_a_person_of_another_province(provider: Provider, client: Registered, person: str) -> None:
    reply = send(provider, client, assertion(provider.now))
    assert reply.json.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert reply.json["scope"] == "records.read"
    claims = claims_of(provider, reply)
    assert (claims["aud"], claims["client_id"], claims["acr"]) == (API, client.id, "0")
    assert claims["sub"] not in (person, "bd-0001", client.id)
    assert provider.posted("/introspect", client, token=reply.json["access_token"]).json["active"] is True


def test_it_counts_once(provider: Provider, client: Registered, person: str, clock: FixedClock) -> None:
    given = assertion(provider.now)
    assert send(provider, client, given).status == 200
    clock.move(200)
    assert send(provider, client, given).json["error"] == "invalid_grant"
    with provider.services.base.db.read() as connection:
        assert len(connection.execute(select(grants.c.id)).all()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other-as.example.vn"},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://other-as.example.vn"]},
        {"aud": f"{ISSUER}/"},
        {"aud": f"{ISSUER}/token"},
        {"aud": None},
        {"iss": "https://nobody.example.vn"},
        {"iss": None},
        {"sub": "bd-0002"},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"iat": None},
        {"iat": 1_764_000_300},
        {"exp": None},
        {"exp": 1_764_000_601},
        {"exp": 1_763_999_000, "iat": 1_763_998_900},
        {"iat": 1_763_999_000, "exp": 1_764_000_300},
        {"nbf": 1_764_000_300},
    ],
)
def test_what_it_must_say(provider: Provider, client: Registered, person: str, changes: dict[str, Any]) -> None:
    """X58 among them: an assertion for another server."""
    reply = send(provider, client, assertion(provider.now, **changes))
    assert (reply.status, reply.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("given", ["", "x", "a.b.c", "e30.e30.e30", "x" * 9000, "é.é.é"])
def test_what_is_no_assertion(provider: Provider, client: Registered, person: str, given: str) -> None:
    expected = "invalid_grant" if given else "invalid_request"
    assert send(provider, client, given or None).json["error"] == expected


def test_another_key(provider: Provider, client: Registered, person: str) -> None:
    assert send(provider, client, assertion(provider.now, HeldKey())).json["error"] == "invalid_grant"
    weak = assertion(provider.now, HeldKey("RS256"))
    assert send(provider, client, weak).json["error"] == "invalid_grant"


def test_another_client_presents_it(provider: Provider, client: Registered, person: str) -> None:
    other = provider.machine(grant_types=[GRANT], scope="records.read", resource=API)
    given = assertion(provider.now)
    assert send(provider, other, given).json["error"] == "invalid_grant"
    assert send(provider, client, given).status == 200
    lacking = provider.machine()
    assert send(provider, lacking, assertion(provider.now)).json["error"] == "unauthorized_client"


def test_the_scope_is_what_issuer_and_client_share(provider: Provider, client: Registered, person: str) -> None:
    for beyond in ("files.read", "records.write", "openid", "records.read openid"):
        assert send(provider, client, assertion(provider.now), scope=beyond).json["error"] == "invalid_scope"
    assert send(provider, client, assertion(provider.now), scope="records.read").status == 200


def test_a_refused_request_does_not_use_it_up(provider: Provider, client: Registered, person: str) -> None:
    given = assertion(provider.now)
    assert send(provider, client, given, resource="https://else.example.vn").json["error"] == "invalid_target"
    assert send(provider, client, given).status == 200


def test_a_disabled_person(provider: Provider, client: Registered, person: str) -> None:
    token = send(provider, client, assertion(provider.now)).json["access_token"]
    disable_user(provider.services, person)
    assert provider.posted("/introspect", client, token=token).json == {"active": False}
    assert send(provider, client, assertion(provider.now)).json["error"] == "invalid_grant"


def test_a_machine_acts_for_itself(provider: Provider, client: Registered) -> None:
    trust(provider.services, trusting(client.id, subject={"machine": True}))
    reply = send(provider, client, assertion(provider.now, sub="anything"))
    claims = claims_of(provider, reply)
    assert claims["sub"] == client.id
    assert "gid" not in claims


def test_the_claim_is_the_sign_in_name(provider: Provider, client: Registered) -> None:
    trust(provider.services, trusting(client.id, subject={"claim": "preferred_username"}))
    provider.person()
    assert send(provider, client, assertion(provider.now, preferred_username="Lan")).status == 200
    for nobody in ("minh", "<script>", "", 5, None):
        refused = send(provider, client, assertion(provider.now, preferred_username=nobody))
        assert refused.json["error"] == "invalid_grant"


def test_it_is_recorded(provider: Provider, client: Registered, person: str) -> None:
    send(provider, client, assertion(provider.now))
    done = kinds(provider.services.base.db)
    assert done.count("idp.assertion.accepted") == done.count("idp.issuer.trusted") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": None},
        {"issuer": 5},
        {"jwks": None},
        {"jwks_uri": "https://x.example.vn/jwks"},
        {"jwks": None, "jwks_uri": "http://x.example.vn/jwks"},
        {"jwks": {"keys": []}},
        {"clients": []},
        {"clients": "gateway"},
        {"scope": ""},
        {"scope": None},
        {"subject": None},
        {"subject": {}},
        {"subject": {"machine": False}},
        {"subject": {"claim": "sub", "users": {}}},
        {"subject": {"claim": "sub", "users": {"a": 5}}},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"more": 1},
    ],
)
def test_a_description_that_is_refused(provider: Provider, changes: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        trust(provider.services, trusting("gateway", **changes))


def test_an_issuer_is_trusted_once(provider: Provider) -> None:
    assert trust(provider.services, trusting("gateway")).issuer == PROVINCE
    with pytest.raises(RegistrationRefused):
        trust(provider.services, trusting("gateway"))


@pytest.mark.parametrize(
    ("typ", "status"),
    [("JWT", 200), ("authorization-grant+jwt", 200), ("at+jwt", 400), ("logout+jwt", 400), ("dpop+jwt", 400)],
)
def test_a_token_of_another_kind_is_no_assertion(
    provider: Provider, client: Registered, person: str, typ: str, status: int
) -> None:
    given = assertion(provider.now, header={"kid": "k1", "typ": typ})
    assert send(provider, client, given).status == status
