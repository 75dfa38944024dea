"""A public client names itself and proves nothing; PKCE and rotation stand in. Source: RFC 6749 §2.1, §3.2.1."""

from __future__ import annotations

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented
from idp.protocol.client import Client


class NoAuthentication:
    name = "none"
    shows_itself = False

    def unverified_client_id(self, presented: Presented) -> str | None:
        return presented.form.get("client_id")

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        return None
