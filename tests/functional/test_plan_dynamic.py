"""
The official Dynamic plan, module by module: each test is named after its module (without `oidcc-`) and does what the
module does: it registers a client by HTTP, authenticates with private_key_jwt (RS256, the token endpoint as audience)
and serves its sector document, its keys and its request objects from a web server of its own.

Of the 23 modules, userinfo-rs256 is in test_oauth_encrypted.py, and the response types other than `code` are in the
Implicit and Hybrid plans. Modules that skip themselves are tested for what they skip on.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from base.outbox import Worker
from idp.flows.background import outbox_handlers
from tests.functional.idp_site import CALLBACK, Site
from tests.functional.plan_party import ISSUER, Answer, Party, Variant
from tests.functional.plan_tables import operator
from tests.functional.registrar import Registrar, invited
from tests.hosts import Host, hosting
from tests.proofs import HeldKey

__all__ = ["operator"]
KEY, NEXT_KEY = HeldKey("RS256"), HeldKey("RS256")
CODE = Variant("code")


def keys_of(key: HeldKey, kid: str = "k1") -> dict[str, Any]:
    return {"keys": [{**key.jwk, "kid": kid, "alg": "RS256", "use": "sig"}]}


@dataclass
class DynamicParty(Party):
    """A client that registered itself; kid: of the key it signs with now."""

    kid: str = "k1"

    def token(self, **form: str) -> TestResponse:
        audience = ISSUER + "/token"
        assertion = self.signing.assertion(self.id, self.site.clock.now(), aud=audience)
        return self.site.app.test_client().post("/token", data={**form, "client_id": self.id, **assertion})

    @property
    def signing(self) -> HeldKey:
        return HeldKeyOf(self.key.alg, self.key.key, self.kid)


@dataclass
class HeldKeyOf(HeldKey):
    """A key that names itself in what it signs."""

    kid: str = "k1"

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None, **changes: Any) -> str:
        return super().sign(claims, {**(header or {}), "kid": self.kid}, **changes)


@dataclass
class Suite:
    """The installation under test and the suite's own web server."""

    site: Site
    host: Host
    registrar: Registrar = field(init=False)

    def __post_init__(self) -> None:
        self.registrar = Registrar(self.site)

    def register(self, token: str | None = None, **changes: Any) -> TestResponse:
        """A registration as the suite sends it."""
        whole = {
            "client_name": "conformance test",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "contacts": ["certification@example.vn"],
            "jwks": keys_of(KEY),
        } | changes
        return self.registrar.register(token, **whole)

    def party(self, token: str | None = None, **changes: Any) -> DynamicParty:
        """A fresh client, its registration answer checked as every module checks it."""
        response = self.register(token, **changes)
        assert response.status_code == 201, response.text
        assert response.content_type == "application/json"
        added = response.get_json()
        assert ("registration_client_uri" in added) == ("registration_access_token" in added)
        assert "client_secret_expires_at" in added or "client_secret" not in added
        return DynamicParty(self.site, CODE, added, self.site.browser(), KEY)

    def work(self) -> None:
        """What the delivery worker does within a moment."""
        base = self.site.services.base
        Worker(base.db, base.clock, outbox_handlers(self.site.services)).deliver_due()
        self.site.clock.move(1)


@pytest.fixture
def suite(operator: Site) -> Iterator[Suite]:
    with hosting() as host:
        site = operator.with_settings(
            registration="open", registration_policy="certification", registrations_per_network=1000
        )
        yield Suite(site, host)


def metadata_of(suite: Suite) -> dict[str, Any]:
    return dict(suite.site.app.test_client().get("/.well-known/openid-configuration").get_json())


def test_idtoken_rs256(suite: Suite) -> None:
    suite.party(id_token_signed_response_alg="RS256").flow()  # checked() insists on RS256 and a published kid


def test_idtoken_unsigned(suite: Suite) -> None:
    """Skips itself: `none` is not listed. Asked for all the same, it is refused."""
    assert "none" not in metadata_of(suite)["id_token_signing_alg_values_supported"]
    assert suite.register(id_token_signed_response_alg="none").status_code == 400


def test_ensure_redirect_uri_in_authorization_request(suite: Suite) -> None:
    party = suite.party(redirect_uris=[CALLBACK, f"{CALLBACK}?two"])
    page = party.send(party.request(redirect_uri=None))
    assert not isinstance(page, Answer)
    assert page.status_code == 400
    assert "Location" not in page.headers


