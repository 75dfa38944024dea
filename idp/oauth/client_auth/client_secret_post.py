"""Identifier and secret in the form. Source: RFC 6749 §2.3.1 (in the body only, never in the address)."""

from __future__ import annotations

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated
from idp.oauth.client_auth.secrets import secret_matches
from idp.protocol.client import Client


class ClientSecretPost:
    name = "client_secret_post"
    shows_itself = True

    def unverified_client_id(self, presented: Presented) -> str | None:
        if "client_secret" not in presented.form:
            return None
        client_id = presented.form.get("client_id")
        if client_id is None:
            raise not_authenticated("client_id is missing")
        return client_id

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        if not secret_matches(client, presented.form["client_secret"]):
            raise not_authenticated("client authentication failed")
        return None
