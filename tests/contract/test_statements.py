"""How many SQL statements each operation costs. A number here goes up only on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from base.ids import hash_secret
from idp.flows.sign_in import SignedIn, prove_password
from idp.flows.visitor import Visitor
from idp.protocol.deferred import DEVICE_CODE
from tests.certificates import Authority
from tests.elsewhere import answer_device, ask_device, device_code, device_poll
from tests.proofs import HeldKey
from tests.provider import PASSWORD, REDIRECT, VERIFIER, Provider, Registered

TABLE_AT = {"INSERT": 2, "UPDATE": 1}
"""Which word of a statement names its table."""


@contextmanager
def statements(provider: Provider) -> Iterator[list[str]]:
    """Every statement sent while it is open, by its first words; transaction control is not counted."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        if words[0] in ("BEGIN", "PRAGMA") or "cache_versions" in statement:
            return  # the look at cache counters happens twice a second and not once a request
        place = TABLE_AT.get(words[0])
        seen.append(words[0] if place is None else f"{words[0]} {words[place]}")

    engine = provider.services.base.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def chained(provider: Provider) -> list[str]:
    """What one audit event costs: PostgreSQL does all three steps in one statement."""
    if provider.services.base.db.is_sqlite:
        return ["UPDATE audit_head", "INSERT audit_events", "UPDATE audit_head"]
    return ["WITH"]


def granted(provider: Provider) -> list[str]:
    """What a granted request writes; PostgreSQL takes the event along."""
    if provider.services.base.db.is_sqlite:
        return [
            "INSERT grants",
            "INSERT authorization_codes",
            "INSERT session_clients",
            *chained(provider),
        ]
    return ["WITH"]


def rotated(provider: Provider, table: str) -> list[str]:
    """What spending a ticket and storing its successor costs: PostgreSQL does both in one statement."""
    if provider.services.base.db.is_sqlite:
        return [f"UPDATE {table}", "INSERT refresh_tokens"]
    return ["WITH"]


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client()


@pytest.fixture
def cookie(provider: Provider, client: Registered) -> str:
    person = provider.person()
    provider.consent(person, client.client)
    return provider.session(person)


def test_a_machines_token_touches_nothing(provider: Provider) -> None:
    machine = provider.machine()
    provider.token(machine, grant_type="client_credentials")  # the first one of a process loads the signing key
    with statements(provider) as seen:
        assert provider.token(machine, grant_type="client_credentials").status == 200
    assert seen == []


def test_documents_touch_nothing(provider: Provider) -> None:
    provider.ask("/jwks")
    with statements(provider) as seen:
        provider.ask("/jwks")
        provider.ask("/.well-known/openid-configuration")
    assert seen == []


def test_silent_authorize(provider: Provider, client: Registered, cookie: str) -> None:
    provider.code(client, cookie)
    with statements(provider) as seen:
        provider.code(client, cookie, prompt="none")
    assert seen == ["SELECT", *granted(provider)]


def test_a_sign_in_reads_once_charges_once_and_writes_once(provider: Provider) -> None:
    provider.person("lan")
    for number in (1, 2):  # the first one compiles
        visitor = Visitor(hash_secret(f"browser {number}"), "203.113.131.1", "", None)
        with statements(provider) as seen:
            assert isinstance(prove_password(provider.services, visitor, "lan", PASSWORD), SignedIn)
    written = ["WITH"]
    if provider.services.base.db.is_sqlite:
        written = ["UPDATE throttle_buckets", "INSERT known_devices", "INSERT sessions", *chained(provider)]
    assert seen == ["SELECT", "INSERT throttle_buckets", *written]


