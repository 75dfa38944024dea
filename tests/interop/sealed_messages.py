"""npm's openid-client and jose with everything signed and encrypted, once for each way to encrypt."""

from __future__ import annotations

import json
import os
import subprocess

from joserfc.jwk import ECKey, RSAKey

from tests.city import City
from tests.interop.base import Counterpart, add_client, npm_folder, say, without_npm

REDIRECT = "http://localhost:9/callback"
WAYS = (
    ("RSA-OAEP-256", "A256GCM", "PS256"),
    ("ECDH-ES", "A128CBC-HS256", "EdDSA"),
    ("ECDH-ES+A128KW", "A128GCM", "ES256"),
    ("ECDH-ES+A256KW", "A256CBC-HS512", "RS256"),
)
MESSAGES = ("id_token", "userinfo", "authorization", "introspection")


def run(city: City) -> bool:
    """Every way, also after one has failed."""
    passed = [_journey(city, *way) for way in WAYS]
    return all(passed)


def _journey(city: City, alg: str, enc: str, signing_alg: str) -> bool:
    kind = RSAKey if alg.startswith("RSA") else ECKey
    reading = dict(kind.generate_key(parameters={"kid": "read", "use": "enc", "alg": alg}).as_dict(private=True))
    signing = dict(ECKey.generate_key(parameters={"kid": "sign", "use": "sig", "alg": "ES256"}).as_dict(private=True))
    secret = {"d", "p", "q", "dp", "dq", "qi"}
    public = [{name: value for name, value in key.items() if name not in secret} for key in (signing, reading)]
    protection = {f"{message}_signed_response_alg": signing_alg for message in MESSAGES}
    protection |= {f"{message}_encrypted_response_alg": alg for message in MESSAGES}
    protection |= {f"{message}_encrypted_response_enc": enc for message in MESSAGES}
    client = add_client(
        city,
        {
            "client_name": "openid-client, sealed",
            "redirect_uris": [REDIRECT],
            "scope": "openid profile email",
            "token_endpoint_auth_method": "client_secret_basic",
            "jwks": {"keys": public},
            "require_signed_request_object": True,
            "request_object_encryption_alg": alg,
            "request_object_encryption_enc": enc,
            **protection,
        },
    )
    say(f"openid-client, everything encrypted by {alg} with {enc}")
    facts = {
        "ISSUER": city.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "REDIRECT_URI": REDIRECT,
        "METADATA": json.dumps(protection),
        "SIGNING_KEY": json.dumps(signing),
        "READING_KEY": json.dumps(reading),
        "DEMO_USER": "lan",
        "DEMO_PASSWORD": city.password("lan"),
    }
    folder = npm_folder("openid-client")
    return subprocess.run(["node", "sealed.mjs"], cwd=folder, env={**os.environ, **facts}, check=False).returncode == 0


COUNTERPART = Counterpart("sealed-messages", without_npm, run)
