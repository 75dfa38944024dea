"""Identifier and secret in the Authorization header."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated
from idp.oauth.client_auth.secrets import secret_matches
from idp.protocol.client import Client


class ClientSecretBasic:
    """
    Source: RFC 6749 §2.3.1: both halves are form-encoded before they are joined by a colon and base64-encoded, so a
    secret with `%`, `+` or `:` in it must be decoded to be right.
    """

    name = "client_secret_basic"
    shows_itself = True

    def unverified_client_id(self, presented: Presented) -> str | None:
        header = presented.authorization
        if header is None or header[:6].lower() != "basic ":
            return None
        return _read(header)[0]

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        assert presented.authorization is not None  # unverified_client_id() read it
        if not secret_matches(client, _read(presented.authorization)[1]):
            raise not_authenticated("client authentication failed", basic=True)
        return None


def _read(header: str) -> tuple[str, str]:
    try:
        joined = base64.b64decode(header[6:].strip(), validate=True).decode()
        client_id, colon, secret = joined.partition(":")
        if not colon:
            raise ValueError(joined)
        return _plain(client_id), _plain(secret)
    except (binascii.Error, ValueError):
        raise not_authenticated("the Authorization header is malformed", basic=True) from None


def _plain(coded: str) -> str:
    return unquote_plus(coded, errors="strict") if "%" in coded or "+" in coded else coded
