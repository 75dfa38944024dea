"""The other provider, npm oidc-provider, started and filled like ours (bench/peer); why it cannot be, if it cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.city import PASSWORD, REDIRECT_URI, City, sign_people_in
from tests.city import spare_ports
from tests.proofs import HeldKey

NODE = Path(__file__).resolve().parent / "peer"
THEIRS = {
    "authorize": "/auth",
    "par": "/request",
    "token": "/token",
    "introspect": "/token/introspection",
    "userinfo": "/me",
}
SECRET = "a bench has no secrets, this one is long enough"


def missing() -> str:
    """Why there is no peer here; "" when there can be one."""
    if shutil.which("npm") is None:
        return "Node.js with npm is not installed"
    if not (NODE / "node_modules" / "oidc-provider").exists():
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, check=False, capture_output=True)
        if done.returncode:
            return "npm could not install it"
    return ""


@contextmanager
def running(folder: Path, database_url: str | None, *, connections: int, workers: int, people: int) -> Iterator[City]:
    """Start it, on PostgreSQL or (None) in memory, sign people in, and stop it afterwards."""
    (port,) = spare_ports(1)
    city = City(port, 0, connections, {}, paths=THEIRS, seen_as="http://localhost")
    city.service, city.machine, city.strong = ("service", SECRET), ("machine", SECRET), "strong"
    facts = {
        "issuer": city.issuer,
        "port": port,
        "workers": workers if database_url else 1,
        "database": database_url,
        "password": PASSWORD,
        "jwks": {"keys": [{**HeldKey().private_jwk, "kid": "op", "alg": "ES256", "use": "sig"}]},
        "clients": _clients(city),
    }
    folder.mkdir(parents=True)
    (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    environ = {**os.environ, "FACTS": str(folder / "facts.json"), "NODE_ENV": "production"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["node", "provider.mjs"], cwd=NODE, env=environ, stdout=log, stderr=log)
    try:
        city.pid = process.pid
        _wait(city, folder / "log")
        sign_people_in(city, people=people)
        yield city
    finally:
        process.terminate()
        process.wait(15)


def _clients(city: City) -> list[dict[str, object]]:
    both = {
        "redirect_uris": [REDIRECT_URI],
        "response_types": ["code"],
        "id_token_signed_response_alg": "ES256",
    }
    return [
        {
            "client_id": "service",
            "client_secret": SECRET,
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile offline_access",
            **both,
        },
        {
            "client_id": "machine",
            "client_secret": SECRET,
            "grant_types": ["client_credentials"],
            "redirect_uris": [],
            "response_types": [],
            "id_token_signed_response_alg": "ES256",
            "scope": "records.read",
        },
        {
            "client_id": "strong",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": city.key.jwks,
            "grant_types": ["authorization_code"],
            "scope": "openid profile",
            "require_pushed_authorization_requests": True,
            "dpop_bound_access_tokens": True,
            **both,
        },
    ]


def _wait(city: City, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{city.issuer}/.well-known/openid-configuration", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"the peer did not start:\n{log.read_text(errors='replace')[-3000:]}")
