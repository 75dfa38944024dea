"""PyPI's requests-oauth2client, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.city import City
from tests.interop.base import Counterpart, add_client, python_of, say
from tests.interop.exchange import SCOPE, add_chain
from tests.proofs import HeldKey

REDIRECT = "http://localhost:9/callback"


def run(city: City) -> bool:
    key = HeldKey()
    chain = add_chain(city, "requests-oauth2client")
    client = add_client(
        city,
        {
            "client_name": "requests-oauth2client",
            "redirect_uris": [REDIRECT],
            "grant_types": [
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:openid:params:grant-type:ciba",
            ],
            "backchannel_token_delivery_mode": "poll",
            "scope": f"openid profile offline_access {SCOPE}",
            "resources": [chain.desk_resource],
            "token_endpoint_auth_method": "private_key_jwt",
            "id_token_signed_response_alg": "ES256",
            "jwks": key.jwks,
        },
    )
    say("requests-oauth2client")
    facts: dict[str, Any] = {
        "issuer": city.issuer,
        "client_id": client["client_id"],
        "jwk": key.private_jwk | {"kid": "k1", "alg": "ES256"},
        "redirect_uri": REDIRECT,
        "username": "lan",
        "password": city.password("lan"),
        "name": "Nguyễn Thị Lan",
        **chain.facts(),
    }
    python = python_of("requests-oauth2client")
    environ = {**os.environ, "FACTS": json.dumps(facts)}
    environ.pop("PYTHONPATH", None)
    script = python.parents[2] / "journey.py"
    return subprocess.run([str(python), str(script)], env=environ, check=False).returncode == 0


COUNTERPART = Counterpart("requests-oauth2client", lambda: "", run, {"dpop_nonce_required": "true"})
