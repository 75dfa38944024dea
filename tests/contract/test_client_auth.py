"""What every method of client authentication must do. A new entry of CLIENT_AUTH needs a line in HONEST and joins."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from base.clock import FixedClock
from idp.oauth.client_auth import CLIENT_AUTH
from idp.oauth.client_auth.private_key_jwt import ASSERTION_TYPE
from tests.certificates import Authority, HeldCertificate, self_signed
from tests.provider import Provider, Registered, Reply

NAMES = [method.name for method in CLIENT_AUTH]
ISSUER = "http://localhost:8000"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
AUTHORITY = Authority()
ISSUED, SELF_SIGNED = AUTHORITY.issue("CN=portal,C=VN"), self_signed()


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return found | {"kid": "k1", "alg": "ES256", "use": "sig"}


@dataclass(frozen=True)
class Sent:
    """Form and headers of one request."""

    form: dict[str, str]
    headers: dict[str, str]
    certificate: HeldCertificate | None = None


def assertion(
    client: Registered,
    now: int,
    *,
    key: ec.EllipticCurvePrivateKey = KEY,
    header: dict[str, Any] | None = None,
    algorithm: str = "ES256",
    **changes: Any,
) -> Sent:
    claims = {
        "iss": client.id,
        "sub": client.id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": f"{client.id}-{now}-{len(changes)}-{id(changes)}",
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    signing_key: Any = None if algorithm == "none" else key
    signed = jwt.encode(kept, signing_key, algorithm=algorithm, headers=header or {"kid": "k1"})
    return Sent({"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}, {})


def basic(client_id: str, secret: str) -> Sent:
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return Sent({}, {"Authorization": "Basic " + base64.b64encode(joined.encode()).decode()})


HONEST: dict[str, Callable[[Registered, int], Sent]] = {
    "client_secret_basic": lambda client, now: basic(client.id, client.secret),
    "client_secret_post": lambda client, now: Sent({"client_id": client.id, "client_secret": client.secret}, {}),
    "none": lambda client, now: Sent({"client_id": client.id}, {}),
    "private_key_jwt": assertion,
    "self_signed_tls_client_auth": lambda client, now: Sent({"client_id": client.id}, {}, SELF_SIGNED),
    "tls_client_auth": lambda client, now: Sent({"client_id": client.id}, {}, ISSUED),
}
NEEDS: dict[str, dict[str, Any]] = {
    "private_key_jwt": {"jwks": {"keys": [jwk(KEY)]}},
    "self_signed_tls_client_auth": {"jwks": SELF_SIGNED.jwks},
    "tls_client_auth": {"tls_client_auth_subject_dn": "CN=portal,C=VN"},
}
"""What a registration for a method must hold besides its name."""
BY_NAME = {"none", "tls_client_auth", "self_signed_tls_client_auth"}


@pytest.fixture
def provider(provider: Provider) -> Provider:
    return provider.with_mtls(AUTHORITY)


def registered(provider: Provider, name: str, **changes: Any) -> Registered:
    return provider.client(**{"token_endpoint_auth_method": name} | NEEDS.get(name, {}) | changes)


def send(provider: Provider, sent: Sent, path: str = "/revoke") -> Reply:
    """A revocation of nothing: 200 exactly when the client is authenticated, and nothing else matters."""
    return provider.ask(
        path, method="POST", form={"token": "unknown", **sent.form}, headers=sent.headers, certificate=sent.certificate
    )


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_is_an_honest_request_for_every_method() -> None:
    assert HONEST.keys() == set(NAMES)


def test_an_honest_client_gets_in(provider: Provider, name: str) -> None:
    client = registered(provider, name)
    assert send(provider, HONEST[name](client, provider.now)).status == 200


def test_an_unknown_client_does_not(provider: Provider, name: str) -> None:
    client = registered(provider, name)
    stranger = Registered(client.client, client.secret)
    sent = HONEST[name](stranger, provider.now)
    other = provider.client()
    form = {key: value.replace(client.id, "nobody") for key, value in sent.form.items()}
    renamed = Sent(form, sent.headers, sent.certificate)
    if name == "client_secret_basic":
        renamed = basic("nobody", client.secret)
    if name == "private_key_jwt":
        renamed = assertion(client, provider.now, iss="nobody", sub="nobody")
    reply = send(provider, renamed)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert other.secret not in reply.body.decode()


def test_a_method_counts_only_for_clients_registered_for_it(provider: Provider, name: str) -> None:
    for other in NAMES:
        if other == name or (other == "none" and name in BY_NAME):
            continue  # a public client proves nothing, whatever certificate it uses
        client = registered(provider, other)
        if not client.secret and name.startswith("client_secret"):
            client = Registered(client.client, "x" * 43)
        reply = send(provider, HONEST[name](client, provider.now))
        assert (reply.status, reply.json["error"]) == (401, "invalid_client"), other


def test_two_methods_at_once_are_refused(provider: Provider, name: str) -> None:
    if name in BY_NAME:
        return  # naming oneself is part of the others, and a connection has a certificate whatever else the client does
    client = registered(provider, name)
    first = HONEST[name](client, provider.now)
    second = (
        basic(client.id, client.secret or "x")
        if name != "client_secret_basic"
        else Sent({"client_id": client.id, "client_secret": client.secret}, {})
    )
    reply = send(provider, Sent({**second.form, **first.form}, {**second.headers, **first.headers}))
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


def test_a_name_that_disagrees_is_refused(provider: Provider, name: str) -> None:
    if name in BY_NAME | {"client_secret_post"}:
        return  # there it is the name
    client = registered(provider, name)
    sent = HONEST[name](client, provider.now)
    assert send(provider, Sent({**sent.form, "client_id": "somebody"}, sent.headers)).status == 401


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("secret", ["", "x", "a" * 43])
def test_a_wrong_secret(provider: Provider, method: str, secret: str) -> None:
    client = registered(provider, method)
    reply = send(provider, HONEST[method](Registered(client.client, secret), provider.now))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    if method == "client_secret_basic":
        assert reply.headers["WWW-Authenticate"].startswith("Basic")


def test_basic_is_form_decoded(provider: Provider) -> None:
    secret = "p%3A+:ü and more than thirty-two characters"
    client = provider.client(client_secret=secret)
    assert send(provider, basic(client.id, secret)).status == 200
    undecoded = base64.b64encode(f"{client.id}:{secret}".encode()).decode()
    assert send(provider, Sent({}, {"Authorization": f"Basic {undecoded}"})).status == 401


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode()])
def test_a_malformed_header(provider: Provider, header: str) -> None:
    assert send(provider, Sent({}, {"Authorization": header})).status == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [ISSUER]},
        {"aud": ISSUER + "/"},
        {"aud": [ISSUER + "/token"]},
        {"aud": ISSUER + "/revoke"},
        {"aud": None},
        {"sub": None},
        {"sub": "somebody"},
        {"iss": "somebody"},
        {"iss": None},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 201},
        {"jti": 7},
        {"exp": None},
        {"exp": 1},
        {"exp": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"key": OTHER_KEY},
        {"algorithm": "none"},
    ],
)
def test_a_wrong_assertion(provider: Provider, changes: dict[str, Any]) -> None:
    client = registered(provider, "private_key_jwt")
    reply = send(provider, assertion(client, provider.now, **changes))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(("profile", "status"), [("oidc", 200), ("machine", 401)])
def test_only_the_profile_of_openid_connect_takes_the_token_endpoint_as_audience(
    provider: Provider, profile: str, status: int
) -> None:
    machine = {"profile": "machine", "grant_types": None, "redirect_uris": None, "scope": "x.read"}
    client = registered(provider, "private_key_jwt", **(machine if profile == "machine" else {}))
    assert send(provider, assertion(client, provider.now, aud=ISSUER + "/token")).status == status
    assert send(provider, assertion(client, provider.now)).status == 200


def test_a_key_in_the_header_counts_for_nothing(provider: Provider) -> None:
    client = registered(provider, "private_key_jwt")
    planted = {"kid": "k1", "jwk": jwk(OTHER_KEY)}
    assert send(provider, assertion(client, provider.now, key=OTHER_KEY, header=planted)).status == 401


def test_an_assertion_counts_once(provider: Provider) -> None:
    client = registered(provider, "private_key_jwt")
    sent = assertion(client, provider.now)
    assert [send(provider, sent).status for _ in range(3)] == [200, 401, 401]


def test_a_jti_is_spent_per_client(provider: Provider) -> None:
    first, second = registered(provider, "private_key_jwt"), registered(provider, "private_key_jwt")
    for client in (first, second):
        assert send(provider, assertion(client, provider.now, jti="same")).status == 200


def test_an_assertion_does_not_outlive_its_record(provider: Provider, clock: FixedClock) -> None:
    client = registered(provider, "private_key_jwt")
    sent = assertion(client, provider.now)
    clock.move(120)
    assert send(provider, sent).status == 401


def test_one_assertion_eight_times_at_once(provider: Provider) -> None:
    client = registered(provider, "private_key_jwt")
    sent, statuses, gate = assertion(client, provider.now), [], threading.Barrier(8)

    def present() -> None:
        gate.wait()
        statuses.append(send(provider, sent).status)

    threads = [threading.Thread(target=present) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 7
