"""Token exchange: narrower, shorter, for whom an operator allowed, and dead with the authorization it came from."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from base.audit import audit_events
from base.clock import FixedClock
from idp.flows.disable_client import disable_client
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_all
from idp.flows.register_resource import register_resource
from idp.protocol.exchange import ACCESS_TOKEN, GRANT, JWT, MOST_ACTORS
from keys.api import TokenType
from tests.proofs import HeldKey
from tests.provider import REDIRECT, VERIFIER, Provider, Registered, Reply

DESK, LAND, TAX = "https://desk.example.vn", "https://land.example.vn", "https://tax.example.vn"
SCOPE = "files.read land.read"


class City:
    """A portal that people use, a desk that the portal calls, and a land office that the desk asks."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.portal = provider.client(
            client_id="portal", trusted=True, scope=f"openid profile offline_access {SCOPE}", resources=[DESK]
        )
        self.desk = self.service("desk", DESK, LAND)
        self.land = self.service("land", LAND, TAX)
        self.tax = self.service("tax", TAX)
        self.person = provider.person()
        self.cookie = provider.session(self.person)

    def service(self, client_id: str, resource: str, *audiences: str, **more: Any) -> Registered:
        return self.provider.machine(
            client_id=client_id,
            resource=resource,
            scope=SCOPE,
            grant_types=["client_credentials", GRANT],
            token_exchange_audiences=list(audiences),
            **more,
        )

    def received(self, **form: str) -> dict[str, Any]:
        """The portal's token for the desk."""
        code = self.provider.code(self.portal, self.cookie, scope=f"openid {SCOPE}", resource=DESK)
        return self.provider.redeem(self.portal, code, resource=DESK, **form).json

    def exchange(self, by: Registered, token: str, proof: str | None = None, **changes: str | None) -> Reply:
        form = {"grant_type": GRANT, "subject_token": token, "subject_token_type": ACCESS_TOKEN} | changes
        return self.provider.posted("/token", by, proof=proof, **form)

    def claims(self, token: str) -> dict[str, Any]:
        return self.provider.services.keys.verify_own_jwt(
            token, typ=TokenType.ACCESS, issuer=self.provider.services.issuer
        )

    def active(self, by: Registered, token: str) -> bool:
        return bool(self.provider.posted("/introspect", by, token=token).json["active"])

    def forged(self, **changes: Any) -> str:
        """A token of ours with other claims, as if we had issued it."""
        claims = self.claims(self.received()["access_token"]) | changes
        return self.provider.services.keys.sign_jwt(claims, typ=TokenType.ACCESS)


@pytest.fixture
def city(provider: Provider) -> City:
    return City(provider)


def test_the_next_service_gets_its_own_token(city: City) -> None:
    first = city.claims(token := city.received()["access_token"])
    reply = city.exchange(city.desk, token)
    assert reply.json.keys() == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert reply.json["issued_token_type"] == ACCESS_TOKEN
    assert reply.headers["Cache-Control"] == "no-store"
    claims = city.claims(reply.json["access_token"])
    assert claims["aud"] == LAND
    assert claims["client_id"] == "desk"
    assert claims["act"] == {"sub": "desk"}
    assert claims["gid"] == first["gid"]
    assert claims["acr"] == first["acr"]
    assert claims["sub"] not in (first["sub"], "desk")
    assert city.active(city.land, reply.json["access_token"])
    assert not city.active(city.tax, reply.json["access_token"])
    assert city.provider.posted("/introspect", city.land, token=reply.json["access_token"]).json["act"] == claims["act"]
    assert city.provider.userinfo(reply.json["access_token"]).status == 401


def test_actors_are_nested(city: City) -> None:
    second = city.exchange(city.desk, city.received()["access_token"]).json["access_token"]
    third = city.exchange(city.land, second).json["access_token"]
    assert city.claims(third)["act"] == {"sub": "land", "act": {"sub": "desk"}}


def test_a_chain_has_an_end(city: City) -> None:
    act: dict[str, Any] = {"sub": "a"}
    for _ in range(MOST_ACTORS - 2):
        act = {"sub": "a", "act": act}
    assert city.exchange(city.desk, city.forged(act=act)).status == 200
    assert city.exchange(city.desk, city.forged(act={"sub": "a", "act": act})).json["error"] == "invalid_request"


