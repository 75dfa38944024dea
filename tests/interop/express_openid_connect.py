"""npm's express-openid-connect as a service: code by form_post, RP-initiated logout, back-channel logout."""

from __future__ import annotations

import os
import subprocess

from tests.city import City, spare_ports
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm

RUNS = (("ES256", "no"), ("RS256", "yes"))
"""ID token algorithm; whether requests are pushed (PAR)."""


def run(city: City) -> bool:
    """Every variant, also after one has failed."""
    passed = [_journey(city, algorithm, pushed) for algorithm, pushed in RUNS]
    return all(passed)


def _journey(city: City, algorithm: str, pushed: str) -> bool:
    base_url = f"http://localhost:{spare_ports(1)[0]}"
    client = add_client(
        city,
        {
            "client_name": "express-openid-connect",
            "redirect_uris": [f"{base_url}/callback"],
            "post_logout_redirect_uris": [f"{base_url}/bye"],
            "backchannel_logout_uri": f"{base_url}/backchannel-logout",
            "backchannel_logout_session_required": True,
            "id_token_signed_response_alg": algorithm,
            "scope": "openid profile email",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )
    say(f"express-openid-connect, ID token {algorithm}, requests {'pushed' if pushed == 'yes' else 'by the browser'}")
    facts = {
        "ISSUER": city.issuer,
        "BASE_URL": base_url,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "ID_TOKEN_ALG": algorithm,
        "PUSHED": pushed,
        "DEMO_USER": "lan",
        "DEMO_PASSWORD": city.password("lan"),
    }
    folder = npm_folder("express-openid-connect")
    return subprocess.run(["node", "journey.mjs"], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0


COUNTERPART = Counterpart("express-openid-connect", without_npm, run)