def test_redeeming_refreshing_and_asking(provider: Provider, client: Registered, cookie: str) -> None:
    provider.redeem(client, provider.code(client, cookie))  # the first one of a process loads the signing keys
    code = provider.code(client, cookie)
    with statements(provider) as seen:
        tokens = provider.redeem(client, code).json
    assert seen == ["SELECT", *rotated(provider, "authorization_codes")]
    with statements(provider) as seen:
        tokens = provider.refresh(client, tokens["refresh_token"]).json
    assert seen == ["SELECT", *rotated(provider, "refresh_tokens")]
    with statements(provider) as seen:
        assert provider.userinfo(tokens["access_token"]).status == 200
    assert seen == ["SELECT"]
    with statements(provider) as seen:
        assert provider.posted("/introspect", client, token=tokens["access_token"]).json["active"]
    assert seen == ["SELECT"]
    with statements(provider) as seen:
        assert provider.posted("/introspect", client, token=tokens["refresh_token"]).json["active"]
    assert seen == ["SELECT"]
    with statements(provider) as seen:
        assert not provider.posted("/introspect", client, token="a.b.c").json["active"]
    assert seen == []


def test_trying_a_token_on_is_one_query(provider: Provider) -> None:
    token = provider.token(provider.machine(), grant_type="client_credentials").json["access_token"]
    with statements(provider) as seen:
        assert provider.ask("/whoami", headers={"Authorization": f"Bearer {token}"}).status == 200
    assert seen == ["SELECT"]


def test_a_certificate_costs_no_query(provider: Provider) -> None:
    city = Authority()
    behind = provider.with_mtls(city)
    made = behind.machine(
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=portal,O=Sở Nội vụ,C=VN",
        tls_client_certificate_bound_access_tokens=True,
    )
    machine = Registered(made.client, "", None, city.issue())
    behind.token(machine, grant_type="client_credentials")  # the first one of a process loads the signing key
    with statements(behind) as seen:
        assert behind.token(machine, grant_type="client_credentials").status == 200
    assert seen == []


def test_userinfo_of_an_official_is_one_query(provider: Provider, client: Registered, cookie: str) -> None:
    tokens = provider.redeem(client, provider.code(client, cookie, scope="openid official")).json
    with statements(provider) as seen:
        assert provider.userinfo(tokens["access_token"]).status == 200
    assert seen == ["SELECT"]


def test_asking_for_a_login_writes_nothing(provider: Provider, client: Registered) -> None:
    with statements(provider) as seen:
        assert provider.authorize(client).location.startswith("/login")
    assert seen == []


def test_what_a_proof_and_a_pushed_request_add(provider: Provider, client: Registered, cookie: str) -> None:
    key = HeldKey()
    provider.redeem(client, provider.code(client, cookie))  # the first one of a process loads the signing keys
    with statements(provider) as seen:
        request_uri = provider.pushed(client)
    assert seen == ["INSERT pushed_requests"]
    with statements(provider) as seen:
        code = provider.begin(client, request_uri, cookie).params["code"]
    assert seen[:3] == ["SELECT", "SELECT", "UPDATE pushed_requests"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    with statements(provider) as seen:
        reply = provider.posted("/token", client, proof=key.proof("/token", provider.now), **form)
    assert reply.json["token_type"] == "DPoP"
    assert seen == ["INSERT spent_identifiers", "SELECT", *rotated(provider, "authorization_codes")]


def test_polling_and_fetching_what_was_answered_elsewhere(provider: Provider, cookie: str) -> None:
    """Who asks too often costs one statement more, and nothing else."""
    client = provider.client(grant_types=[DEVICE_CODE, "refresh_token"], redirect_uris=None)
    device_poll(provider, client, device_code(provider, client, cookie))  # the first one loads the signing keys
    with statements(provider) as seen:
        made = ask_device(provider, client)
    assert seen == ["INSERT deferred_requests"]
    for extra in ([], ["UPDATE deferred_requests"]):
        with statements(provider) as seen:
            assert device_poll(provider, client, made["device_code"]).status == 400
        assert seen == ["SELECT", "UPDATE deferred_requests", *extra]
    answer_device(provider, cookie, made["user_code"])
    with statements(provider) as seen:
        assert device_poll(provider, client, made["device_code"]).status == 200
    assert seen == ["SELECT", "UPDATE deferred_requests", "INSERT refresh_tokens"]
