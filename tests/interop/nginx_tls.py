"""
nginx in front, configured by deploy/conformance/prepare.py as an operator would: TLS as FAPI 2.0 wants it, client
certificates by its header, and clients that use them with a TLS library that is not ours.

It brings an installation of its own; the city it is given stays untouched.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPSConnection
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import requests

from tests.city import ROOT, City, antin_command, spare_ports
from tests.interop.base import Counterpart, npm_folder, say, without_npm
from tests.proofs import HeldKey

SUITE = "https://suite.test:8443"
CALLBACK = f"{SUITE}/test/a/antin/callback"
READY_SECONDS = 40
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Front:
    """A running installation: addresses, folder, and what clients need."""

    folder: Path
    issuer: str
    mtls: str

    @property
    def ca(self) -> str:
        return str(self.folder / "server-ca.pem")

    def plan(self, name: str) -> dict[str, Any]:
        """A configuration of the suite."""
        found: dict[str, Any] = json.loads((self.folder / "suite" / f"{name}.json").read_text("utf-8"))
        return found

    def certificate(self, plan: str, which: str = "mtls") -> tuple[str, str]:
        """Files with the certificate and key of a client."""
        held, base = self.plan(plan)[which], self.folder / f"{plan}-{which}"
        for end in ("cert", "key"):
            Path(f"{base}.{end}").write_text(held[end])
        return f"{base}.cert", f"{base}.key"

    def post(self, address: str, form: dict[str, str], cert: Any = None, **headers: str) -> requests.Response:
        return requests.post(address, data=form, cert=cert, headers=headers, verify=self.ca, timeout=20)

    def get(self, address: str, cert: Any = None, **headers: str) -> requests.Response:
        return requests.get(address, cert=cert, headers=headers, verify=self.ca, timeout=20)


def missing() -> str:
    return "" if shutil.which("nginx") or Path("/usr/sbin/nginx").exists() else "nginx is not installed"


def run(_city: City) -> bool:
    """Every check, each with its line."""
    with tempfile.TemporaryDirectory(prefix="antin-nginx-") as place, running(Path(place) / "op") as front:
        for check in CHECKS:
            check(front)
            say(f"  ✓ {(check.__doc__ or '').strip().splitlines()[0]}")
    if why := without_npm():
        say(f"  openid-client is left out: {why}")
        return True
    with (
        tempfile.TemporaryDirectory(prefix="antin-nginx-") as place,
        running(Path(place) / "op", ANTIN_DPOP_NONCE_REQUIRED="true") as front,
    ):
        plans = sorted((front.folder / "suite").glob("fapi2-[sm][ps]-*[ps].json"))
        passed = [openid_client(front, plan) for plan in plans]
    return all(passed)


def openid_client(front: Front, plan: Path) -> bool:
    """npm's openid-client with one configuration of the suite."""
    facts = {
        "PLAN": str(plan),
        "ISSUER": front.issuer,
        "REDIRECT_URI": CALLBACK,
        "NODE_EXTRA_CA_CERTS": front.ca,
        "DEMO_USER": prepared().USERNAME,
        "DEMO_PASSWORD": prepared().PASSWORD,
    }
    folder = npm_folder("openid-client")
    return subprocess.run(["node", "fapi.mjs"], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0


@contextmanager
def running(folder: Path, suite: str = SUITE, **environ: str) -> Iterator[Front]:
    """prepare.py, then the server, worker and approver with these variables, then nginx; all stopped afterwards."""
    ports = spare_ports(4)
    approver = ["demo", "approver", "--host", "127.0.0.1", "--port", str(ports[3])]
    issuer, mtls = (f"https://localhost:{port}" for port in ports[:2])
    bind = f"127.0.0.1:{ports[2]}"
    words = [str(folder), "--issuer", issuer, "--mtls", mtls, "--bind", bind, "--suite", suite]
    words += ["--approver", f"http://127.0.0.1:{ports[3]}"]
    subprocess.run([sys.executable, str(ROOT / "deploy" / "conformance" / "prepare.py"), *words], check=True)
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    started = []
    with (folder / "run.log").open("wb") as log:
        ours = [[*antin_command(), *words] for words in (["serve"], ["worker"], approver)]
        for command in (*ours, [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]):
            given = {**os.environ, "ANTIN_DEMO_CITY": "true" if "approver" in command else "false", **environ}
            started.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=given))
    front = Front(folder, issuer, mtls)
    try:
        _wait(front)
        yield front
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait(front: Front) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            if front.get(f"{front.issuer}/health/ready").status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise RuntimeError((front.folder / "run.log").read_text(errors="replace")[-4000:])


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _shakes_hands(front: Front, address: str, adjust: Callable[[ssl.SSLContext], None]) -> str | None:
    """Version and cipher that were agreed on; None: refused."""
    context = ssl.create_default_context(cafile=front.ca)
    adjust(context)
    parts = urlsplit(address)
    try:
        with (
            socket.create_connection(("localhost", parts.port or 443), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            return f"{line.version()} {(line.cipher() or ('',))[0]}"
    except (ssl.SSLError, ConnectionError):
        return None


def tls_versions_and_ciphers(front: Front) -> None:
    """TLS 1.3 preferred, 1.2 with ECDHE and AES-GCM alone, nothing older"""

    def only(ciphers: str) -> Callable[[ssl.SSLContext], None]:
        def adjust(context: ssl.SSLContext) -> None:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers)

        return adjust

    def older(context: ssl.SSLContext) -> None:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    for address in (front.issuer, front.mtls):
        assert (_shakes_hands(front, address, lambda _: None) or "").startswith("TLSv1.3")
        agreed = _shakes_hands(front, address, only("ALL")) or ""
        assert re.fullmatch(r"TLSv1\.2 ECDHE-RSA-.*-GCM-.*", agreed), agreed  # the plan of CIBA allows RSA alone
        for weak in ("ECDHE+AES:!AESGCM:!AESCCM", "AES128-GCM-SHA256:AES256-GCM-SHA384", "DHE", "ECDHE+CHACHA20"):
            assert _shakes_hands(front, address, only(weak)) is None, weak
        assert _shakes_hands(front, address, older) is None


def one_connection_for_many_requests(front: Front) -> None:
    """HTTP/1.1 keep-alive, with a Date and the interaction's name in each answer"""
    parts = urlsplit(front.issuer)
    line = HTTPSConnection("localhost", parts.port, context=ssl.create_default_context(cafile=front.ca))
    for _ in range(3):
        line.request("GET", "/userinfo", headers={"x-fapi-interaction-id": "a-1"})
        answer = line.getresponse()
        answer.read()
        assert (answer.status, answer.version) == (401, 11)
        assert answer.getheader("Date")
        assert answer.getheader("x-fapi-interaction-id") == "a-1"
        assert answer.getheader("Connection", "").lower() != "close"
    line.close()


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────────────


def _machine_token(front: Front, plan: str, cert: Any, address: str = "", **headers: str) -> requests.Response:
    form = {"grant_type": "client_credentials", "client_id": front.plan(plan)["client"]["client_id"]}
    return front.post(f"{address or front.mtls}/token", form, cert, **headers)


def a_client_is_its_certificate(front: Front) -> None:
    """mutual TLS: the client's own certificate gets a token, another's and none get invalid_client"""
    plan = "fapi2-cc-mtls-mtls"
    own, other = front.certificate(plan), front.certificate(plan, "mtls2")
    aliases = front.get(f"{front.issuer}/.well-known/openid-configuration").json()["mtls_endpoint_aliases"]
    assert aliases["token_endpoint"] == f"{front.mtls}/token"
    assert _machine_token(front, plan, own).json()["token_type"] == "Bearer"
    for cert, address in ((other, front.mtls), (None, front.mtls), (None, front.issuer), (own, front.issuer)):
        reply = _machine_token(front, plan, cert, address)
        assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client"), reply.text


def a_bound_token_is_worth_nothing_elsewhere(front: Front) -> None:
    """a bound token opens the resource with its certificate, and with no other and none"""
    plan = "fapi2-cc-mtls-mtls"
    own, other = front.certificate(plan), front.certificate(plan, "mtls2")
    token = {"Authorization": f"Bearer {_machine_token(front, plan, own).json()['access_token']}"}
    assert front.get(f"{front.mtls}/whoami", own, **token).status_code == 200
    for cert, address in ((other, front.mtls), (None, front.mtls), (None, front.issuer)):
        assert front.get(f"{address}/whoami", cert, **token).status_code == 401


def a_header_is_no_certificate(front: Front) -> None:
    """whoever writes the proxy's header himself is nobody: through nginx and past it"""
    plan = "fapi2-cc-mtls-mtls"
    own, other = front.certificate(plan), front.certificate(plan, "mtls2")
    escaped = quote(Path(own[0]).read_text(), safe="")
    raw = base64.b64encode(ssl.PEM_cert_to_DER_cert(Path(own[0]).read_text())).decode()
    for value in (escaped, f":{raw}:"):
        for name in ("Client-Cert", "client-cert", "Client_Cert", "CLIENT-CERT"):
            for cert, address in ((None, front.issuer), (None, front.mtls), (other, front.mtls)):
                reply = _machine_token(front, plan, cert, address, **{name: value})
                assert (reply.status_code, reply.json()["error"]) == (401, "invalid_client"), (name, address)


def two_proofs_are_one_too_many(front: Front) -> None:
    """DPoP over TLS by the address of either door; two DPoP headers are refused"""
    plan = "fapi2-cc-mtls-dpop"
    own, key = front.certificate(plan), HeldKey()
    client_id = front.plan(plan)["client"]["client_id"]

    def proof(htu: str) -> str:
        return key.proof("/token", int(time.time()), htu=htu)

    assert _machine_token(front, plan, own, DPoP=proof(f"{front.mtls}/token")).json()["token_type"] == "DPoP"
    assert _machine_token(front, plan, own, DPoP=proof(f"{front.issuer}/token")).status_code == 400
    context = ssl.create_default_context(cafile=front.ca)
    context.load_cert_chain(*own)
    line = HTTPSConnection("localhost", urlsplit(front.mtls).port, context=context)
    body = urlencode({"grant_type": "client_credentials", "client_id": client_id}).encode()
    line.putrequest("POST", "/token")
    for name, value in {**FORM, "Content-Length": str(len(body))}.items():
        line.putheader(name, value)
    for _ in range(2):
        line.putheader("DPoP", proof(f"{front.mtls}/token"))
    line.endheaders(body)
    answer = line.getresponse()
    assert answer.status == 400, answer.status
    assert json.loads(answer.read())["error"] == "invalid_dpop_proof"
    line.close()


# ── The whole way ────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def prepared() -> Any:
    """The script that made the installation, for what it knows of the person."""
    found = spec_from_file_location("prepare", ROOT / "deploy" / "conformance" / "prepare.py")
    assert found is not None
    assert found.loader is not None
    sys.modules["prepare"] = module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def _through_the_pages(front: Front, address: str) -> dict[str, str]:
    """A person signs in and allows; what arrives at the suite."""
    browser = requests.Session()
    browser.trust_env, browser.verify = False, front.ca

    def follow(reply: requests.Response) -> requests.Response:
        while (to := reply.headers.get("Location", "")) and not to.startswith(SUITE):
            reply = browser.get(urljoin(reply.url, to), allow_redirects=False, timeout=20)
        return reply

    page = follow(browser.get(address, allow_redirects=False, timeout=20))
    form = {**_hidden(page.text), "username": prepared().USERNAME, "password": prepared().PASSWORD}
    page = follow(browser.post(f"{front.issuer}/login", data=form, allow_redirects=False, timeout=20))
    if "Location" not in page.headers:
        form = {**_hidden(page.text), "decision": "allow"}
        page = follow(browser.post(f"{front.issuer}/consent", data=form, allow_redirects=False, timeout=20))
    return dict(parse_qsl(urlsplit(page.headers["Location"]).query))


def the_whole_way_in_four_variants(front: Front) -> None:
    """PAR, sign-in, code, tokens, resource and refresh, for private_key_jwt and mTLS, DPoP and mTLS"""
    for auth in ("private-key-jwt", "mtls"):
        for bind in ("dpop", "mtls"):
            _whole_way(front, f"fapi2-sp-{auth}-{bind}")


def _whole_way(front: Front, plan: str) -> None:
    client, key, verifier = front.plan(plan)["client"], HeldKey(), secrets.token_urlsafe(48)
    cert = front.certificate(plan) if "mtls" in front.plan(plan) else None
    base = front.mtls if cert else front.issuer

    def send(path: str, **form: str) -> requests.Response:
        signed = {} if "-sp-mtls-" in plan else _assertion(front, client)
        proof = {"DPoP": key.proof(path, int(time.time()), htu=base + path)} if plan.endswith("dpop") else {}
        return front.post(base + path, {"client_id": client["client_id"], **signed, **form}, cert, **proof)

    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pushed = send(
        "/par",
        response_type="code",
        redirect_uri=CALLBACK,
        scope=client["scope"],
        state="s-1",
        nonce="n-1",
        code_challenge=challenge,
        code_challenge_method="S256",
    )
    assert pushed.status_code == 201, pushed.text
    begin = urlencode({"client_id": client["client_id"], "request_uri": pushed.json()["request_uri"]})
    answer = _through_the_pages(front, f"{front.issuer}/authorize?{begin}")
    assert (answer["iss"], answer["state"]) == (front.issuer, "s-1"), answer
    tokens = send(
        "/token", grant_type="authorization_code", code=answer["code"], redirect_uri=CALLBACK, code_verifier=verifier
    ).json()
    for token in (tokens, send("/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()):
        assert _resource(front, plan, token["access_token"], key, cert) == 200, plan
        assert _resource(front, plan, token["access_token"], HeldKey(), None) == 401, plan


def _assertion(front: Front, client: dict[str, Any]) -> dict[str, str]:
    import jwt

    jwk, now = client["jwks"]["keys"][0], int(time.time())
    claims = {"iss": client["client_id"], "sub": client["client_id"], "aud": front.issuer, "jti": secrets.token_hex(16)}
    signed = jwt.encode(
        {**claims, "iat": now, "exp": now + 60}, jwt.PyJWK(jwk).key, algorithm=jwk["alg"], headers={"kid": jwk["kid"]}
    )
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": signed}


def _resource(front: Front, plan: str, token: str, key: HeldKey, cert: Any) -> int:
    address = front.plan(plan)["resource"]["resourceUrl"]
    if plan.endswith("dpop"):
        proof = key.proof("", int(time.time()), method="GET", token=token, htu=address)
        return front.get(address, cert, Authorization=f"DPoP {token}", DPoP=proof).status_code
    return front.get(address, cert, Authorization=f"Bearer {token}").status_code


CHECKS = (
    tls_versions_and_ciphers,
    one_connection_for_many_requests,
    a_client_is_its_certificate,
    a_bound_token_is_worth_nothing_elsewhere,
    a_header_is_no_certificate,
    two_proofs_are_one_too_many,
    the_whole_way_in_four_variants,
)
COUNTERPART = Counterpart("nginx-tls", missing, run)
