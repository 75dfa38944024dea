"""Registering clients: from metadata to a working client, by the flow and by the command line."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from base.texts import Text
from idp.cli import clients
from idp.errors import RegistrationRefused
from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.flows.register_client import register
from tests.contract.test_weak_keys import WEAK
from tests.provider import REDIRECT, Provider
from tests.unit.keys.test_shared_primes import jwks, modulus, pair

METADATA = {"client_name": "Cổng dịch vụ công", "redirect_uris": [REDIRECT]}


def run(provider: Provider, *words: str, given: str = "") -> tuple[int, str]:
    group = click.Group()
    clients.register(group, lambda: provider.services)
    result = CliRunner().invoke(group, words, input=given)
    if isinstance(result.exception, RegistrationRefused):
        return 1, str(result.exception)
    return result.exit_code, result.stdout


def test_add_prints_identifier_and_secret(provider: Provider) -> None:
    code, printed = run(provider, "client", "add", "-", given=json.dumps(METADATA))
    assert code == 0
    added = json.loads(printed)
    assert added["client_secret_expires_at"] == 0
    assert added["id_token_signed_response_alg"] == "RS256"
    client = provider.services.clients.get(added["client_id"])
    assert client is not None
    assert client.secret_hash not in (None, added["client_secret"])


def test_a_public_client_has_no_secret(provider: Provider) -> None:
    added = register(provider.services, METADATA | {"token_endpoint_auth_method": "none"})
    assert "client_secret" not in added
    assert "client_secret_expires_at" not in added


def test_list_shows_no_secret(provider: Provider) -> None:
    added = register(provider.services, METADATA)
    code, printed = run(provider, "client", "list")
    assert code == 0
    assert json.loads(printed)["client_id"] == added["client_id"]
    assert added["client_secret"] not in printed


@pytest.mark.parametrize("given", ["", "[]", '"x"', "{", '{"redirect_uris": ["javascript:x"]}', "{}"])
def test_add_refuses(provider: Provider, given: str) -> None:
    code, said = run(provider, "client", "add", "-", given=given)
    assert code == 1
    assert said.startswith("invalid_")


def test_twice(provider: Provider) -> None:
    register(provider.services, METADATA, client_id="portal")
    with pytest.raises(RegistrationRefused):
        register(provider.services, METADATA, client_id="portal")
    again = register(provider.services, METADATA, client_id="portal", if_missing=True)
    assert again == {"client_id": "portal"}


def test_a_client_found_missing_a_moment_ago_is_usable_at_once(provider: Provider) -> None:
    assert provider.services.clients.get("portal") is None
    register(provider.services, METADATA, client_id="portal")
    assert provider.services.clients.get("portal") is not None


def test_an_organisation_is_the_sector(provider: Provider) -> None:
    create_organisation(provider.services, NewOrganisation("G01", "Bộ Nội vụ", "Ministry of Home Affairs"))
    with pytest.raises(RegistrationRefused):
        register(provider.services, METADATA, organisation_code="G99")
    purpose = Text("Nộp hồ sơ", "Applications")
    added = register(provider.services, METADATA, organisation_code="G01", purpose=purpose)
    client = provider.services.clients.get(added["client_id"])
    assert client is not None
    assert client.sector.startswith("org:")
    assert client.purpose == purpose


def test_a_short_secret_is_refused(provider: Provider) -> None:
    with pytest.raises(RegistrationRefused):
        register(provider.services, METADATA, client_secret="hunter2")


@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"subject_type": "other"},
        {"grant_types": ["authorization_code", "password"]},
        {"grant_types": ["authorization_code", "implicit"]},
        {"response_types": ["code", "token"]},
        {"default_acr_values": ["urn:else"]},
        {"client_uri": "https://"},
        {"jwks": {"keys": [{"kty": "EC"}]}},
    ],
    ids=str,
)
def test_what_the_server_does_not_offer(provider: Provider, metadata: dict[str, object]) -> None:
    with pytest.raises(RegistrationRefused):
        register(provider.services, METADATA | metadata)


def test_a_weak_key_in_the_key_set_is_refused_and_a_good_one_twice_is_not(provider: Provider) -> None:
    good = of_jwk(modulus(pair()[0]))
    register(provider.services, {**METADATA, "jwks": good})
    register(provider.services, {**METADATA, "jwks": good})
    for weak in (of_jwk(WEAK["close_primes"][0].n), of_jwk(modulus(pair()[2])), of_jwk(modulus(pair()[1]), e="Aw")):
        with pytest.raises(RegistrationRefused, match="weak key"):
            register(provider.services, {**METADATA, "jwks": weak})


def of_jwk(n: int, e: str = "AQAB") -> dict[str, object]:
    return {"keys": [{**jwks(n)["keys"][0], "e": e, "use": "sig"}]}
