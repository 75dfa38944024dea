"""Mutual TLS: clients known by their certificate, and tokens that are worth nothing without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from base.clock import FixedClock
from idp.errors import RegistrationRefused
from tests.certificates import BEGINS, Authority, HeldCertificate, self_signed
from tests.proofs import HeldKey
from tests.provider import REDIRECT, VERIFIER, Provider, Registered, Reply

CITY, STRANGER = Authority(), Authority()
SUBJECT = "CN=Cổng,O=Sở Nội vụ,C=VN"
OWN, THIEFS = CITY.issue(SUBJECT), CITY.issue("CN=kẻ trộm,C=VN")
BOUND: dict[str, Any] = {"tls_client_certificate_bound_access_tokens": True}


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(CITY)


def by_name(provider: Provider, certificate: HeldCertificate = OWN, **metadata: Any) -> Registered:
    names = metadata.pop("names", {"tls_client_auth_subject_dn": SUBJECT})
    made = provider.client(token_endpoint_auth_method="tls_client_auth", trusted=True, **names, **metadata)
    return replace(made, certificate=certificate)


@pytest.fixture
def cookie(provider: Provider) -> str:
    return provider.session(provider.person())


def revoke(provider: Provider, client: Registered) -> Reply:
    """200 exactly when the client is authenticated."""
    return provider.posted("/revoke", client, token="unknown")


def bearer(provider: Provider, token: str, certificate: HeldCertificate | None) -> Reply:
    return provider.ask("/userinfo", headers={"Authorization": f"Bearer {token}"}, certificate=certificate)


NAMES: dict[str, tuple[str, x509.GeneralName]] = {
    "san_dns": ("Portal.example.vn", x509.DNSName("portal.Example.vn")),
    "san_uri": ("https://portal.example.vn/x", x509.UniformResourceIdentifier("https://portal.example.vn/x")),
    "san_ip": ("2001:DB8::1", x509.IPAddress(ip_address("2001:db8::1"))),
    "san_email": ("it@example.vn", x509.RFC822Name("it@example.vn")),
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_client_is_known_by_one_alternative_name(provider: Provider, kind: str) -> None:
    registered, shown = NAMES[kind]
    client = by_name(provider, CITY.issue("CN=x", names=[shown]), names={f"tls_client_auth_{kind}": registered})
    assert revoke(provider, client).status == 200
    others = [name for other, (_, name) in NAMES.items() if other != kind]
    for wrong in (OWN, CITY.issue("CN=x", names=others), CITY.issue(f"CN={registered}")):
        assert revoke(provider, replace(client, certificate=wrong)).json["error"] == "invalid_client"


@pytest.mark.parametrize(
    "certificate",
    [
        None,
        THIEFS,
        STRANGER.issue(SUBJECT),
        self_signed(SUBJECT),
        CITY.issue(SUBJECT, days=1),
        CITY.issue(SUBJECT, begins=BEGINS + timedelta(days=3000)),
        CITY.issue(SUBJECT, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        CITY.issue("C=VN,O=Sở Nội vụ,CN=Cổng"),
        CITY.issue("CN=Cổng,O=Sở Nội vụ"),
    ],
    ids=["none", "another", "stranger", "self-signed", "over", "not yet", "server", "reversed", "shorter"],
)
def test_a_wrong_certificate(provider: Provider, certificate: HeldCertificate | None) -> None:
    client = by_name(provider)
    assert revoke(provider, client).status == 200
    reply = revoke(provider, replace(client, certificate=certificate))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_a_certificate_the_client_has_published(provider: Provider, clock: FixedClock) -> None:
    own, other = self_signed(), self_signed()
    for jwks in (own.jwks, {"keys": [other.jwk, own.jwk]}):
        made = provider.client(token_endpoint_auth_method="self_signed_tls_client_auth", jwks=jwks)
        client = replace(made, certificate=own)
        assert revoke(provider, client).status == 200
        for wrong in (None, self_signed(), CITY.issue("CN=portal")):
            assert revoke(provider, replace(client, certificate=wrong)).status == 401
    same_key = provider.client(token_endpoint_auth_method="self_signed_tls_client_auth", jwks=other.jwks)
    renewed = self_signed(key=other.key)
    assert revoke(provider, replace(same_key, certificate=other)).status == 200
    assert revoke(provider, replace(same_key, certificate=renewed)).status == 401
    clock.move(20 * 365 * 86_400)
    assert revoke(provider, client).json["error"] == "invalid_client"


def test_no_key_no_registration(provider: Provider) -> None:
    for wrong in (
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "Cổng"},
    ):
        with pytest.raises(RegistrationRefused):
            provider.client(**wrong)


def test_a_secret_is_no_certificate_and_a_certificate_no_secret(provider: Provider) -> None:
    by_secret, client = provider.client(), by_name(provider)
    named = {"client_id": by_secret.id, "token": "x"}
    assert provider.ask("/revoke", method="POST", form=named, certificate=OWN).status == 401
    for more in ({"client_secret": by_secret.secret}, {"client_secret": "x"}):
        form = {"client_id": client.id, "token": "x", **more}
        assert provider.ask("/revoke", method="POST", form=form, certificate=OWN).status == 401


def tokens(provider: Provider, client: Registered, cookie: str) -> dict[str, Any]:
    reply = provider.redeem(client, provider.code(client, cookie))
    assert reply.status == 200, reply.body
    return reply.json


@pytest.mark.parametrize("method", ["tls_client_auth", "client_secret_basic", "none"])
def test_a_bound_token_needs_its_certificate(provider: Provider, cookie: str, method: str) -> None:
    if method == "tls_client_auth":
        client = by_name(provider, **BOUND)
    else:
        made = provider.client(token_endpoint_auth_method=method, trusted=True, **BOUND)
        client = replace(made, certificate=OWN)
    answer = tokens(provider, client, cookie)
    assert answer["token_type"] == "Bearer"
    token = answer["access_token"]
    assert bearer(provider, token, OWN).status == 200
    for wrong in (THIEFS, None, self_signed(SUBJECT)):
        reply = bearer(provider, token, wrong)
        assert (reply.status, reply.json["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in reply.headers["WWW-Authenticate"]
    in_form = provider.ask("/userinfo", method="POST", form={"access_token": token}, certificate=THIEFS)
    assert in_form.status == 401
    if method != "none":
        told = provider.posted("/introspect", client, token=token).json
        assert (told["token_type"], told["cnf"]) == ("Bearer", {"x5t#S256": OWN.thumbprint})


def test_no_bound_token_without_a_certificate(provider: Provider, cookie: str) -> None:
    client = provider.client(trusted=True, **BOUND)
    reply = provider.redeem(client, provider.code(client, cookie))
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


def test_a_token_is_bound_only_where_it_was_agreed(provider: Provider, cookie: str) -> None:
    token = tokens(provider, by_name(provider), cookie)["access_token"]
    assert bearer(provider, token, None).status == 200


def test_a_public_clients_refresh_token_is_bound_to_its_certificate(provider: Provider, cookie: str) -> None:
    made = provider.client(token_endpoint_auth_method="none", trusted=True, **BOUND)
    client, thief = replace(made, certificate=OWN), replace(made, certificate=THIEFS)
    token = tokens(provider, client, cookie)["refresh_token"]
    for wrong in (thief, made):
        assert provider.refresh(wrong, token).json["error"] in ("invalid_grant", "invalid_request")
    again = provider.refresh(client, token).json
    assert provider.refresh(thief, again["refresh_token"]).json["error"] == "invalid_grant"
    assert provider.refresh(client, again["refresh_token"]).status == 200


def test_key_and_certificate_together(provider: Provider, cookie: str) -> None:
    client, key = by_name(provider, dpop_bound_access_tokens=True, **BOUND), HeldKey()
    code = provider.code(client, cookie)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    reply = provider.posted("/token", client, proof=key.proof("/token", provider.now), **form)
    token = reply.json["access_token"]

    def ask(certificate: HeldCertificate | None, held: HeldKey = key) -> int:
        proof = held.proof("/userinfo", provider.now, method="GET", token=token)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return provider.ask("/userinfo", headers=headers, certificate=certificate).status

    assert [ask(OWN), ask(THIEFS), ask(None), ask(OWN, HeldKey())] == [200, 401, 401, 401]


def test_a_malformed_header_is_no_fault(provider: Provider, cookie: str) -> None:
    client = by_name(provider, **BOUND)
    token = tokens(provider, client, cookie)["access_token"]
    strange = provider.with_settings(mtls_form="pem_escaped")
    assert revoke(strange, client).status == 400
    assert bearer(strange, token, OWN).status == 401


def test_discovery_says_what_works(provider: Provider) -> None:
    def metadata(of: Provider) -> dict[str, Any]:
        return of.ask("/.well-known/openid-configuration").json

    both = {"tls_client_auth", "self_signed_tls_client_auth"}
    found = metadata(provider)
    assert both <= set(found["token_endpoint_auth_methods_supported"])
    assert both <= set(found["introspection_endpoint_auth_methods_supported"])
    assert found["tls_client_certificate_bound_access_tokens"] is True
    assert "mtls_endpoint_aliases" not in found
    off = metadata(provider.with_settings(mtls_header="", mtls_address="https://mtls.example.vn"))
    assert not both & set(off["token_endpoint_auth_methods_supported"])
    assert off["tls_client_certificate_bound_access_tokens"] is False
    assert "mtls_endpoint_aliases" not in off
    without = set(metadata(provider.with_settings(mtls_ca_file=""))["token_endpoint_auth_methods_supported"])
    assert without & both == {"self_signed_tls_client_auth"}
    with pytest.raises(RegistrationRefused):
        by_name(provider.with_settings(mtls_ca_file=""))


def test_another_address_for_mutual_tls(provider: Provider) -> None:
    apart = provider.with_settings(mtls_address="https://mtls.example.vn:8443/")
    aliases = apart.ask("/.well-known/openid-configuration").json["mtls_endpoint_aliases"]
    assert aliases["token_endpoint"] == "https://mtls.example.vn:8443/token"
    assert aliases["pushed_authorization_request_endpoint"] == "https://mtls.example.vn:8443/par"
    machine, key = apart.machine(dpop_bound_access_tokens=True), HeldKey()

    def ask(host: str, htu: str) -> int:
        headers = {
            "Authorization": machine.basic,
            "Host": host,
            "DPoP": key.proof("/token", apart.now, htu=htu),
        }
        return apart.ask("/token", method="POST", form={"grant_type": "client_credentials"}, headers=headers).status

    alias, issuer = "https://mtls.example.vn:8443/token", "http://localhost:8000/token"
    assert ask("mtls.example.vn:8443", alias) == ask("localhost:8000", issuer) == 200
    assert ask("localhost:8000", alias) == ask("mtls.example.vn:8443", issuer) == ask("evil.test", alias) == 400
