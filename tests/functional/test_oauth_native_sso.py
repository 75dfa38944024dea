"""Native SSO: a second app of the same agency gets tokens of its own, and nobody else anything."""

from __future__ import annotations

from typing import Any

import pytest

from base.clock import FixedClock
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.disable_client import disable_client
from idp.flows.disable_user import disable_user
from idp.flows.end_session import end_all
from idp.oauth.device_secrets import device_secret_of, grant_of
from idp.protocol.exchange import ACCESS_TOKEN, GRANT
from idp.protocol.native_sso import DEVICE_SECRET, ID_TOKEN
from keys.api import TokenType
from tests.ledger import kinds
from tests.proofs import HeldKey
from tests.provider import Provider, Registered, Reply

SCOPE = "openid profile offline_access device_sso"


class Phone:
    """Two apps of one city department on one device, and the person who has signed in to the first."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        for code in ("H17", "H18"):
            create_organisation(provider.services, NewOrganisation(code, f"Sở {code}", f"Department {code}"))
        self.first = self.app("H17", trusted=True)
        self.second = self.app("H17")
        self.person = provider.person()
        provider.consent(self.person, self.second.client)
        self.cookie = provider.session(self.person)

    def app(self, organisation: str | None, **more: Any) -> Registered:
        given = {"scope": SCOPE, "grant_types": ["authorization_code", "refresh_token", GRANT]} | more
        return self.provider.client(organisation_code=organisation, **given)

    def signed_in(self, scope: str = "openid profile device_sso") -> dict[str, Any]:
        code = self.provider.code(self.first, self.cookie, scope=scope)
        return self.provider.redeem(self.first, code).json

    def share(self, by: Registered, answer: dict[str, Any], proof: str | None = None, **changes: str | None) -> Reply:
        form: dict[str, str | None] = {
            "grant_type": GRANT,
            "audience": self.provider.services.issuer,
            "subject_token": answer["id_token"],
            "subject_token_type": ID_TOKEN,
            "actor_token": answer["device_secret"],
            "actor_token_type": DEVICE_SECRET,
            "scope": "openid profile",
        }
        return self.provider.posted("/token", by, proof=proof, **form | changes)

    def id_claims(self, answer: dict[str, Any]) -> dict[str, Any]:
        return self.provider.services.keys.verify_own_jwt(
            answer["id_token"], typ=TokenType.ID, issuer=self.provider.services.issuer, allow_expired=True
        )


@pytest.fixture
def phone(provider: Provider) -> Phone:
    return Phone(provider)


def test_the_second_app_is_signed_in(phone: Phone) -> None:
    first = phone.signed_in()
    assert first["device_secret"].startswith("ds:")
    assert "ds_hash" in phone.id_claims(first)
    reply = phone.share(phone.second, first)
    assert reply.status == 200, reply.body
    answer = reply.json
    assert answer["issued_token_type"] == ACCESS_TOKEN
    assert answer["scope"] == "openid profile"
    claims = phone.id_claims(answer)
    assert claims["aud"] == phone.second.id
    assert claims["auth_time"] == phone.id_claims(first)["auth_time"]
    assert claims["sid"] != phone.id_claims(first)["sid"]
    assert phone.provider.userinfo(answer["access_token"]).json["sub"] == claims["sub"]
    assert phone.provider.refresh(phone.second, answer["refresh_token"]).status == 200


def test_another_agencys_sub_is_another(phone: Phone) -> None:
    """One agency is one sector: its apps know the person by one name, which is no other agency's."""
    first = phone.signed_in()
    claims = phone.id_claims(phone.share(phone.second, first).json)
    other = phone.app("H18", trusted=True)
    code = phone.provider.code(other, phone.cookie, scope="openid")
    assert claims["sub"] == phone.id_claims(first)["sub"]
    assert claims["sub"] != phone.id_claims(phone.provider.redeem(other, code).json)["sub"]


def test_without_the_scope_there_is_no_secret(phone: Phone) -> None:
    answer = phone.signed_in(scope="openid profile")
    assert "device_secret" not in answer
    assert "ds_hash" not in phone.id_claims(answer)


def test_it_may_be_used_again_and_outlives_its_id_token(phone: Phone, clock: FixedClock) -> None:
    first = phone.signed_in()
    assert phone.share(phone.second, first).status == 200
    clock.move(700)
    assert phone.share(phone.second, first).status == 200