def test_it_ends_with_the_subject_token(city: City, clock: FixedClock) -> None:
    token = city.received()["access_token"]
    clock.move(400)
    answer = city.exchange(city.desk, token).json
    assert answer["expires_in"] == 200
    clock.move(200)
    assert city.exchange(city.desk, token).json["error"] == "invalid_request"


def test_the_scope_only_narrows(city: City) -> None:
    token = city.received()["access_token"]
    assert city.exchange(city.desk, token).json["scope"] == SCOPE
    assert city.exchange(city.desk, token, scope="land.read").json["scope"] == "land.read"
    for beyond in ("land.write", "openid", "files.read land.write"):
        assert city.exchange(city.desk, token, scope=beyond).json["error"] == "invalid_scope"
    narrow = city.forged(scope="files.read")
    assert city.exchange(city.desk, narrow, scope="land.read").json["error"] == "invalid_scope"
    assert city.exchange(city.desk, city.forged(scope="openid profile")).json["error"] == "invalid_scope"


def test_only_what_belongs_at_the_target(city: City) -> None:
    scopes = {"land.read": {"vi": "Xem thửa đất", "en": "See plots"}}
    register_resource(city.provider.services, {"resource": LAND, "name": "Địa chính", "scopes": scopes})
    assert city.exchange(city.desk, city.received()["access_token"]).json["scope"] == "land.read"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"resource": TAX}, "invalid_target"),
        ({"audience": TAX}, "invalid_target"),
        ({"resource": LAND, "audience": TAX}, "invalid_target"),
        ({"resource": LAND, "audience": LAND}, None),
        ({"audience": LAND}, None),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x.y.z"}, "invalid_request"),
        ({"subject_token": "at.x"}, "invalid_request"),
        ({"subject_token": "x" * 5000}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"subject_token_type": JWT}, None),
        ({"requested_token_type": ACCESS_TOKEN}, None),
        ({"requested_token_type": JWT}, None),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"actor_token": "x.y.z"}, "invalid_request"),
        ({"actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"actor_token": "x.y.z", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
    ],
)
def test_requests(city: City, form: dict[str, str | None], error: str | None) -> None:
    reply = city.exchange(city.desk, city.received()["access_token"], **form)
    assert reply.json.get("error") == error
    assert reply.status == (200 if error is None else 400)


def test_a_token_that_was_sent_to_somebody_else(city: City) -> None:
    received = city.received()
    assert city.exchange(city.land, received["access_token"]).json["error"] == "invalid_request"
    for other in ("id_token", "refresh_token"):
        assert city.exchange(city.desk, received[other]).json["error"] == "invalid_request"
    code = city.provider.code(city.portal, city.cookie)
    sign_in = city.provider.redeem(city.portal, code).json["access_token"]
    assert city.exchange(city.desk, sign_in).json["error"] == "invalid_request"


def test_a_machines_token_is_no_persons(city: City) -> None:
    own = city.provider.token(city.desk, grant_type="client_credentials").json["access_token"]
    assert city.claims(own)["aud"] == DESK
    assert city.exchange(city.desk, own).json["error"] == "invalid_request"


def test_who_is_not_registered_for_it(city: City) -> None:
    token = city.received()["access_token"]
    lacking = city.provider.machine(resource=DESK, scope=SCOPE, token_exchange_audiences=[LAND])
    assert city.exchange(lacking, token).json["error"] == "unauthorized_client"
    public = city.provider.client(
        resource=DESK, token_exchange_audiences=[LAND], token_endpoint_auth_method="none", grant_types=[GRANT],
        redirect_uris=None, scope=SCOPE,
    )  # fmt: skip
    assert city.exchange(public, token).json["error"] == "unauthorized_client"
    nowhere = city.service("nowhere", DESK)
    assert city.exchange(nowhere, token).json["error"] == "invalid_target"


def test_it_dies_with_its_family(city: City) -> None:
    received = city.received()
    second = city.exchange(city.desk, received["access_token"]).json["access_token"]
    city.provider.posted("/revoke", city.portal, token=received["refresh_token"])
    assert not city.active(city.land, second)
    assert city.exchange(city.desk, received["access_token"]).json["error"] == "invalid_request"
    assert city.exchange(city.land, second).json["error"] == "invalid_request"


def test_it_dies_with_session_and_person(city: City) -> None:
    second = city.exchange(city.desk, city.received()["access_token"]).json["access_token"]
    end_all(city.provider.services, city.person, "person")
    assert not city.active(city.land, second)
    city.cookie = city.provider.session(city.person)
    token = city.received()["access_token"]
    second = city.exchange(city.desk, token).json["access_token"]
    disable_user(city.provider.services, city.person)
    assert not city.active(city.land, second)
    assert city.exchange(city.desk, token).json["error"] == "invalid_request"


