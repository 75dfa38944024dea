"""What both providers know: the same clients under the same identifiers, and the keys some of them hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.proofs import HeldKey

CALLBACK = "https://portal.example.vn/cb"
SECOND_CALLBACK = "https://portal.example.vn/cb2?from=sso"
LOOPBACK = "http://127.0.0.1/cb"
RESOURCE = "https://records.example.vn/"
ALL_SCOPES = "openid profile email phone address offline_access"
RESPONSE_TYPES = (
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
)
CODE_AND_REFRESH = ["authorization_code", "refresh_token"]


@dataclass(frozen=True, slots=True)
class Known:
    """A client: its registration, its key where it has one, and whether the person allowed it everything before."""

    metadata: dict[str, Any]
    key: HeldKey | None = None
    consented: bool = True

    @property
    def id(self) -> str:
        return str(self.metadata["client_id"])

    @property
    def method(self) -> str:
        return str(self.metadata["token_endpoint_auth_method"])

    @property
    def redirect_uri(self) -> str:
        uris: list[str] = self.metadata["redirect_uris"]
        return uris[0].replace("127.0.0.1", "127.0.0.1:49152")

    @property
    def by_code(self) -> bool:
        return "authorization_code" in self.metadata["grant_types"]


def known_clients() -> dict[str, Known]:
    """Every client, by identifier; keys are new in each run."""
    held = HeldKey()
    keyed = {"token_endpoint_auth_method": "private_key_jwt", "jwks": held.jwks}
    made = (
        Known(_client("web")),
        Known(_client("post", token_endpoint_auth_method="client_secret_post")),
        Known(_client("spa", token_endpoint_auth_method="none")),
        Known(
            _client("native", token_endpoint_auth_method="none", redirect_uris=[LOOPBACK], application_type="native")
        ),
        Known(_client("few", grant_types=["authorization_code"], scope="openid email")),
        Known(_client("two", redirect_uris=[CALLBACK, SECOND_CALLBACK])),
        Known(_client("new"), consented=False),
        Known(_client("hybrid", grant_types=[*CODE_AND_REFRESH, "implicit"], response_types=list(RESPONSE_TYPES))),
        Known(_client("keyed", **keyed), held),
        Known(_client("signer", **keyed, require_signed_request_object=True), held),
        Known(_client("pushy", require_pushed_authorization_requests=True)),
        Known(_client("reader", resource=RESOURCE, scope=ALL_SCOPES + " records.read records.write")),
        Known(
            _client(
                "machine",
                grant_types=["client_credentials"],
                response_types=[],
                redirect_uris=[],
                scope="records.read records.write",
            )
        ),
    )
    return {client.id: client for client in made}


def _client(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "client_id": name,
        "client_name": name,
        "redirect_uris": [CALLBACK],
        "grant_types": CODE_AND_REFRESH,
        "response_types": ["code"],
        "scope": ALL_SCOPES,
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
        "authorization_signed_response_alg": "ES256",
        **changes,
    }
