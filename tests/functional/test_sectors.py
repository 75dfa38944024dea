"""Sector identifiers: which clients see a person under one subject (OpenID Connect Core §8.1)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.flows.create_organisation import NewOrganisation, create_organisation
from idp.oauth.subjects import subject_for
from idp.protocol.client import Client
from tests.functional.idp_site import Site
from tests.functional.registrar import METADATA, Registrar, invited
from tests.hosts import Host

ONE, TWO = "https://mot.example.vn/cb", "https://hai.example.vn/cb"


def client_of(site: Site, added: dict[str, Any]) -> Client:
    found = site.services.clients.get(added["client_id"])
    assert found is not None
    return found


def subject(site: Site, added: dict[str, Any]) -> str:
    return subject_for(site.services.keys, client_of(site, added), "u_1")


def test_two_clients_of_one_sector_share_their_subjects(site: Site, host: Host) -> None:
    sector = host.serve("/sector.json", [ONE, TWO])
    registrar = Registrar(site)
    first = registrar.registered(invited(site), redirect_uris=[ONE], sector_identifier_uri=sector)
    second = registrar.registered(invited(site), redirect_uris=[TWO], sector_identifier_uri=sector)
    alone = registrar.registered(invited(site), redirect_uris=[ONE])
    assert subject(site, first) == subject(site, second) != subject(site, alone)
    assert client_of(site, first).sector == "localhost"
    assert host.visits == ["/sector.json"] * 2  # once each, and never at a sign-in


def test_several_hosts_need_a_sector(site: Site, host: Host) -> None:
    registrar = Registrar(site)
    assert registrar.register(invited(site), redirect_uris=[ONE, TWO]).status_code == 400
    sector = host.serve("/sector.json", [TWO, ONE])
    assert registrar.register(invited(site), redirect_uris=[ONE, TWO], sector_identifier_uri=sector).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        [TWO],
        [],
        {ONE: True},
        "https://mot.example.vn/cb",
        [ONE, 7],
        b"not JSON",
        b"[" * 5000,
        b'["' + b"a" * 70_000 + b'"]',
        None,
    ],
    ids=["lacks one", "empty", "object", "string", "number", "text", "deep", "long", "missing"],
)
def test_a_sector_document_that_does_not_hold(site: Site, host: Host, content: Any) -> None:
    sector = host.serve("/sector.json", content)
    response = Registrar(site).register(invited(site), redirect_uris=[ONE], sector_identifier_uri=sector)
    assert response.status_code == 400
    assert response.get_json()["error"] == "invalid_client_metadata"
    assert "sector_identifier_uri" in response.get_json()["error_description"]


def test_a_redirect_is_no_sector_document(site: Site, host: Host) -> None:
    host.redirects["/sector.json"] = host.serve("/elsewhere.json", [ONE])
    sector = host.url("/sector.json")
    response = Registrar(site).register(invited(site), redirect_uris=[ONE], sector_identifier_uri=sector)
    assert response.status_code == 400
    assert host.visits == ["/sector.json"]


def test_it_is_judged_again_when_the_client_changes_itself(site: Site, host: Host) -> None:
    sector = host.serve("/sector.json", [ONE])
    registrar = Registrar(site)
    added = registrar.registered(invited(site), redirect_uris=[ONE], sector_identifier_uri=sector)
    changed = {"client_name": "x", "redirect_uris": [ONE, TWO], "sector_identifier_uri": sector}
    token = added["registration_access_token"]
    assert registrar.replace(added["client_id"], token, **changed).status_code == 400
    host.serve("/sector.json", [ONE, TWO])
    assert registrar.replace(added["client_id"], token, **changed).status_code == 200


def test_an_organisation_stays_one_sector(site: Site, host: Host) -> None:
    """Neither does a sector document take a service out of its agency's sector, nor bring a stranger into it."""
    create_organisation(site.services, NewOrganisation("G01", "Bộ Nội vụ", "Ministry of Home Affairs"))
    sector, registrar = host.serve("/sector.json", [ONE, TWO]), Registrar(site)
    first = registrar.registered(
        invited(site, policy="agency", code="G01"), redirect_uris=[ONE], sector_identifier_uri=sector
    )
    second = registrar.registered(invited(site, policy="agency", code="G01"), redirect_uris=[TWO])
    stranger = registrar.registered(invited(site), redirect_uris=[TWO], sector_identifier_uri=sector)
    assert subject(site, first) == subject(site, second) != subject(site, stranger)


def test_registering_and_replacing_cannot_have_it_fetched_without_end(site: Site, host: Host) -> None:
    sector = host.serve("/sector.json", [ONE])
    metadata = {"redirect_uris": [ONE], "sector_identifier_uri": sector}
    narrow = site.with_settings(fetches_per_network=3)
    registrar = Registrar(narrow)
    token = invited(site, uses=9)
    added = registrar.registered(token, **metadata)
    manage = {**METADATA, **metadata}
    client_id, key = added["client_id"], added["registration_access_token"]
    for _ in range(2):
        replaced = registrar.replace(client_id, key, **manage)
        assert replaced.status_code == 200, replaced.text
        key = replaced.get_json()["registration_access_token"]
    for refused in (registrar.replace(client_id, key, **manage), registrar.register(token, **metadata)):
        assert (refused.status_code, refused.get_json()["error"]) == (429, "temporarily_unavailable")
        assert int(refused.headers["Retry-After"]) > 0
    assert len(host.visits) == 3
    assert Registrar(narrow, "198.51.100.7").register(token, **metadata).status_code == 201