def test_redirect_uri_query_ok(suite: Suite) -> None:
    address = f"{CALLBACK}?foo=bar"
    party = suite.party(redirect_uris=[address])
    page = party.browser.get("/authorize?" + "&".join(f"{k}={v}" for k, v in party.request(redirect_uri=None).items()))
    assert page.status_code == 400
    answer = party.send(party.request(redirect_uri=address))
    assert isinstance(answer, Answer)
    assert answer.values["foo"] == "bar"
    assert answer.values["code"]


@pytest.mark.parametrize("sent", [f"{CALLBACK}?foo=baz", CALLBACK, f"{CALLBACK}?foo=bar&x=y"])
def test_redirect_uri_query_mismatch(suite: Suite, sent: str) -> None:
    party = suite.party(redirect_uris=[f"{CALLBACK}?foo=bar"])
    page = party.send(party.request(redirect_uri=sent))
    assert not isinstance(page, Answer)
    assert page.status_code == 400


def test_redirect_uri_query_added(suite: Suite) -> None:
    party = suite.party()
    page = party.send(party.request(redirect_uri=f"{CALLBACK}?foo=bar"))
    assert not isinstance(page, Answer)
    assert page.status_code == 400


def test_redirect_uri_regfrag(suite: Suite) -> None:
    response = suite.register(redirect_uris=[f"{CALLBACK}#foobar"])
    assert response.status_code == 400
    assert response.get_json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


def test_discovery_endpoint_verification(suite: Suite) -> None:
    metadata = metadata_of(suite)
    assert metadata["registration_endpoint"] == f"{ISSUER}/register"
    assert {"code", "id_token", "id_token token"} <= set(metadata["response_types_supported"])
    assert {"authorization_code", "implicit"} <= set(metadata["grant_types_supported"])
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]
    assert metadata["request_uri_parameter_supported"] is True
    assert set(metadata["subject_types_supported"]) == {"pairwise", "public"}
    assert "openid" in metadata["scopes_supported"]


def test_server(suite: Suite) -> None:
    suite.party().flow()


def test_the_same_with_an_initial_access_token(suite: Suite) -> None:
    """Where registration is not open: the suite sends one for all its clients (`client.initial_access_token`)."""
    closed = Suite(suite.site.with_settings(registration="token"), suite.host)
    assert closed.register().status_code == 401
    token = invited(closed.site, policy="certification", uses=2)
    for _ in range(2):
        closed.party(token).flow()
    assert closed.register(token).status_code == 401


def test_registration_logo_uri(suite: Suite) -> None:
    written = io.BytesIO()
    Image.new("RGB", (64, 64), (0, 90, 200)).save(written, "PNG")
    party = suite.party(logo_uri=suite.host.serve("/logo.png", written.getvalue()))
    suite.work()
    party.browser.get("/authorize?" + "&".join(f"{k}={v}" for k, v in party.request().items()))
    assert party.browser.path == "/login"
    assert '<img class="asker-logo" src="/logo/' in party.browser.text
    party.flow()


@pytest.mark.parametrize("name", ["policy_uri", "tos_uri"])
def test_registration_policy_uri_and_tos_uri(suite: Suite, name: str) -> None:
    party = suite.party(**{name: f"{suite.host.address}/{name}"})
    party.browser.get("/authorize?" + "&".join(f"{k}={v}" for k, v in party.request().items()))
    assert party.browser.path == "/login"
    assert f'href="{suite.host.address}/{name}"' in party.browser.text
    party.flow()


def test_registration_jwks_uri(suite: Suite) -> None:
    suite.party(jwks=None, jwks_uri=suite.host.serve("/jwks", keys_of(KEY))).flow()
    assert "/jwks" in suite.host.visits


def test_registration_sector_uri(suite: Suite) -> None:
    sector = suite.host.serve("/redirect_uris.json", [CALLBACK])
    suite.party(subject_type="pairwise", sector_identifier_uri=sector)


def test_registration_sector_bad(suite: Suite) -> None:
    sector = suite.host.serve("/redirect_uris.json", ["https://else.example.vn/cb"])
    response = suite.register(subject_type="pairwise", sector_identifier_uri=sector)
    assert response.status_code == 400
    assert response.get_json()["error"] == "invalid_client_metadata"


