"""Starting the two providers and making them alike: clients, a person, a session, consent, and tokens to hint with."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urljoin

import requests

from idp.protocol import endpoints
from idp.protocol.acr import ACR_VALUES
from idp.protocol.claims import SCOPES
from tests.city import ROOT, City, spare_ports
from tests.interop.base import npm_folder
from tests.interop.differential import putting, questions
from tests.interop.differential.asking import Provider
from tests.interop.differential.changes import Signed
from tests.interop.differential.clients import ALL_SCOPES, Known
from tests.proofs import HeldKey

PERSON = "lan"
OURS = {"authorize": endpoints.AUTHORIZE, "token": endpoints.TOKEN, "par": endpoints.PAR}
THEIRS = {"authorize": "/auth", "token": "/token", "par": "/request"}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@contextmanager
def both(city: City, folder: Path, clients: dict[str, Known]) -> Iterator[tuple[Provider, Provider]]:
    """Ours and theirs, ready to be asked. folder: for what theirs is told and says."""
    ours = _ours(city, clients)
    with _theirs(folder, clients, ours) as theirs:
        for provider in (ours, theirs):
            _collect_hints(provider, clients)
        time.sleep(2)  # so that the sign-ins are older than max_age=1
        yield ours, theirs


def _ours(city: City, clients: dict[str, Known]) -> Provider:
    secrets = {name: _register(city, client) for name, client in clients.items()}
    offered = requests.get(f"{city.issuer}{endpoints.OPENID_CONFIGURATION}", timeout=10).json()
    provider = Provider("ours", city.issuer, OURS, secrets, offered=offered)
    browser = requests.Session()
    for client in clients.values():
        if client.by_code and client.consented:
            _allow_everything(provider, client, browser, city.password(PERSON))
    provider.cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
    return provider


@contextmanager
def _theirs(folder: Path, clients: dict[str, Known], ours: Provider) -> Iterator[Provider]:
    (port,) = spare_ports(1)
    issuer = f"http://localhost:{port}"
    facts = {
        "issuer": issuer,
        "port": port,
        "clients": [
            {**client.metadata, **({"client_secret": ours.secrets[name]} if ours.secrets[name] else {})}
            for name, client in clients.items()
        ],
        "consented": [name for name, client in clients.items() if client.consented],
        "scopes": [*SCOPES, "records.read", "records.write"],
        "claims": {name: list(claims) for name, claims in SCOPES.items() if claims},
        "acr_values": list(ACR_VALUES),
        "response_types": ours.offered["response_types_supported"],
        "prompts": ours.offered.get("prompt_values_supported", []),
        "jwks": {"keys": [{**HeldKey().private_jwk, "kid": "op", "alg": "ES256", "use": "sig"}]},
        "account": PERSON,
        "acr": ACR_VALUES[0],
    }
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    environ = {**os.environ, "FACTS": str(folder / "facts.json")}
    with _process(["node", "provider.mjs"], environ, folder / "theirs.log", npm_folder("oidc-provider")):
        _wait(f"{issuer}/.well-known/openid-configuration", folder / "theirs.log")
        provider = Provider("theirs", issuer, THEIRS, ours.secrets)
        browser = requests.Session()
        query = dict(questions.authorize(clients["web"]).steps[0].honest)
        address = f"{issuer}{THEIRS['authorize']}?" + urlencode(query)
        for _ in range(6):
            answer = browser.get(address, allow_redirects=False, timeout=10)
            address = urljoin(address, answer.headers.get("Location", ""))
            if not address.startswith(issuer):
                break
        provider.cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        yield provider


@contextmanager
def _process(command: list[str], environ: dict[str, str], log: Path, cwd: Path = ROOT) -> Iterator[None]:
    with log.open("wb") as words:
        process = subprocess.Popen(command, env=environ, cwd=cwd, stdout=words, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(address: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def _register(city: City, client: Known) -> str:
    """The client at ours. Returns its secret, "" for one that has none."""
    answer = json.loads(city.antin("client", "add", "-", given=json.dumps(client.metadata)).stdout)
    return str(answer.get("client_secret", ""))


def _allow_everything(provider: Provider, client: Known, browser: requests.Session, password: str) -> None:
    """Walk our pages as a person does: sign in where asked, allow everything the client may ask for."""
    honest = {name: value for name, value in questions.authorize(client).steps[0].honest if isinstance(value, str)}
    asked = {**honest, "scope": str(client.metadata["scope"])}
    opened = [claim for scope in asked["scope"].split() for claim in SCOPES.get(scope, ()) if claim != "sub"]
    asked |= {"prompt": "consent", "claims": json.dumps({"userinfo": dict.fromkeys(opened)})}
    if "resource" in client.metadata:
        asked["resource"] = client.metadata["resource"]
    if client.metadata.get("require_signed_request_object"):
        asked["request"] = putting.signed(provider, client, asked, Signed())
    address = provider.issuer + provider.paths["authorize"]
    if client.metadata.get("require_pushed_authorization_requests"):
        more, headers = putting.credentials(provider, client, {}, {})
        answer = requests.post(provider.issuer + OURS["par"], data={**asked, **dict(more)}, headers=headers, timeout=10)
        asked = {"client_id": client.id, "request_uri": answer.json()["request_uri"]}
    page = browser.get(address, params=asked, allow_redirects=False, timeout=10)
    for _ in range(12):
        location = page.headers.get("Location", "")
        if location and not location.startswith("/"):
            return
        if location:
            page = browser.get(urljoin(page.url, location), allow_redirects=False, timeout=10)
            continue
        form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        typed = {"username": PERSON, "password": password} if 'name="password"' in page.text else {"decision": "allow"}
        page = browser.post(page.url, data=form | typed, allow_redirects=False, timeout=10)
    raise RuntimeError(f"{client.id} was not allowed: {page.status_code} {page.text[:500]}")


def _collect_hints(provider: Provider, clients: dict[str, Known]) -> None:
    """An ID token and an access token of every client, for id_token_hint and where a token is not expected."""
    provider.hints = {"password_acr": ACR_VALUES[0], "scope": ALL_SCOPES}
    for client in clients.values():
        if not (client.by_code and client.consented):
            continue
        (heard,) = putting.put(provider, questions.code(client))
        if heard is None or "id_token" not in heard.got:
            raise RuntimeError(f"{provider.name} gives {client.id} no ID token: {heard}")
        provider.hints[f"{client.id} id_token"] = heard.got["id_token"]
        provider.hints[f"{client.id} access_token"] = heard.got["access_token"]
        body = heard.got["id_token"].split(".")[1]
        provider.hints[f"{client.id} sub"] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"]
        other = "few" if client.id != "few" else "web"
        provider.hints[f"{other} other_id_token"] = heard.got["id_token"]
    provider.hints["other_id_token"] = provider.hints["web id_token"]
