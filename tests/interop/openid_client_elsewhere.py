"""npm's openid-client where the person answers on another device: device grant (with DPoP), backchannel, exchange."""

from __future__ import annotations

import json
import os
import subprocess

from tests.city import City
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm
from tests.interop.exchange import SCOPE, add_chain


def run(city: City) -> bool:
    """One client for both grants, one person; then the two services behind it."""
    chain = add_chain(city, "openid-client")
    client = add_client(
        city,
        {
            "client_name": "openid-client, another device",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "urn:openid:params:grant-type:ciba"],
            "scope": f"openid profile {SCOPE}",
            "resources": [chain.desk_resource],
            "token_endpoint_auth_method": "client_secret_basic",
            "id_token_signed_response_alg": "ES256",
        },
    )
    say("openid-client, the person on another device")
    facts = {
        "ISSUER": city.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "CHAIN": json.dumps(chain.facts()),
        "DEMO_USER": "lan",
        "DEMO_PASSWORD": city.password("lan"),
    }
    folder = npm_folder("openid-client")
    return (
        subprocess.run(["node", "elsewhere.mjs"], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0
    )


COUNTERPART = Counterpart("openid-client-elsewhere", without_npm, run)
