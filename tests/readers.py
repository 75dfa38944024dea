"""Keys that clients hold to read what is encrypted for them, and a place that publishes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwe
from joserfc.jwk import ECKey, Key, RSAKey

ALGORITHMS = ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
CONTENTS = ["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]


@dataclass
class ReadingKey:
    """One key of a client, to read with one algorithm."""

    alg: str = "ECDH-ES"
    kid: str = "e1"
    key: Key = field(init=False)

    def __post_init__(self) -> None:
        if self.alg == "RSA-OAEP-256":
            self.key = RSAKey.import_key(rsa.generate_private_key(65_537, 2048))
        else:
            self.key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))

    @property
    def jwk(self) -> dict[str, Any]:
        """The public JWK, as a client publishes it."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "enc", "alg": self.alg}

    def read(self, token: str, enc: str | None = None) -> tuple[dict[str, Any], bytes]:
        """Header and content of a token for this key."""
        found = jwe.decrypt_compact(token, self.key, algorithms=[*ALGORITHMS, *CONTENTS])
        header = dict(found.protected)
        assert (header["alg"], header["kid"]) == (self.alg, self.kid)
        assert enc is None or header["enc"] == enc
        assert found.plaintext is not None
        return header, found.plaintext

    def token(self, token: str, enc: str | None = None) -> str:
        """The signed token inside."""
        header, content = self.read(token, enc)
        assert header["cty"] == "JWT"
        return content.decode()


def sealed_for(jwks: Mapping[str, Any], alg: str, content: str, enc: str = "A256GCM", **header: Any) -> str:
    """A token encrypted with the key of a key set that is for this algorithm."""
    jwk = next(key for key in jwks["keys"] if key.get("alg") == alg and key["use"] == "enc")
    members = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    kind: Any = RSAKey if jwk["kty"] == "RSA" else ECKey
    whole = {"alg": alg, "enc": enc, "kid": jwk["kid"], "cty": "JWT"} | header
    return jwe.encrypt_compact(whole, content, kind.import_key(members), algorithms=[*ALGORITHMS, *CONTENTS])


@dataclass
class Published:
    """
    What a client's jwks_uri answers, and how often it was asked.

    keys None: 503; body: in their place; redirect_to: where it sends us, with the keys in the body all the same.
    """

    address: str = ""
    keys: list[dict[str, Any]] | None = None
    body: bytes | None = None
    redirect_to: str = ""
    asked: int = 0


@contextmanager
def published_keys() -> Iterator[Published]:
    """A server on this machine that publishes a key set; the set can be changed while it runs."""
    published = Published()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published.asked += 1
            body = json.dumps({"keys": published.keys or []}).encode() if published.body is None else published.body
            if published.redirect_to:
                self.send_response(302)
                self.send_header("Location", published.redirect_to)
            else:
                self.send_response(503 if published.keys is None and published.body is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    published.address = f"http://127.0.0.1:{server.server_address[1]}/jwks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield published
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
