"""A client manages its own registration and no other (RFC 7592; OA-35)."""

from __future__ import annotations

from typing import Any

import pytest

from base.ids import hash_secret
from idp.flows.access_tokens import live_claims
from idp.flows.background import reap
from idp.models import clients
from idp.store.clients import delete_client
from keys.api import TokenType
from tests.functional.idp_site import Browser, Site, answer_of
from tests.functional.registrar import METADATA, Registrar, invited


@pytest.fixture
def registrar(site: Site) -> Registrar:
    return Registrar(site)


@pytest.fixture
def added(site: Site, registrar: Registrar) -> dict[str, Any]:
    return registrar.registered(invited(site))


def test_it_reads_itself(registrar: Registrar, added: dict[str, Any]) -> None:
    response = registrar.read(added["client_id"], added["registration_access_token"])
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    found = response.get_json()
    assert found == {name: value for name, value in added.items() if not name.startswith("client_secret")}


def test_a_token_counts_for_its_own_client_alone(site: Site, registrar: Registrar, added: dict[str, Any]) -> None:
    other = registrar.registered(invited(site))
    for call in (registrar.read, registrar.delete):
        response = call(added["client_id"], other["registration_access_token"])
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert registrar.replace(added["client_id"], other["registration_access_token"], **METADATA).status_code == 401
    assert registrar.read(added["client_id"], added["registration_access_token"]).status_code == 200


@pytest.mark.parametrize("mode", ["open", "token", "closed"])
@pytest.mark.parametrize("token", [None, "", "guess"])
def test_opening_registration_opens_no_management(
    site: Site, added: dict[str, Any], mode: str, token: str | None
) -> None:
    registrar = Registrar(site.with_settings(registration=mode))
    assert registrar.read(added["client_id"], token).status_code == 401
    assert registrar.replace(added["client_id"], token, **METADATA).status_code == 401
    assert registrar.delete(added["client_id"], token).status_code == 401
    assert registrar.read(added["client_id"], added["registration_access_token"]).status_code == 200


def test_an_initial_access_token_or_a_secret_manages_nothing(site: Site, registrar: Registrar) -> None:
    token = invited(site, uses=2)
    added = registrar.registered(token)
    for wrong in (token, added["client_secret"], added["client_id"]):
        assert registrar.read(added["client_id"], wrong).status_code == 401


def test_what_an_administrator_added_is_managed_by_commands_alone(site: Site, registrar: Registrar) -> None:
    site.add_client("portal")
    for token in (None, "", "portal"):
        assert registrar.read("portal", token).status_code == 401


@pytest.mark.parametrize("client_id", ["nobody", "a" * 90, "%00", "client_%F0%9F%92%A9", "..", "x%0d%0ay"])
def test_an_unknown_client_looks_like_a_wrong_token(registrar: Registrar, client_id: str) -> None:
    assert registrar.read(client_id, "guess").status_code == 401


def test_a_replacement_replaces_everything_and_turns_the_token(registrar: Registrar, added: dict[str, Any]) -> None:
    client_id, first = added["client_id"], added["registration_access_token"]
    response = registrar.replace(client_id, first, **METADATA | {"client_name": "Tên mới", "grant_types": None})
    assert response.status_code == 400  # null is no list
    kept = {"client_name": "Tên mới", "redirect_uris": METADATA["redirect_uris"]}
    replaced = registrar.replace(client_id, first, **kept)
    assert replaced.status_code == 200
    now = replaced.get_json()
    assert now["client_name"] == "Tên mới"
    assert now["grant_types"] == ["authorization_code"]
    assert "client_secret" not in now
    second = now["registration_access_token"]
    assert second != first
    assert registrar.read(client_id, first).status_code == 401
    assert registrar.read(client_id, second).get_json()["client_name"] == "Tên mới"
    client = registrar.site.services.clients.get(client_id)
    assert client is not None
    assert client.name == "Tên mới"
    assert len(registrar.site.events("idp.client.replaced")) == 1


def test_a_replacement_keeps_its_secret_and_may_show_it(registrar: Registrar, added: dict[str, Any]) -> None:
    client_id, token, secret = (added[name] for name in ("client_id", "registration_access_token", "client_secret"))
    assert registrar.replace(client_id, token, **METADATA, client_secret="chosen by myself").status_code == 400
    response = registrar.replace(client_id, token, **METADATA, client_secret=secret)
    assert response.status_code == 200
    client = registrar.site.services.clients.get(client_id)
    assert client is not None
    assert client.secret_hash is not None


def test_a_client_that_comes_to_need_a_secret_gets_one(site: Site, registrar: Registrar) -> None:
    public = registrar.registered(invited(site), token_endpoint_auth_method="none")
    assert "client_secret" not in public
    token = public["registration_access_token"]
    now = registrar.replace(public["client_id"], token, **METADATA).get_json()
    assert now["client_secret"]
    assert now["client_secret_expires_at"] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://op.example.vn/register/x"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 1},
        {"client_id": "other"},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"scope": "openid official"},
        {"profile": "machine"},
        {"resource": "https://sign.example.vn"},
        {"software_statement": "e30.e30."},
    ],
    ids=str,
)
def test_what_a_replacement_must_not_hold(registrar: Registrar, added: dict[str, Any], changes: dict[str, Any]) -> None:
    token = added["registration_access_token"]
    response = registrar.replace(added["client_id"], token, **METADATA | changes)
    assert response.status_code == 400
    assert registrar.read(added["client_id"], token).status_code == 200  # nothing changed, so its token did not either


