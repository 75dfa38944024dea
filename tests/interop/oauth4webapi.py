"""npm's oauth4webapi, strict at the level of the wire: FAPI 2.0 with message signing and DPoP nonces."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.city import City
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm
from tests.interop.exchange import SCOPE, add_chain
from tests.proofs import HeldKey

REDIRECT = "http://localhost:9/callback"


def run(city: City) -> bool:
    """Every journey, also after one has failed."""
    return all([_fapi(city), _elsewhere(city)])


def _fapi(city: City) -> bool:
    key = HeldKey()
    client = add_client(
        city,
        {
            "client_name": "oauth4webapi",
            "profile": "fapi2",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile offline_access",
            "jwks": key.jwks,
            "require_signed_request_object": True,
        },
    )
    say("oauth4webapi: FAPI 2.0 with message signing")
    return journey(city, "fapi.mjs", client, jwk=key.private_jwk)


def _elsewhere(city: City) -> bool:
    chain = add_chain(city, "oauth4webapi")
    client = add_client(
        city,
        {
            "client_name": "oauth4webapi",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba"],
            "backchannel_token_delivery_mode": "poll",
            "scope": f"openid profile {SCOPE}",
            "resources": [chain.desk_resource],
            "id_token_signed_response_alg": "ES256",
        },
    )
    say("oauth4webapi: device, CIBA, token exchange")
    return journey(city, "elsewhere.mjs", client, client_secret=client["client_secret"], **chain.facts())


def journey(city: City, script: str, client: dict[str, Any], **more: Any) -> bool:
    """Run one script with the facts it needs. Returns whether it ended well."""
    facts = {
        "issuer": city.issuer,
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT,
        "username": "lan",
        "password": city.password("lan"),
        "name": "Nguyễn Thị Lan",
        **more,
    }
    folder = npm_folder("oauth4webapi")
    environ = {**os.environ, "FACTS": json.dumps(facts)}
    return subprocess.run(["node", script], cwd=folder, env=environ, check=False).returncode == 0


COUNTERPART = Counterpart("oauth4webapi", without_npm, run, {"dpop_nonce_required": "true"})
