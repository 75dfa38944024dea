"""Registration by HTTP: who may, under which policy, and what is answered (RFC 7591)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click import Group
from click.testing import CliRunner

from idp.cli import clients
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.discovery import discovery
from idp.models import clients as table
from tests.functional.idp_site import Site
from tests.functional.registrar import METADATA, Registrar, invited


def test_an_invited_client_registers_once(site: Site) -> None:
    token, registrar = invited(site), Registrar(site)
    response = registrar.register(token)
    added = response.get_json()
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type == "application/json"
    assert added["client_secret"]
    assert added["client_secret_expires_at"] == 0
    assert added["client_id_issued_at"] == site.clock.now()
    assert added["registration_client_uri"] == f"{site.services.issuer}/register/{added['client_id']}"
    assert added["redirect_uris"] == METADATA["redirect_uris"]
    client = site.services.clients.get(added["client_id"])
    assert client is not None
    assert not client.trusted
    assert not client.unverified
    assert registrar.register(token).status_code == 401
    assert len(site.events("idp.client.registered")) == 1


def test_neither_secret_nor_token_is_stored_in_clear(site: Site) -> None:
    token = invited(site)
    added = Registrar(site).registered(token)
    with site.services.base.db.read() as connection:
        kept = str(connection.execute(table.select()).all())
        kept += str(connection.exec_driver_sql("SELECT * FROM initial_access_tokens").all())
    for secret in (token, added["client_secret"], added["registration_access_token"]):
        assert secret not in kept


@pytest.mark.parametrize(
    ("mode", "status", "error"), [("token", 401, "invalid_token"), ("closed", 403, "access_denied")]
)
def test_without_a_token(site: Site, mode: str, status: int, error: str) -> None:
    response = Registrar(site.with_settings(registration=mode)).register()
    assert response.status_code == status
    assert response.get_json()["error"] == error
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_a_token_opens_nothing_where_registration_is_closed(site: Site) -> None:
    assert Registrar(site.with_settings(registration="closed")).register(invited(site)).status_code == 403


def test_discovery_names_the_endpoint_where_it_works(site: Site) -> None:
    for mode in ("token", "open", "closed"):
        metadata = discovery("https://op.example.vn", site.with_settings(registration=mode).services.settings)
        assert ("registration_endpoint" in metadata) == (mode != "closed")


def test_an_invitation_counts_its_uses_and_ends(site: Site) -> None:
    registrar, token = Registrar(site), invited(site, uses=2, seconds=600)
    assert [registrar.register(token).status_code for _ in range(3)] == [201, 201, 401]
    late = invited(site, seconds=600)
    site.clock.move(601)
    assert registrar.register(late).status_code == 401


def test_a_refused_registration_uses_no_invitation_up(site: Site) -> None:
    registrar, token = Registrar(site), invited(site)
    assert registrar.register(token, redirect_uris=["javascript:alert(1)"]).status_code == 400
    assert registrar.register(token).status_code == 201


def test_an_invitation_of_an_agency(site: Site) -> None:
    create_organisation(site.services, NewOrganisation("G01", "Bộ Nội vụ", "Ministry of Home Affairs"))
    token = invited(site, policy="agency", code="G01")
    added = Registrar(site).registered(token, profile="machine", redirect_uris=None, grant_types=None)
    client = site.services.clients.get(added["client_id"])
    assert client is not None
    assert client.sector.startswith("org:")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"redirect_uris": ["JaVaScRiPt:alert(1)"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["data:text/html,x"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["http://portal.example.vn/cb"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://*.example.vn/cb"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://portal.example.vn/cb#x"]}, "invalid_redirect_uri"),
    ({"redirect_uris": None}, "invalid_redirect_uri"),
    ({"redirect_uris": "https://portal.example.vn/cb"}, "invalid_redirect_uri"),
    ({"grant_types": ["password"]}, "invalid_client_metadata"),
    ({"initiate_login_uri": "http://portal.example.vn/begin"}, "invalid_client_metadata"),
    ({"initiate_login_uri": "http://localhost/begin"}, "invalid_client_metadata"),
    ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "invalid_client_metadata"),
    ({"jwks": {"keys": [{"kty": "EC"}]}, "jwks_uri": "https://portal.example.vn/jwks"}, "invalid_client_metadata"),
    ({"jwks_uri": "file:///etc/passwd"}, "invalid_client_metadata"),
    ({"request_uris": ["http://portal.example.vn/r.jwt"]}, "invalid_client_metadata"),
    ({"request_object_signing_alg": "none"}, "invalid_client_metadata"),
    ({"client_name": "Cổng dịch vụ\u202ecông"}, "invalid_client_metadata"),
    ({"client_name": "a" * 200}, "invalid_client_metadata"),
    ({"software_statement": "eyJhbGciOiJub25lIn0.e30."}, "unapproved_software_statement"),
    ({"profile": "machine", "grant_types": ["client_credentials"]}, "invalid_client_metadata"),
    ({"scope": "openid official"}, "invalid_client_metadata"),
    ({"resource": "https://sign.example.vn"}, "invalid_client_metadata"),
    ({"client_name": 7}, "invalid_client_metadata"),
]


@pytest.mark.parametrize(("changes", "error"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_is_refused_says_why(site: Site, changes: dict[str, Any], error: str) -> None:
    response = Registrar(site).register(invited(site), **changes)
    assert response.status_code == 400
    assert response.content_type == "application/json"
    assert response.get_json()["error"] == error
    assert response.get_json()["error_description"]


def test_nobody_registers_as_trusted(site: Site) -> None:
    added = Registrar(site).registered(invited(site), trusted=True, client_id="desk")
    assert added["client_id"] != "desk"
    client = site.services.clients.get(added["client_id"])
    assert client is not None
    assert not client.trusted


def test_open_registration_is_narrow_and_marked(site: Site) -> None:
    registrar = Registrar(site.with_settings(registration="open"))
    added = registrar.registered()
    client = site.services.clients.get(added["client_id"])
    assert client is not None
    assert client.unverified
    for changes in ({"scope": "openid official"}, {"profile": "fapi2"}, {"subject_type": "public"}):
        assert registrar.register(**changes).status_code == 400


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "application/json"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json"),
        (json.dumps({"client_name": "a" * 40_000}).encode(), "application/json"),
        (json.dumps({"client_name": "a" * 90_000}).encode(), "application/json"),
        (b"\xff\xfe", "application/json"),
        (json.dumps(METADATA).encode(), "text/plain"),
        (b"client_name=x", "application/x-www-form-urlencoded"),
    ],
    ids=["empty", "list", "half", "30 deep", "5000 deep", "40 kB", "90 kB", "not UTF-8", "text", "form"],
)
def test_a_body_that_is_not_small_json(site: Site, body: bytes, content_type: str) -> None:
    response = Registrar(site).send("POST", "/register", invited(site), data=body, content_type=content_type)
    assert response.status_code == 400
    assert response.get_json()["error"] == "invalid_client_metadata"


def test_other_methods(site: Site) -> None:
    registrar = Registrar(site)
    assert registrar.send("GET", "/register", None).status_code == 405
    assert registrar.send("POST", "/register/client_x", None).status_code == 405


def test_one_network_cannot_register_without_end(site: Site) -> None:
    open_site = site.with_settings(registration="open", registrations_per_network=3)
    registrar, other = Registrar(open_site), Registrar(open_site, "198.51.100.7")
    assert [registrar.register().status_code for _ in range(4)] == [201, 201, 201, 429]
    assert int(registrar.register().headers["Retry-After"]) > 0
    assert other.register().status_code == 201


def test_a_system_under_test_is_not_limited(site: Site) -> None:
    tested = site.with_settings(registration="open", registration_policy="certification", registrations_per_network=1)
    assert [Registrar(tested).register().status_code for _ in range(3)] == [201] * 3


def test_guessing_tokens_is_charged_and_invited_clients_are_not(site: Site) -> None:
    narrow = site.with_settings(registrations_per_network=3)
    registrar, token = Registrar(narrow), invited(site, uses=5)
    assert [registrar.register(token).status_code for _ in range(5)] == [201] * 5
    assert [registrar.register("guess").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_the_command_makes_invitations(site: Site) -> None:
    group = Group()
    clients.register(group, lambda: site.services)
    result = CliRunner().invoke(group, ["client", "invite", "--uses", "2", "--policy", "agency"])
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert made["registration_endpoint"].endswith("/register")
    assert Registrar(site).register(made["initial_access_token"]).status_code == 201
    assert len(site.events("idp.client.invited")) == 1
    assert CliRunner().invoke(group, ["client", "invite", "--policy", "none"]).exit_code != 0