def test_server_rotate_keys(suite: Suite) -> None:
    """After a rotation the new key signs, and tokens signed before still verify with a published key."""
    party, published = suite.party(), suite.site.app.test_client()
    before = {key["kid"] for key in published.get("/jwks").get_json()["keys"]}
    first = party.flow()
    suite.site.services.keys.rotate("token", "RS256", force=True)
    after = {key["kid"] for key in published.get("/jwks").get_json()["keys"]}
    assert after - before
    party.checked(first.tokens["id_token"], first.request)
    party.flow()


def test_refresh_token_rp_key_rotation(suite: Suite) -> None:
    jwks_uri = suite.host.serve("/jwks", keys_of(KEY))
    party = suite.party(jwks=None, jwks_uri=jwks_uri, grant_types=["authorization_code", "refresh_token"])
    flow = party.flow(scope="openid offline_access", prompt="consent")
    suite.host.serve("/jwks", keys_of(NEXT_KEY, "k2"))
    party.key, party.kid = NEXT_KEY, "k2"
    suite.site.clock.move(60)
    reply = party.token(grant_type="refresh_token", refresh_token=flow.tokens["refresh_token"])
    assert reply.status_code == 200, reply.text
    assert party.userinfo(reply.get_json()["access_token"]).status_code == 200


def test_request_uri_unsigned(suite: Suite) -> None:
    """Skips itself: `none` is not listed. An unsigned object is refused, wherever it lies."""
    assert "none" not in metadata_of(suite)["request_object_signing_alg_values_supported"]
    party = suite.party(request_uris=[suite.host.url("/request.jwt#anything")])
    request = party.request()
    suite.host.serve("/request.jwt", party.request_object(request, alg="none").encode())
    answer = party.answer({**request, "request_uri": suite.host.url("/request.jwt#anything")})
    assert answer.values["error"] == "invalid_request_object"


def test_request_uri_signed_rs256(suite: Suite) -> None:
    """As the suite makes it: registered with the digest of something else, and an object without `exp`."""
    address = suite.host.url("/requesturi/" + "r" * 64 + "#Ttsxgx-Vf3iDiLRmIIHiYkHwzSwQ4TbtDGcLgBYmdlw")
    party = suite.party(request_uris=[address], request_object_signing_alg="RS256")
    request = party.request()
    content = KEY.sign({**request, "iss": party.id, "aud": ISSUER}, {"kid": "k1"})
    suite.host.serve("/requesturi/" + "r" * 64, content.encode())
    outside = {name: request[name] for name in ("client_id", "response_type", "scope")}
    answer = party.send({**outside, "request_uri": address})
    assert isinstance(answer, Answer)
    assert answer.values["state"] == request["state"]
    party.checked(party.redeem(answer.values["code"]).get_json()["id_token"], request)


def test_ensure_request_object_with_redirect_uri(suite: Suite) -> None:
    """Skips itself with unsigned objects; with a signed one the address inside counts."""
    party = suite.party()
    request = party.request()
    inside = KEY.sign({**request, "iss": party.id, "aud": ISSUER}, {"kid": "k1"})
    answer = party.send({**request, "redirect_uri": f"{CALLBACK}/invalid", "request": inside})
    assert isinstance(answer, Answer)
    assert answer.values["code"]


def test_refresh_token(suite: Suite) -> None:
    grants = ["authorization_code", "refresh_token"]
    party, other = suite.party(grant_types=grants), suite.party(grant_types=grants)
    flow = party.flow(scope="openid offline_access", prompt="consent")
    token = flow.tokens["refresh_token"]
    refused = other.token(grant_type="refresh_token", refresh_token=token)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    reply = party.token(grant_type="refresh_token", refresh_token=token).get_json()
    second = party.checked(reply["id_token"], {name: v for name, v in flow.request.items() if name != "nonce"})
    first = flow.claims
    assert (first["iss"], first["sub"], first["aud"]) == (second["iss"], second["sub"], second["aud"])
    assert first["auth_time"] == second["auth_time"]


def test_ensure_client_assertion_with_iss_aud_succeeds(suite: Suite) -> None:
    party = suite.party()
    answer = party.answer(party.request())
    form = {"grant_type": "authorization_code", "code": answer.values["code"], "redirect_uri": CALLBACK}
    assertion = KEY.assertion(party.id, suite.site.clock.now(), aud=ISSUER)
    reply = suite.site.app.test_client().post("/token", data={**form, "client_id": party.id, **assertion})
    assert reply.status_code == 200, reply.text
