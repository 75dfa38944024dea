"""
`make interop`: software that is not ours against a running city.

1. Start a city.
2. Register clients with `antin client add`, as an operator does: one with ES256, one that names no algorithm (RS256).
3. Run npm's openid-client through the whole life of an authorization, once for each.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.city import City, running_city

HERE = Path(__file__).resolve().parent / "openid-client"
REDIRECT, LOGOUT = "http://localhost:9/callback", "http://localhost:9/signed-out"


def main() -> int:
    """Exit status: 0 all passed, 1 something failed, 77 Node is missing (skipped)."""
    if shutil.which("npm") is None:
        print("skipped: Node.js with npm is not installed")
        return 77
    if not (HERE / "node_modules" / "openid-client").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    with tempfile.TemporaryDirectory(prefix="antin-interop-") as folder, running_city(Path(folder)) as city:
        results = [_journey(city, algorithm) for algorithm in ("ES256", None)]
    return 0 if all(results) else 1


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
    client = json.loads(city.antin("client", "add", "-", given=json.dumps(metadata)).stdout)
    print(f"openid-client, ID token {algorithm or 'RS256 (by default)'}", flush=True)
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
    return subprocess.run(["node", "journey.mjs"], cwd=HERE, env={**os.environ, **facts}, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
