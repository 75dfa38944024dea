"""Tokens after they were issued: userinfo, introspection, revocation, who may ask, and machines."""

from __future__ import annotations

import json

import pytest

from base.clock import FixedClock
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.create_user import NewUser, Official, create_user
from keys.api import TokenType
from tests.provider import PASSWORD, Provider, Registered


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client(trusted=True)


@pytest.fixture
def tokens(provider: Provider, client: Registered) -> dict[str, str]:
    cookie = provider.session(provider.person())
    answer: dict[str, str] = provider.redeem(client, provider.code(client, cookie)).json
    return answer


def test_userinfo_takes_the_token_from_header_or_form_only(provider: Provider, tokens: dict[str, str]) -> None:
    token = tokens["access_token"]
    assert provider.userinfo(token).status == 200
    assert provider.ask("/userinfo", method="POST", form={"access_token": token}).status == 200
    assert provider.ask("/userinfo", method="POST", headers={"Authorization": f"bearer {token}"}).status == 200
    in_address = provider.ask("/userinfo", query={"access_token": token})
    assert in_address.status == 401
    challenge = in_address.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="antin", resource_metadata=')
    assert "error=" not in challenge
    twice = provider.ask(
        "/userinfo", method="POST", form={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (twice.status, twice.json["error"]) == (400, "invalid_request")


def test_token_types_do_not_pass_for_one_another(
    provider: Provider, client: Registered, tokens: dict[str, str]
) -> None:
    for wrong in (tokens["id_token"], tokens["refresh_token"], "x.y.z", ""):
        reply = provider.userinfo(wrong)
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert provider.posted("/introspect", client, token=tokens["id_token"]).json == {"active": False}
    assert provider.refresh(client, tokens["access_token"]).json["error"] == "invalid_grant"
    assert provider.redeem(client, tokens["refresh_token"]).json["error"] == "invalid_grant"
    hinted = provider.authorize(client, None, id_token_hint=tokens["access_token"])
    assert hinted.params["error"] == "invalid_request"


def test_an_expired_access_token(
    provider: Provider, client: Registered, tokens: dict[str, str], clock: FixedClock
) -> None:
    clock.move(600)
    assert provider.userinfo(tokens["access_token"]).status == 401
    assert provider.posted("/introspect", client, token=tokens["access_token"]).json == {"active": False}


def test_introspection_tells_owner_and_audience_alone(provider: Provider, client: Registered) -> None:
    api = provider.machine(resource="https://api.example.vn", client_id="api-1")
    caller = provider.machine(resource="https://api.example.vn")
    token = provider.token(caller, grant_type="client_credentials").json["access_token"]
    for knows in (api, caller):
        told = provider.posted("/introspect", knows, token=token).json
        assert told["active"] is True
        assert told["client_id"] == caller.id
        assert told["aud"] == "https://api.example.vn"
    assert provider.posted("/introspect", client, token=token).json == {"active": False}
    public = provider.client(token_endpoint_auth_method="none")
    assert provider.posted("/introspect", public, token=token).status == 401


def test_introspection_of_a_refresh_token(provider: Provider, client: Registered, tokens: dict[str, str]) -> None:
    token = tokens["refresh_token"]
    for hint in (None, "access_token", "refresh_token", "nonsense"):
        told = provider.posted("/introspect", client, token=token, token_type_hint=hint).json
        assert told["active"] is True
    assert provider.posted("/introspect", provider.client(), token=token).json == {"active": False}
    provider.refresh(client, token)
    assert provider.posted("/introspect", client, token=token).json == {"active": False}


def test_revoking_an_access_token_takes_it_alone(
    provider: Provider, client: Registered, tokens: dict[str, str]
) -> None:
    for _ in range(2):
        assert provider.posted("/revoke", client, token=tokens["access_token"]).status == 200
    assert provider.userinfo(tokens["access_token"]).status == 401
    assert provider.posted("/introspect", client, token=tokens["access_token"]).json == {"active": False}
    assert provider.refresh(client, tokens["refresh_token"]).status == 200


def test_revoking_a_refresh_token_takes_the_family(
    provider: Provider, client: Registered, tokens: dict[str, str]
) -> None:
    assert provider.posted("/revoke", client, token=tokens["refresh_token"]).status == 200
    assert provider.userinfo(tokens["access_token"]).status == 401
    assert provider.posted("/introspect", client, token=tokens["access_token"]).json == {"active": False}
    assert provider.refresh(client, tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.posted("/revoke", client, token=tokens["refresh_token"]).status == 200


def test_a_foreign_client_revokes_nothing(provider: Provider, tokens: dict[str, str]) -> None:
    foreign = provider.client()
    for name in ("access_token", "refresh_token"):
        reply = provider.posted("/revoke", foreign, token=tokens[name])
        assert (reply.status, reply.json["error"]) == (400, "invalid_grant")
    assert provider.posted("/revoke", foreign, token="unknown").status == 200
    assert provider.userinfo(tokens["access_token"]).status == 200


def test_a_machine_token(provider: Provider) -> None:
    machine = provider.machine(scope="records.read records.write")
    answer = provider.token(machine, grant_type="client_credentials", scope="records.read").json
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["scope"] == "records.read"
    claims = provider.services.keys.verify_own_jwt(
        answer["access_token"], typ=TokenType.ACCESS, issuer=provider.services.issuer
    )
    assert claims["sub"] == claims["client_id"] == machine.id
    assert "gid" not in claims
    assert provider.userinfo(answer["access_token"]).status == 401
    wider = provider.token(machine, grant_type="client_credentials", scope="openid")
    assert wider.json["error"] == "invalid_scope"
    provider.posted("/revoke", machine, token=answer["access_token"])
    assert provider.posted("/introspect", machine, token=answer["access_token"]).json == {"active": False}


def test_an_officials_position(provider: Provider) -> None:
    client = provider.client(trusted=True)
    create_organisation(provider.services, NewOrganisation("G01", "Bộ Nội vụ", "Ministry of Home Affairs"))
    new = NewUser(
        username="hung", password=PASSWORD, full_name="Trần Hùng", official=Official("G01", "Chánh Văn phòng")
    )
    cookie = provider.session(create_user(provider.services, new).user_id)
    claims = json.dumps({"id_token": {"organisation": None, "position": None}})
    answer = provider.redeem(client, provider.code(client, cookie, scope="openid official", claims=claims)).json
    told = provider.userinfo(answer["access_token"]).json
    assert told["organisation"] == {"code": "G01", "name": "Bộ Nội vụ"}
    assert told["position"] == {"title": "Chánh Văn phòng"}
    inside = provider.services.keys.verify_own_jwt(
        answer["id_token"], typ=TokenType.ID, issuer=provider.services.issuer
    )
    assert inside["position"] == {"title": "Chánh Văn phòng"}
