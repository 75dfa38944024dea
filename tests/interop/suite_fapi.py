"""
The official FAPI 2.0 and FAPI-CIBA plans over real TLS, as far as a browser, a worker or a certificate is needed: with
the configurations of deploy/conformance/prepare.py, HtmlUnit obeying their `browser` and `override`, and somebody who
answers for the person. What needs none of them is in tests/functional/test_plan_fapi*.py.

1. A client of the suite.
2. Modules with a browser.
3. CIBA.
4. All of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import requests

from tests.city import City, spare_ports
from tests.interop import java, nginx_tls
from tests.interop.base import Counterpart, say
from tests.interop.nginx_tls import Front, running
from tests.interop.suite_server import ScriptedBrowser, SuiteServer, Visit, scripted_browser, suite_server
from tests.proofs import HeldKey

FINAL = "fapi2-security-profile-final-"
PAR_SECONDS = 10
PLANS = (
    "fapi2-sp-private-key-jwt-dpop",
    "fapi2-sp-mtls-mtls-oauth",
    "fapi2-ms-mtls-dpop",
    "fapi2-ms-private-key-jwt-mtls",
)
CIBA = "urn:openid:params:grant-type:ciba"
PATIENCE_SECONDS = 15


# ── 1. A client of the suite ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Suite:
    """One plan's turn. cookies: the jar of the module at hand."""

    front: Front
    server: SuiteServer
    browser: ScriptedBrowser
    plan: str
    cookies: str = field(default_factory=lambda: secrets.token_hex(8))

    def client(self, number: int = 1) -> Client:
        return Client(self, number)

    def visit(self, address: str, module: str) -> tuple[dict[str, Any], list[Visit]]:
        """Returns what the browser tells of its last page, and what arrived at the suite."""
        before = len(self.server.visits)
        told = self.browser.visit(address, module=FINAL + module, cookies=self.cookies)
        assert "problem" not in told, (told["problem"], told.get("url"))
        return told, self.server.visits[before:]


