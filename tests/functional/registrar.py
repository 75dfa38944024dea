"""A client that registers and manages itself by HTTP: JSON and bearer tokens over the real application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from idp.flows.invite_client import invite_client
from tests.functional.idp_site import CALLBACK, Site

METADATA: dict[str, Any] = {
    "client_name": "Ứng dụng đối tác",
    "redirect_uris": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token"],
}


@dataclass
class Registrar:
    """One client's way to the registration endpoints."""

    site: Site
    address: str = "203.113.131.9"

    def register(self, token: str | None = None, **changes: Any) -> TestResponse:
        """POST /register; a change to None leaves a field out."""
        sent = {name: value for name, value in {**METADATA, **changes}.items() if value is not None}
        return self.send("POST", "/register", token, json=sent)

    def registered(self, token: str | None = None, **changes: Any) -> dict[str, Any]:
        """The client information response of a registration that succeeds."""
        response = self.register(token, **changes)
        assert response.status_code == 201, response.text
        return dict(response.get_json())

    def read(self, client_id: str, token: str | None) -> TestResponse:
        return self.send("GET", f"/register/{client_id}", token)

    def replace(self, client_id: str, token: str | None, /, **metadata: Any) -> TestResponse:
        return self.send("PUT", f"/register/{client_id}", token, json={"client_id": client_id, **metadata})

    def delete(self, client_id: str, token: str | None) -> TestResponse:
        return self.send("DELETE", f"/register/{client_id}", token)

    def send(self, method: str, path: str, token: str | None, **body: Any) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        client = self.site.app.test_client()
        origin = {"REMOTE_ADDR": self.address}
        return client.open(path, method=method, headers=headers, environ_base=origin, **body)


def invited(
    site: Site, *, uses: int = 1, policy: str = "standard", seconds: int = 3600, code: str | None = None
) -> str:
    """A fresh initial access token."""
    return invite_client(site.services, uses=uses, lifetime_seconds=seconds, policy=policy, organisation_code=code)
