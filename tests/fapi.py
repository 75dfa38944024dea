"""
Clients of FAPI 2.0 in the four ways the official plans run them: known by an assertion or by a certificate, tokens
bound to a key or to a certificate.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from base.ids import new_id
from tests.certificates import Authority, HeldCertificate
from tests.proofs import ISSUER, HeldKey
from tests.provider import REDIRECT, REQUEST, VERIFIER, Provider, Registered, Reply

CITY = Authority()
VARIANTS = [("private_key_jwt", "dpop"), ("private_key_jwt", "mtls"), ("mtls", "dpop"), ("mtls", "mtls")]
"""client_auth_type × sender_constrain."""


@dataclass
class Party:
    """One client: how it authenticates, what binds its tokens, and what it signs with."""

    provider: Provider
    auth: str
    bind: str
    registered: Registered
    signing: HeldKey
    certificate: HeldCertificate
    proving: HeldKey = field(default_factory=HeldKey)

    @property
    def id(self) -> str:
        return self.registered.id

    @property
    def now(self) -> int:
        return self.provider.now

    def proof(self, path: str, **changes: Any) -> str | None:
        """A DPoP proof, where its tokens are bound by one."""
        return self.proving.proof(path, self.now, **changes) if self.bind == "dpop" else None

    def push(self, *, proof: str | None = None, **changes: str | None) -> Reply:
        return self.provider.push(self.registered, proof=proof, **changes)

    def pushed(self, **changes: str | None) -> str:
        reply = self.push(**changes)
        assert reply.status == 201, reply.body
        return str(reply.json["request_uri"])

    def answer(self, cookie: str, **changes: str | None) -> dict[str, str]:
        """The authorization response to a request it pushes."""
        return self.provider.begin(self.registered, self.pushed(**changes), cookie).params

    def redeem(self, code: str, *, proof: str | None = "", **changes: str | None) -> Reply:
        """Redeem a code; proof "": the one it would send."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        sent = self.proof("/token") if proof == "" else proof
        return self.provider.posted("/token", self.registered, proof=sent, **(form | changes))

    def tokens(self, cookie: str, **changes: str | None) -> dict[str, Any]:
        reply = self.redeem(self.answer(cookie, **changes)["code"])
        assert reply.status == 200, reply.body
        return reply.json

    def refresh(self, token: str, *, proof: str | None = "") -> Reply:
        sent = self.proof("/token") if proof == "" else proof
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.provider.posted("/token", self.registered, proof=sent, **form)

    def resource(self, token: str, path: str = "/userinfo", *, proof: str | None = "", **more: Any) -> Reply:
        """Use an access token; more: `scheme`, further headers by name, changes to nothing else."""
        made = self.proof(path, method="GET", token=token) if proof == "" else proof
        scheme = more.pop("scheme", "DPoP" if self.bind == "dpop" else "Bearer")
        headers = {"Authorization": f"{scheme} {token}", **({"DPoP": made} if made else {}), **more}
        certificate = self.certificate if self.bind == "mtls" else None
        return self.provider.ask(path, headers=headers, certificate=certificate)

    def request_object(self, key: HeldKey | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A signed authorization request as FAPI 2.0 Message Signing wants it."""
        now = self.now
        claims = {"iss": self.id, "aud": ISSUER, "nbf": now, "exp": now + 300, "client_id": self.id, **REQUEST}
        return (key or self.signing).sign(claims, header or {"kid": "k1", "typ": "oauth-authz-req+jwt"}, **changes)

    def push_object(self, request: str, **beside: str) -> Reply:
        return self.provider.posted("/par", self.registered, request=request, **beside)


def any_alg(key: HeldKey) -> dict[str, Any]:
    """Its key set, which names no algorithm: only the client's profile says which ones count."""
    return {"keys": [{**key.jwk, "kid": "k1"}]}


def party(provider: Provider, auth: str, bind: str, **metadata: Any) -> Party:
    """Register a client of the profile fapi2; its provider stands behind a proxy that passes certificates on."""
    signing, subject = HeldKey("PS256"), f"CN={new_id('x')},O=Sở Nội vụ,C=VN"
    given: dict[str, Any] = {
        "profile": "fapi2",
        "jwks": signing.jwks,
        "trusted": True,
        "scope": "openid profile email offline_access",
        "id_token_signed_response_alg": None,
        "token_endpoint_auth_method": "private_key_jwt" if auth == "private_key_jwt" else "tls_client_auth",
        "tls_client_auth_subject_dn": subject,
        "tls_client_certificate_bound_access_tokens": bind == "mtls",
    } | metadata
    made, certificate = provider.client(**given), CITY.issue(subject)
    uses_tls = auth == "mtls" or bind == "mtls"
    registered = Registered(
        made.client, "", signing if auth == "private_key_jwt" else None, certificate if uses_tls else None
    )
    return Party(provider, auth, bind, registered, signing, certificate)


def error(reply: Reply) -> tuple[int, str]:
    """Status and code of a refusal."""
    return reply.status, reply.json["error"]


def entropy(text: str) -> float:
    """Bits of Shannon entropy, as the suite counts them."""
    return -sum(n * math.log2(n / len(text)) for n in Counter(text).values())