def test_a_chain(phone: Phone) -> None:
    own = phone.share(phone.second, phone.signed_in(), scope="openid device_sso").json
    third = phone.app("H17", trusted=True)
    assert phone.share(third, own).status == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"audience": None}, "invalid_target"),
        ({"audience": "https://else.example.vn"}, "invalid_target"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x.y.z"}, "invalid_request"),
        ({"subject_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"actor_token": None}, "invalid_request"),
        ({"actor_token": "ds:grt_x:y"}, "invalid_request"),
        ({"actor_token": "ds:\u1ebf:y"}, "invalid_request"),
        ({"scope": "openid email"}, "invalid_scope"),
        ({"scope": "openid offline_access"}, "invalid_scope"),
        ({"scope": "records.read"}, "invalid_scope"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ],
)
def test_requests(phone: Phone, changes: dict[str, str | None], error: str) -> None:
    reply = phone.share(phone.second, phone.signed_in(), **changes)
    assert (reply.status, reply.json["error"]) == (400, error)


def test_secret_and_id_token_belong_together(phone: Phone) -> None:
    one, two = phone.signed_in(), phone.signed_in()
    assert phone.share(phone.second, one | {"id_token": two["id_token"]}).json["error"] == "invalid_request"
    assert phone.share(phone.second, one | {"device_secret": two["device_secret"]}).json["error"] == "invalid_request"
    made_up = one["device_secret"][:-1] + ("A" if one["device_secret"][-1] != "A" else "B")
    assert phone.share(phone.second, one | {"device_secret": made_up}).json["error"] == "invalid_request"


def test_only_apps_of_the_same_agency(phone: Phone) -> None:
    first = phone.signed_in()
    for stranger in (
        phone.app("H18", trusted=True),
        phone.app(None, trusted=True),
        phone.app("H17", trusted=True, scope="openid profile"),
    ):
        assert phone.share(stranger, first).json["error"] == "unauthorized_client"
    lacking = phone.app("H17", trusted=True, grant_types=["authorization_code"], scope="openid device_sso")
    assert phone.share(lacking, first).json["error"] == "unauthorized_client"


def test_what_the_person_never_allowed_is_not_had_without_her(phone: Phone) -> None:
    unknown = phone.app("H17")
    assert phone.share(unknown, phone.signed_in()).json["error"] == "invalid_scope"
    assert phone.share(unknown, phone.signed_in(), scope=None).json["error"] == "invalid_scope"


def test_offline_only_if_the_first_app_is(phone: Phone) -> None:
    first = phone.signed_in("openid offline_access device_sso")
    assert phone.share(phone.second, first, scope="openid offline_access").status == 200


def test_it_ends_with_its_session_even_where_the_tokens_go_on(phone: Phone) -> None:
    first = phone.signed_in("openid offline_access device_sso")
    end_all(phone.provider.services, phone.person, "person")
    assert phone.provider.refresh(phone.first, first["refresh_token"]).status == 200
    assert phone.share(phone.second, first).json["error"] == "invalid_request"


def test_it_ends_with_its_authorization_its_person_and_its_app(phone: Phone, clock: FixedClock) -> None:
    first = phone.signed_in()
    phone.provider.posted("/revoke", phone.first, token=first["refresh_token"])
    assert phone.share(phone.second, first).json["error"] == "invalid_request"
    first = phone.signed_in()
    disable_client(phone.provider.services, phone.first.id)
    clock.move(1)
    assert phone.share(phone.second, first).json["error"] == "invalid_request"
    disable_user(phone.provider.services, phone.person)
    assert phone.share(phone.second, first).json["error"] == "invalid_request"


def test_it_can_be_revoked_by_its_app_alone(phone: Phone) -> None:
    first = phone.signed_in()
    phone.provider.posted("/revoke", phone.second, token=first["device_secret"])
    assert phone.share(phone.second, first).status == 200
    assert phone.provider.posted("/revoke", phone.first, token=first["device_secret"]).status == 200
    assert phone.share(phone.second, first).json["error"] == "invalid_request"
    assert phone.provider.userinfo(first["access_token"]).status == 401


def test_a_public_app_binds_its_refresh_token(phone: Phone) -> None:
    public = phone.app("H17", trusted=True, token_endpoint_auth_method="none")
    key, thief = HeldKey(), HeldKey()
    proof = key.proof("/token", phone.provider.now)
    answer = phone.share(public, phone.signed_in(), proof=proof).json
    assert answer["token_type"] == "DPoP"
    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    stolen = phone.provider.posted("/token", public, proof=thief.proof("/token", phone.provider.now), **form)
    assert stolen.json["error"] == "invalid_grant"


def test_the_second_app_hears_of_the_sessions_end(phone: Phone) -> None:
    answer = phone.share(phone.second, phone.signed_in()).json
    end_all(phone.provider.services, phone.person, "person")
    assert phone.provider.userinfo(answer["access_token"]).status == 401
    assert "idp.sign_in.shared" in kinds(phone.provider.services.base.db)


def test_the_secret_is_nowhere_in_the_database(phone: Phone) -> None:
    secret = phone.signed_in()["device_secret"].rsplit(":", 1)[1]
    with phone.provider.services.base.db.read() as connection:
        for table in ("grants", "refresh_tokens", "audit_events", "sessions", "session_clients"):
            assert secret not in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


def test_discovery_says_so(provider: Provider) -> None:
    document = provider.ask("/.well-known/openid-configuration").json
    assert document["native_sso_supported"] is True
    assert "device_sso" in document["scopes_supported"]


def test_nobody_else_can_compute_a_secret(provider: Provider) -> None:
    keys = provider.services.keys
    secret = device_secret_of(keys, "grt_1")
    assert grant_of(keys, secret) == "grt_1"
    for wrong in ("", "ds:grt_1:", f"{secret}x", secret.replace("grt_1", "grt_2"), secret[3:], f"ds:grt_1:{'A' * 43}"):
        assert grant_of(keys, wrong) is None
