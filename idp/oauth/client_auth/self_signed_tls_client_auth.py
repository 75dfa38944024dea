"""A certificate whose key the client has published; who signed it does not matter."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated, shown_certificate
from idp.protocol.client import Client
from keys.api import PeerCertificate


class SelfSignedTlsClientAuth:
    """
    Source: RFC 8705 §2.2. A published key that comes with certificates (`x5c`) counts with the first of them alone. The
    certificate must be in its time, which the RFC leaves open.
    """

    name = "self_signed_tls_client_auth"
    shows_itself = False

    def unverified_client_id(self, presented: Presented) -> str | None:
        return presented.form.get("client_id")

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        peer, _ = shown_certificate(presented, context)
        if not peer.not_before <= context.now <= peer.not_after:
            raise not_authenticated("the certificate is out of its time")
        fetches = (False,) if client.jwks_uri is None else (False, True)
        if not any(_published(peer, context, client, anew) for anew in fetches):
            raise not_authenticated("the certificate is not one the client has published")
        return None


def _published(peer: PeerCertificate, context: AuthContext, client: Client, anew: bool) -> bool:
    keys = context.keys_of(client, anew).get("keys", [])
    return any(isinstance(jwk, dict) and _matches(peer, jwk, context) for jwk in keys)


def _matches(peer: PeerCertificate, jwk: dict[str, Any], context: AuthContext) -> bool:
    chain = jwk.get("x5c")
    if chain is None:
        return context.keys.thumbprint(jwk) == peer.key_thumbprint
    try:
        return isinstance(chain, list) and base64.b64decode(chain[0], validate=True) == peer.der
    except (binascii.Error, ValueError, TypeError, IndexError):
        return False