def test_the_tokens_of_a_disabled_service_are_not_exchanged(city: City, clock: FixedClock) -> None:
    token = city.received()["access_token"]
    disable_client(city.provider.services, city.portal.id)
    clock.move(1)
    assert city.exchange(city.desk, token).json["error"] == "invalid_request"


def test_one_revoked_token_is_not_exchanged(city: City) -> None:
    token = city.received()["access_token"]
    city.provider.posted("/revoke", city.portal, token=token)
    assert city.exchange(city.desk, token).json["error"] == "invalid_request"


def test_a_bound_token_is_exchanged_for_a_bound_one_only(city: City) -> None:
    portals, desks = HeldKey(), HeldKey()
    code = city.provider.code(city.portal, city.cookie, scope=f"openid {SCOPE}", resource=DESK)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    proof = portals.proof("/token", city.provider.now)
    token = city.provider.posted("/token", city.portal, proof=proof, **form, resource=DESK).json["access_token"]
    assert city.exchange(city.desk, token).json["error"] == "invalid_request"
    answer = city.exchange(city.desk, token, proof=desks.proof("/token", city.provider.now)).json
    assert answer["token_type"] == "DPoP"
    assert city.claims(answer["access_token"])["cnf"] == {"jkt": desks.thumbprint}


def test_an_actor_token_names_who_acts(city: City) -> None:
    """An official signed in at the desk acts for the citizen whose token the portal sent."""
    desk = city.provider.client(
        client_id="desk-2", trusted=True, resource="https://desk-2.example.vn", scope=f"openid {SCOPE}",
        grant_types=["authorization_code", GRANT], token_exchange_audiences=[LAND],
    )  # fmt: skip
    official = city.provider.session(city.provider.person("hung"))
    acting = city.provider.redeem(desk, city.provider.code(desk, official)).json["access_token"]
    token = city.forged(aud="https://desk-2.example.vn")
    actor = {"actor_token": acting, "actor_token_type": ACCESS_TOKEN}
    claims = city.claims(city.exchange(desk, token, **actor).json["access_token"])
    assert claims["act"] == {"sub": city.claims(acting)["sub"], "client_id": "desk-2"}
    assert claims["sub"] != claims["act"]["sub"]
    foreign = {"actor_token": city.received()["access_token"], "actor_token_type": ACCESS_TOKEN}
    assert city.exchange(desk, token, **foreign).json["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("may_act", "status"),
    [
        ({"sub": "desk"}, 200),
        ({"client_id": "desk"}, 200),
        ({"sub": "land"}, 400),
        ({"sub": "desk", "client_id": "land"}, 400),
        ({"sub": "desk", "iss": "https://else.example.vn"}, 400),
        ({}, 400),
        ("desk", 400),
    ],
)
def test_may_act(city: City, may_act: Any, status: int) -> None:
    assert city.exchange(city.desk, city.forged(may_act=may_act)).status == status


def test_permissions_that_are_spent_once_are_not_handed_on(city: City) -> None:
    token = city.forged(authorization_details=[{"type": "x"}])
    assert "authorization_details" not in city.claims(city.exchange(city.desk, token).json["access_token"])


def test_an_opaque_one(city: City) -> None:
    keeper = city.service("keeper", DESK, LAND, access_token_format="opaque")
    token = city.received()["access_token"]
    assert city.exchange(keeper, token, requested_token_type=JWT).json["error"] == "invalid_request"
    handle = city.exchange(keeper, token).json["access_token"]
    assert handle.startswith("at.")
    assert city.provider.posted("/introspect", city.land, token=handle).json["act"] == {"sub": "keeper"}
    assert city.exchange(city.land, handle).status == 200


def test_it_is_recorded(city: City) -> None:
    city.exchange(city.desk, city.received()["access_token"], scope="land.read")
    with city.provider.services.base.db.read() as connection:
        kept = connection.execute(select(audit_events).where(audit_events.c.kind == "idp.token.exchanged")).all()
    assert len(kept) == 1
    for part in (city.person, '"client_id": "desk"', '"from_client_id": "portal"', LAND, "land.read"):
        assert part.replace('": "', '":"') in str(kept[0]).replace('": "', '":"')
