"""
FI-07: what a stranger names is fetched from no private address, however it is spelled, named or reached; second-order
included. A canary on loopback counts its visitors, for every kind of address a client can name.

The host answers at `localhost`, so here the guarded client is closed to private addresses, as in production.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from base.fetches import Fetches
from base.http import HttpClient, OutboundRefused
from base.outbox import Worker
from idp.flows.background import outbox_handlers
from idp.oauth.client_auth.client_keys import ClientKeys
from idp.oauth.request_references import RequestReferences
from tests.functional.idp_site import CALLBACK, Site, assemble
from tests.functional.registrar import Registrar, invited
from tests.hosts import Host
from tests.proofs import HeldKey

KEY = HeldKey("RS256")
HOSTS = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "0.0.0.0",
    "169.254.169.254",
    "[fe80::1]",
    "rebind.example",
]
Attack = Callable[[Site, str], None]


@pytest.fixture
def closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The provider with no way to private addresses, in a world where rebind.example is loopback."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "rebind.example":
            if more.get("flags"):
                raise socket.gaierror
            host = "127.0.0.1"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return with_client(site, HttpClient(timeout_seconds=2, allow_private=False))


def with_client(site: Site, http: HttpClient) -> Site:
    """The same provider with another guarded client, everywhere."""
    base = replace(site.services.base, http=http)
    fetches = Fetches(http, 2)
    services = replace(
        site.services,
        base=base,
        fetches=fetches,
        references=RequestReferences(fetches),
        client_keys=ClientKeys(fetches, base.clock, lambda shown: shown),
    )
    return assemble(services, site.clock)


def jwks_uri(site: Site, address: str) -> None:
    """Registered beforehand by an administrator, fetched for an assertion and for a request object."""
    site.add_client("victim", jwks_uri=address, token_endpoint_auth_method="private_key_jwt")
    form = {"grant_type": "client_credentials", **KEY.assertion("victim", site.clock.now())}
    assert site.app.test_client().post("/token", data=form).status_code == 401
    site.browser().get(site.authorize_url("victim", request=KEY.sign({"iss": "victim"})))


def request_uri(site: Site, address: str) -> None:
    site.add_client("victim", jwks=KEY.jwks, request_uris=[address])
    answer = site.browser().get(site.authorize_url("victim", request_uri=address))
    assert "error=invalid_request_uri" in answer.headers["Location"]


def sector_identifier_uri(site: Site, address: str) -> None:
    response = Registrar(site).register(invited(site), sector_identifier_uri=address)
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_client_metadata")


def logo_uri(site: Site, address: str) -> None:
    Registrar(site).registered(invited(site), logo_uri=address)
    Worker(site.services.base.db, site.clock, outbox_handlers(site.services)).deliver_due()


ATTACKS: tuple[Attack, ...] = (jwks_uri, request_uri, sector_identifier_uri, logo_uri)


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_no_private_address_is_reached(closed: Site, host: Host, attack: Attack, name: str) -> None:
    port = host.address.rpartition(":")[2]
    host.serve("/it", [CALLBACK])
    attack(closed, f"https://{name}:{port}/it")
    assert (host.visits, host.connections) == ([], 0)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_no_redirect_leads_there(site: Site, host: Host, attack: Attack) -> None:
    """Second order: the address is fine, what it answers points at the canary."""
    host.redirects["/it"] = host.serve("/canary", [CALLBACK])
    attack(site, host.url("/it"))
    assert set(host.visits) == {"/it"}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_is_found_there_leads_nowhere_either(site: Site, host: Host, attack: Attack) -> None:
    """Second order: keys, objects and pictures that name further addresses."""
    canary = host.url("/canary")
    header = {"alg": "RS256", "jku": canary, "x5u": canary, "kid": canary}
    signed = KEY.sign({"iss": "victim", "request_uri": canary, "aud": "x"}, header).encode()
    jwks = {"keys": [{"kty": "RSA", "x5u": canary, "jku": canary, "kid": "k1"}]}
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{canary}"/></svg>'.encode()
    found: dict[str, Any] = {
        "jwks_uri": jwks,
        "request_uri": signed,
        "sector_identifier_uri": [canary],
        "logo_uri": svg,
    }
    host.serve("/canary", b"")
    host.serve("/it", found[attack.__name__])
    if attack is request_uri:
        site.add_client("victim", jwks=KEY.jwks, request_uris=[host.url("/it")])
        site.browser().get(site.authorize_url("victim", request_uri=host.url("/it")))
    else:
        attack(site, host.url("/it"))
    assert set(host.visits) == {"/it"}


def test_slow_addresses_do_not_hold_every_thread(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are waited for at once; the next is refused at once instead of holding one more thread."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow = HttpClient(timeout_seconds=1, allow_private=True)
        fetches = Fetches(slow, 2)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        places = [fetches._places.acquire(blocking=False) for _ in range(2)]
        assert all(places)
        with pytest.raises(OutboundRefused) as caught:
            fetches.get(address, accept="*/*", most_bytes=10)
        assert caught.value.code == "outbound_busy"
        fetches._places.release()
        with pytest.raises(OutboundRefused) as caught:
            fetches.get(address, accept="*/*", most_bytes=10)
        assert caught.value.code == "outbound_too_late"
