"""npm's openid-client through the whole life of an authorization, once with ES256, once with no algorithm named."""

from __future__ import annotations

import os
import subprocess

from tests.city import City
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm

REDIRECT, LOGOUT = "http://localhost:9/callback", "http://localhost:9/signed-out"


def run(city: City) -> bool:
    """Every algorithm, also after one has failed."""
    passed = [_journey(city, algorithm) for algorithm in ("ES256", None)]
    return all(passed)


def _journey(city: City, algorithm: str | None) -> bool:
    metadata = {
        "client_name": "openid-client",
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": [LOGOUT],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile email phone address",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    if algorithm:
        metadata["id_token_signed_response_alg"] = algorithm
    client = add_client(city, metadata)
    say(f"openid-client, ID token {algorithm or 'RS256 (by default)'}")
    facts = {
        "ISSUER": city.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "REDIRECT_URI": REDIRECT,
        "LOGOUT_URI": LOGOUT,
        "ID_TOKEN_ALG": algorithm or "RS256",
        "DEMO_USER": "lan",
        "DEMO_PASSWORD": city.password("lan"),
    }
    folder = npm_folder("openid-client")
    return subprocess.run(["node", "journey.mjs"], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0


COUNTERPART = Counterpart("openid-client", without_npm, run, {"refresh_grace_seconds": "0"})