def signed_in(site: Site, client_id: str) -> Browser:
    """A person who has allowed the service everything."""
    site.add_user("hong", email="hong@example.vn")
    browser = site.browser()
    browser.sign_in("hong", start=site.authorize_url(client_id, scope="openid email offline_access", prompt="consent"))
    return browser


def tokens(site: Site, added: dict[str, Any], browser: Browser) -> dict[str, Any]:
    code = answer_of(browser.submit("/consent", decision="allow"))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": METADATA["redirect_uris"][0],
        "code_verifier": "v" * 64,
    }
    secret = (added["client_id"], added["client_secret"])
    return dict(site.app.test_client().post("/token", data=form, auth=secret).get_json())


def test_a_deleted_client_is_gone_with_all_it_was_given(
    site: Site, registrar: Registrar, added: dict[str, Any]
) -> None:
    client_id, manage = added["client_id"], added["registration_access_token"]
    browser = signed_in(site, client_id)
    given = tokens(site, added, browser)
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    machine = site.app.test_client()
    assert machine.get("/userinfo", headers=headers).status_code == 200
    assert registrar.delete(client_id, manage).status_code == 204
    assert machine.get("/userinfo", headers=headers).status_code == 401
    site.clock.move(1)  # by then every process knows
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert machine.post("/token", data=refresh, auth=(client_id, added["client_secret"])).status_code == 401
    assert browser.get(site.authorize_url(client_id)).status_code == 400
    assert registrar.read(client_id, manage).status_code == 401
    assert registrar.delete(client_id, manage).status_code == 401
    assert len(site.events("idp.client.deleted")) == 1
    browser.get("/account")
    assert 'action="/account/services/revoke"' not in browser.text


def test_what_slipped_through_while_it_was_deleted_does_not_count_either(site: Site, added: dict[str, Any]) -> None:
    """An authorization that was made in the same moment has missed the revocation; its client is gone all the same."""
    given = tokens(site, added, signed_in(site, added["client_id"]))
    with site.services.base.db.begin() as connection:
        token_hash = hash_secret(added["registration_access_token"])
        assert delete_client(connection, added["client_id"], token_hash, site.clock.now())
    site.clock.move(1)
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert site.app.test_client().get("/userinfo", headers=headers).status_code == 401


def test_the_tokens_of_a_machine_end_with_it(site: Site, registrar: Registrar) -> None:
    machine = {"profile": "machine", "redirect_uris": None, "grant_types": None, "scope": "records.read"}
    mine = registrar.registered(invited(site, policy="agency"), **machine)
    claims = {
        "iss": site.services.issuer,
        "aud": "https://records.example.vn",
        "client_id": mine["client_id"],
        "scope": "records.read",
        "jti": "jti_1",
        "exp": site.clock.now() + 300,
    }
    token = site.services.keys.sign_jwt(claims, typ=TokenType.ACCESS, alg="ES256")
    assert live_claims(site.services, token)
    assert registrar.delete(mine["client_id"], mine["registration_access_token"]).status_code == 204
    site.clock.move(1)
    assert live_claims(site.services, token) is None


def test_the_row_of_a_deleted_client_goes_when_nothing_hangs_on_it(
    site: Site, registrar: Registrar, added: dict[str, Any]
) -> None:
    tokens(site, added, signed_in(site, added["client_id"]))
    registrar.delete(added["client_id"], added["registration_access_token"])
    assert count(site) == 1
    site.clock.move(2 * 86_400)
    reap(site.services)
    assert count(site) == 0


def test_a_client_of_open_registration_that_nobody_used_is_deleted(site: Site) -> None:
    registrar = Registrar(site.with_settings(registration="open"))
    unused, used = registrar.registered(), registrar.registered()
    invited_one = registrar.registered(invited(site))
    tokens(site, used, signed_in(site, used["client_id"]))
    site.clock.move(site.services.settings.unused_client_seconds + 1)
    reap(site.services)
    found = site.services.clients.get
    assert found(unused["client_id"]) is None
    assert found(used["client_id"]) is not None
    assert found(invited_one["client_id"]) is not None


def count(site: Site) -> int:
    with site.services.base.db.read() as connection:
        return len(connection.execute(clients.select()).all())


def test_one_network_cannot_replace_without_end(site: Site, added: dict[str, Any]) -> None:
    """Guessed tokens and whatever makes us fetch count; an honest replacement that fetches nothing does not."""
    narrow = site.with_settings(registrations_per_network=2)
    registrar, client_id, key = Registrar(narrow), added["client_id"], added["registration_access_token"]
    for _ in range(3):
        key = registrar.replace(client_id, key, **METADATA).get_json()["registration_access_token"]
    assert [registrar.replace(client_id, "guess", **METADATA).status_code for _ in range(3)] == [401, 401, 429]
    refused = registrar.replace(client_id, key, **METADATA)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert Registrar(narrow, "198.51.100.7").replace(client_id, key, **METADATA).status_code == 200
