"""
npm's openid-client through the whole life of an authorization, once with ES256, once with no algorithm named; then the
hybrid and the implicit response types.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any

from tests.city import City
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm

REDIRECT, LOGOUT = "http://localhost:9/callback", "http://localhost:9/signed-out"


def run(city: City) -> bool:
    """Every algorithm, then tokens of the authorization endpoint; also after one has failed."""
    passed = [_code(city, algorithm) for algorithm in ("ES256", None)]
    return all([*passed, _front(city)])


def _code(city: City, algorithm: str | None) -> bool:
    metadata: dict[str, Any] = {"id_token_signed_response_alg": algorithm} if algorithm else {}
    say(f"openid-client, ID token {algorithm or 'RS256 (by default)'}")
    return _journey(city, "journey.mjs", algorithm or "RS256", metadata)


def _front(city: City) -> bool:
    metadata = {
        "grant_types": ["authorization_code", "implicit"],
        "response_types": ["code id_token", "id_token"],
        "scope": "openid profile email",
    }
    say("openid-client, hybrid and implicit")
    return _journey(city, "front.mjs", "RS256", metadata)


def _journey(city: City, script: str, algorithm: str, metadata: dict[str, Any]) -> bool:
    usual = {
        "client_name": "openid-client",
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": [LOGOUT],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile email phone address",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    client = add_client(city, usual | metadata)
    facts = {
        "ISSUER": city.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "REDIRECT_URI": REDIRECT,
        "LOGOUT_URI": LOGOUT,
        "ID_TOKEN_ALG": algorithm,
        "DEMO_USER": "lan",
        "DEMO_PASSWORD": city.password("lan"),
    }
    folder = npm_folder("openid-client")
    return subprocess.run(["node", script], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0


COUNTERPART = Counterpart("openid-client", without_npm, run, {"refresh_grace_seconds": "0"})