class Client:
    """`client` or `client2` of a configuration."""

    def __init__(self, suite: Suite, number: int) -> None:
        self.suite, self.front, self.second = suite, suite.front, number == 2
        whole = self.front.plan(suite.plan)
        self.known: dict[str, Any] = whole[("client", "client2")[number - 1]]
        self.id: str = self.known["client_id"]
        self.jwk: dict[str, str] = self.known["jwks"]["keys"][0]
        self.key = HeldKey(self.jwk["alg"], jwt.PyJWK(self.jwk).key)
        self.bound = HeldKey() if "dpop" in suite.plan else None
        self.by_tls = re.search(r"-(sp|ms|ciba)-mtls-", suite.plan) is not None
        held = ("mtls", "mtls2")[number - 1]
        self.certificate = self.front.certificate(suite.plan, held) if held in whole else None
        self.base = self.front.mtls if self.certificate else self.front.issuer
        self.resource: str = whole["resource"]["resourceUrl"]
        self.verifier = secrets.token_urlsafe(32)

    @property
    def redirect(self) -> str:
        return f"{self.suite.server.base}/callback" + ("?dummy1=lorem&dummy2=ipsum" if self.second else "")

    def send(self, path: str, *, audience: str = "", **form: str) -> requests.Response:
        """A form, with the client's authentication and proof."""
        if not self.by_tls:
            now = int(time.time())
            claims = {"iss": self.id, "sub": self.id, "aud": audience or self.front.issuer, "jti": secrets.token_hex(8)}
            form |= {
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": self.signed(claims | {"iat": now, "exp": now + 60}),
            }
        proof = self.bound.proof(path, int(time.time()), htu=self.base + path) if self.bound else ""
        headers = {"DPoP": proof} if proof and path == "/token" else {}
        return self.front.post(self.base + path, {"client_id": self.id, **form}, self.certificate, **headers)

    def signed(self, claims: dict[str, Any]) -> str:
        return self.key.sign(claims, {"kid": self.jwk["kid"]})

    def push(self) -> str:
        """A request at /par. Returns the address at which it goes on."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect,
            "scope": self.known["scope"],
            "state": secrets.token_hex(64 if self.second else 5),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"nonce": secrets.token_hex(8)} if "openid" in self.known["scope"].split() else {}),
            **({"response_mode": "jwt"} if "-ms-" in self.suite.plan else {}),
        }
        now = int(time.time())
        whole = {**asked, "iss": self.id, "aud": self.front.issuer, "nbf": now, "exp": now + 300}
        pushed = self.send("/par", **({"request": self.signed(whole)} if "-ms-" in self.suite.plan else asked))
        assert pushed.status_code == 201, pushed.text
        self.state = asked["state"]
        return self.address(pushed.json()["request_uri"])

    def address(self, request_uri: str) -> str:
        begin = {"client_id": self.id, "request_uri": request_uri}
        return f"{self.front.issuer}/authorize?{urlencode(begin)}"

    def answered(self, visits: list[Visit]) -> dict[str, Any]:
        """What came back by the redirect, all of it expected."""
        back = [visit for visit in visits if visit.path.endswith("/callback")]
        assert len(back) == 1, f"came back {len(back)} times"
        given: dict[str, Any] = dict(back[0].query)
        if self.second:
            assert (given.pop("dummy1"), given.pop("dummy2")) == ("lorem", "ipsum")
        if "-ms-" in self.suite.plan:
            assert given.keys() == {"response"}
            given = jwt.decode(given["response"], options={"verify_signature": False})
            assert given.pop("aud") == self.id
            assert 0 < given.pop("exp") - time.time() <= 600
            given.pop("iat", None)
        assert given.pop("iss") == self.front.issuer
        assert given.pop("state") == self.state
        given.pop("session_state", None)
        return given

    def allowed(self, visits: list[Visit]) -> dict[str, Any]:
        """The tokens for a code that arrived; the resource is open to them, and nothing is to the code again."""
        given = self.answered(visits)
        assert given.keys() == {"code"}, given
        form = {"code": given["code"], "redirect_uri": self.redirect, "code_verifier": self.verifier}
        tokens = self.send("/token", grant_type="authorization_code", **form)
        assert tokens.status_code == 200, tokens.text
        found: dict[str, Any] = tokens.json()
        self.opens(found)
        renewed = self.send("/token", grant_type="refresh_token", refresh_token=found["refresh_token"]).json()
        assert "refresh_token" not in renewed
        self.opens(renewed)
        return found

    def opens(self, tokens: dict[str, Any]) -> None:
        """The resource, by these tokens; its answer bears the name of the exchange."""
        token, headers = tokens["access_token"], {"x-fapi-interaction-id": str(uuid.uuid4())}
        if self.second:
            headers = {}
        if self.bound:
            headers["DPoP"] = self.bound.proof("", int(time.time()), method="GET", token=token, htu=self.resource)
        kind = "DPoP" if self.bound else "Bearer"
        got = self.front.get(self.resource, self.certificate, Authorization=f"{kind} {token}", **headers)
        assert got.status_code == 200, got.text
        name = got.headers["x-fapi-interaction-id"]
        assert name == headers.get("x-fapi-interaction-id", str(uuid.UUID(name)))


# ── 2. Modules with a browser ────────────────────────────────────────────────────────────────────────────────────


def happy_flow(suite: Suite) -> None:
    for number in (1, 2):
        client = suite.client(number)
        client.allowed(suite.visit(client.push(), "happy-flow")[1])


def user_rejects_authentication(suite: Suite) -> None:
    """After happy_flow: everything has been allowed before, and is remembered."""
    for number in (1, 2):
        client = suite.client(number)
        _, visits = suite.visit(client.push(), "user-rejects-authentication")
        assert client.answered(visits)["error"] == "access_denied"


def par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(suite: Suite) -> None:
    module, client = "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", suite.client()
    address = client.push()
    told, visits = suite.visit(address, module)
    assert not visits
    assert "/login" in told["url"]
    assert told["placeholder"]
    client.allowed(suite.visit(address, module)[1])


def par_attempt_reuse_request_uri(suite: Suite) -> None:
    client = suite.client()
    address = client.push()
    client.allowed(suite.visit(address, "par-attempt-reuse-request_uri")[1])
    _refused(suite, address, "par-attempt-reuse-request_uri")


def par_attempt_to_use_expired_request_uri(suite: Suite) -> None:
    address = suite.client().push()
    time.sleep(PAR_SECONDS + 1)
    _refused(suite, address, "par-attempt-to-use-expired-request_uri")


def par_attempt_to_use_request_uri_for_different_client(suite: Suite) -> None:
    address, own, other = suite.client().push(), suite.client().id, suite.client(2).id
    _refused(suite, address.replace(own, other), "par-attempt-to-use-request_uri-for-different-client")


def _refused(suite: Suite, address: str, module: str) -> None:
    """A page of ours, of which there is a picture, and no redirect."""
    told, visits = suite.visit(address, module)
    assert not visits
    assert told["status"] == 400
    assert "400" in told["placeholder"]


# ── 3. CIBA ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ciba(suite: Suite) -> None:
    """Both clients, allowed; by ping, when told and not before. Then a refusal."""
    for number in (1, 2):
        tokens = _by_other_device(suite.client(number), "allow").json()
        assert tokens["token_type"] == "Bearer", tokens
        assert tokens["id_token"]
        suite.client(number).opens(tokens)
        renewed = suite.client(number).send("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        suite.client(number).opens(renewed.json())
    refused = _by_other_device(suite.client(), "deny")
    assert (refused.status_code, refused.json()["error"]) == (400, "access_denied")


def _by_other_device(client: Client, action: str) -> requests.Response:
    """What the token endpoint says after the person has answered."""
    suite, now, bearer = client.suite, int(time.time()), secrets.token_urlsafe(32)
    pinged = suite.plan.endswith("-ping")
    request = {
        "iss": client.id,
        "aud": client.front.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": secrets.token_hex(8),
        "scope": client.known["scope"],
        "login_hint": client.known["hint_value"],
        "binding_message": "1234",
        **({"client_notification_token": bearer} if pinged else {}),
    }
    begun = client.send("/backchannel_authentication", request=client.signed(request))
    assert begun.status_code == 200, begun.text
    asked = {"grant_type": CIBA, "auth_req_id": begun.json()["auth_req_id"]}
    where = client.front.mtls + "/token"  # the suite names what it calls; both are allowed
    assert client.send("/token", audience=where, **asked).json()["error"] == "authorization_pending"
    before = len(suite.server.visits)
    answer = client.front.plan(suite.plan)["automated_ciba_approval_url"]
    answer = answer.replace("{auth_req_id}", asked["auth_req_id"]).replace("{action}", action)
    assert requests.post(answer, timeout=20).ok
    if pinged:
        heard = _heard(suite, before)
        assert json.loads(heard.form["body"]) == {"auth_req_id": asked["auth_req_id"]}
    else:
        time.sleep(begun.json()["interval"])
    return client.send("/token", audience=where, **asked)


def _heard(suite: Suite, before: int) -> Visit:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for visit in suite.server.visits[before:]:
            if visit.path.endswith("/ciba-notification-endpoint"):
                return visit
        time.sleep(0.05)
    raise AssertionError("no ping")


# ── 4. All of them ───────────────────────────────────────────────────────────────────────────────────────────────

MODULES = (
    happy_flow,
    user_rejects_authentication,
    par_ensure_reused_request_uri_prior_to_auth_completion_succeeds,
    par_attempt_reuse_request_uri,
    par_attempt_to_use_expired_request_uri,
    par_attempt_to_use_request_uri_for_different_client,
)


def missing() -> str:
    return nginx_tls.missing() or java.missing()


def run(_city: City) -> bool:
    """Every module, also after one has failed."""
    passed, port = [], spare_ports(1)[0]
    with tempfile.TemporaryDirectory(prefix="antin-fapi-") as place:
        folder = Path(place) / "op"
        with (
            running(folder, f"https://localhost:{port}", ANTIN_PAR_LIFETIME_SECONDS=str(PAR_SECONDS)) as front,
            suite_server(port, folder / "suite.pem", folder / "suite.key") as server,
        ):
            for plan in PLANS:
                with scripted_browser(front.plan(plan)) as browser:
                    browser.visit(f"{front.issuer}/authorize", module="", cookies="")  # its first page takes seconds
                    passed += [_passes(Suite(front, server, browser, plan), module) for module in MODULES]
            for plan in sorted(path.stem for path in (folder / "suite").glob("fapi-ciba-*.json")):
                with scripted_browser(front.plan(plan)) as browser:
                    passed.append(_passes(Suite(front, server, browser, plan), ciba))
    say(f"  {passed.count(True)} modules as the suite expects, {passed.count(False)} not")
    return all(passed)


def _passes(suite: Suite, module: Callable[[Suite], None]) -> bool:
    try:
        module(suite)
    except Exception:
        say(f"  ✗ {module.__name__} {suite.plan}\n{traceback.format_exc()}")
        return False
    say(f"  ✓ {module.__name__} {suite.plan}")
    return True


COUNTERPART = Counterpart("suite-fapi", missing, run)
