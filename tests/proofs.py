"""Keys that clients hold: JWKs of theirs, DPoP proofs made with them, and whatever else they sign."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from base.ids import new_id

ISSUER = "http://localhost:8000"
_MAKE: dict[str, Any] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "PS256": lambda: rsa.generate_private_key(65_537, 2048),
    "RS256": lambda: rsa.generate_private_key(65_537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass
class HeldKey:
    """One key of a client, for one algorithm."""

    alg: str = "ES256"
    key: Any = field(default=None)

    def __post_init__(self) -> None:
        self.key = self.key or _MAKE[self.alg]()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public JWK."""
        return self._jwk(self.key.public_key())

    @property
    def private_jwk(self) -> dict[str, Any]:
        return self._jwk(self.key)

    def _jwk(self, key: Any) -> dict[str, Any]:
        found: dict[str, Any] = jwt.get_algorithm_by_name(self.alg).to_jwk(key, as_dict=True)
        found.pop("key_ops", None)
        return found

    @property
    def jwks(self) -> dict[str, Any]:
        """The key set a client is registered with."""
        return {"keys": [{**self.jwk, "kid": "k1", "alg": self.alg, "use": "sig"}]}

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        members = {name: self.jwk[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in self.jwk}
        return _digest(json.dumps(members, sort_keys=True, separators=(",", ":")))

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A JWS of the claims that are not None."""
        kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm=self.alg, headers=header or {"kid": "k1"})

    def proof(
        self,
        path: str,
        now: int,
        *,
        method: str = "POST",
        token: str | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A DPoP proof for one request; a change to None leaves a claim out."""
        claims: dict[str, Any] = {"jti": new_id("p"), "htm": method, "htu": ISSUER + path, "iat": now}
        if token is not None:
            claims["ath"] = _digest(token)
        return self.sign(claims, {"typ": "dpop+jwt", "jwk": self.jwk} | (header or {}), **changes)

    def assertion(self, client_id: str, now: int, **changes: Any) -> dict[str, str]:
        """Form parameters of private_key_jwt."""
        claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": new_id("a")}
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.sign(claims, **changes),
        }


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def said(changes: Mapping[str, object]) -> str:
    """A test's name for what it changes; keys are left out, for they are new in every process."""
    plain = (str, int, list, type(None))
    return " ".join(f"{name}={value}" if isinstance(value, plain) else name for name, value in changes.items())
