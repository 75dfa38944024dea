"""What every grant and every one-time secret must do. A new entry of GRANTS joins; Scene.form asks honestly."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from base.clock import FixedClock
from idp.flows.assertions import trust
from idp.flows.end_session import end_all
from idp.flows.errands import ERRANDS
from idp.flows.ledgers import LEDGERS
from idp.oauth.grants import GRANTS
from idp.protocol import exchange, trusted_issuers
from idp.protocol.deferred import CIBA, DEFERRED_GRANTS, DEVICE_CODE
from tests.assertions import assertion, trusting
from tests.elsewhere import auth_req_id, device_code
from tests.provider import REDIRECT, VERIFIER, Provider, Registered, Reply

OWN, NEXT = "https://own.example.vn", "https://next.example.vn"
EXCHANGES = {"resource": OWN, "token_exchange_audiences": [NEXT]}
NAMES = [grant.name for grant in GRANTS]
WITH_TICKET = [grant.name for grant in GRANTS if grant.ticket_parameter]


@dataclass
class Scene:
    """A client, a person and her session."""

    provider: Provider
    client: Registered
    person: str
    cookie: str

    def form(self, name: str) -> dict[str, str]:
        """A fresh, honest request of that grant."""
        if name == "authorization_code":
            code = self.provider.code(self.client, self.cookie)
            return {"grant_type": name, "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        if name == "refresh_token":
            token = self.send(self.client, self.form("authorization_code")).json["refresh_token"]
            return {"grant_type": name, "refresh_token": token}
        if name == exchange.GRANT:
            code = self.provider.code(self.client, self.cookie, scope="openid records.read")
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "resource": OWN}
            token = self.send(self.client, form | {"code_verifier": VERIFIER}).json["access_token"]
            return {"grant_type": name, "subject_token": token, "subject_token_type": exchange.ACCESS_TOKEN}
        if name == DEVICE_CODE:
            return {"grant_type": name, "device_code": device_code(self.provider, self.client, self.cookie)}
        if name == CIBA:
            return {"grant_type": name, "auth_req_id": auth_req_id(self.provider, self.client, self.cookie)}
        if name == trusted_issuers.GRANT:
            return {"grant_type": name, "assertion": assertion(self.provider.now)}
        return {"grant_type": name}

    def send(self, client: Registered, form: dict[str, str]) -> Reply:
        return self.provider.token(client, **form)


@pytest.fixture
def scene(provider: Provider) -> Scene:
    client = provider.client(
        grant_types=NAMES, scope="openid profile offline_access records.read", trusted=True, **EXCHANGES
    )
    person = provider.person()
    trust(provider.services, trusting(client.id))
    return Scene(provider, client, person, provider.session(person))


def test_every_ticket_has_a_ledger() -> None:
    assert {grant.ticket_parameter for grant in GRANTS if grant.ticket_parameter} == LEDGERS.keys()


def test_every_grant_that_needs_evidence_has_its_errand() -> None:
    assert {grant.name for grant in GRANTS if grant.needs_evidence} == ERRANDS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_an_honest_request(scene: Scene, name: str) -> None:
    reply = scene.send(scene.client, scene.form(name))
    assert reply.status == 200, reply.body
    assert reply.json["token_type"] == "Bearer"
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", NAMES)
def test_a_client_without_the_grant(scene: Scene, name: str) -> None:
    lacking = scene.provider.machine() if name != "client_credentials" else scene.provider.client()
    reply = scene.send(lacking, scene.form(name))
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_resource(scene: Scene, name: str) -> None:
    reply = scene.send(scene.client, {**scene.form(name), "resource": "https://else.example.vn"})
    assert reply.json["error"] == "invalid_target"


@pytest.mark.parametrize("name", WITH_TICKET)
def test_a_ticket_counts_once_and_its_return_ends_the_family(scene: Scene, name: str, clock: FixedClock) -> None:
    form = scene.form(name)
    first = scene.send(scene.client, form)
    assert first.status == 200
    clock.move(scene.provider.services.settings.refresh_grace_seconds)
    for _ in range(2):
        again = scene.send(scene.client, form)
        assert (again.status, again.json["error"]) == (400, "invalid_grant")
    assert scene.provider.userinfo(first.json["access_token"]).status == 401
    assert scene.provider.refresh(scene.client, first.json["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize("name", WITH_TICKET)
def test_another_client_neither_gets_nor_spends_it(scene: Scene, name: str) -> None:
    form = scene.form(name)
    thief = scene.provider.client(grant_types=NAMES, scope="openid records.read")
    reply = scene.send(thief, form)
    assert (reply.status, reply.json["error"]) == (400, "invalid_grant")
    assert scene.send(scene.client, form).status == 200
    assert scene.send(thief, form).status == 400
    assert scene.provider.posted("/introspect", scene.client, token="x").status == 200


@pytest.mark.parametrize("name", WITH_TICKET)
def test_a_thiefs_try_with_a_spent_ticket_does_not_end_the_family(scene: Scene, name: str) -> None:
    form = scene.form(name)
    first = scene.send(scene.client, form)
    thief = scene.provider.client(grant_types=NAMES, scope="openid records.read")
    assert scene.send(thief, form).status == 400
    assert scene.provider.userinfo(first.json["access_token"]).status == 200


@pytest.mark.parametrize("name", WITH_TICKET)
def test_it_dies_with_its_session(scene: Scene, name: str) -> None:
    form = scene.form(name)
    end_all(scene.provider.services, scene.person, "person")
    assert scene.send(scene.client, form).json["error"] == "invalid_grant"


@pytest.mark.parametrize("name", WITH_TICKET)
def test_it_dies_in_time(scene: Scene, name: str, clock: FixedClock) -> None:
    form = scene.form(name)
    clock.move(31 * 86_400)
    assert scene.send(scene.client, form).json["error"] == (
        "expired_token" if name in DEFERRED_GRANTS else "invalid_grant"
    )


@pytest.mark.parametrize("name", WITH_TICKET)
@pytest.mark.parametrize("value", [None, "x", "x" * 5000, "ế"])
def test_no_such_ticket(scene: Scene, name: str, value: str | None) -> None:
    parameter = next(grant.ticket_parameter for grant in GRANTS if grant.name == name)
    assert parameter is not None
    form = {key: given for key, given in scene.form(name).items() if key != parameter}
    reply = scene.send(scene.client, form if value is None else {**form, parameter: value})
    assert reply.json["error"] == ("invalid_request" if value is None else "invalid_grant")
