"""A certificate of an authority we trust, which names the client."""

from __future__ import annotations

from idp.oauth.client_auth.base import AuthContext, OneTime, Presented, not_authenticated, shown_certificate
from idp.protocol.client import Client
from keys.api import PeerCertificate
from keys.errors import KeyRefused


class TlsClientAuth:
    """
    Source: RFC 8705 §2.1. The name is one and exactly the registered one: distinguished names part by part in their
    order, alternative names each by its kind. No authority is trusted unless the installation names it.
    """

    name = "tls_client_auth"
    shows_itself = False

    def unverified_client_id(self, presented: Presented) -> str | None:
        return presented.form.get("client_id")

    def prove(self, presented: Presented, client: Client, context: AuthContext) -> OneTime | None:
        """
        1. The certificate, by the proxy's header.
        2. Its chain, to an authority of ours.
        3. Its name.
        """
        peer, chain = shown_certificate(presented, context)
        try:
            context.keys.verify_peer(peer, chain, context.authorities, at=context.now)
        except KeyRefused:
            raise not_authenticated("the certificate is not from a trusted authority, or out of its time") from None
        if not _names(client, peer, context):
            raise not_authenticated("the certificate names somebody else")
        return None


def _names(client: Client, peer: PeerCertificate, context: AuthContext) -> bool:
    if client.tls_name is None:
        return False
    kind, value = client.tls_name
    if kind != "subject_dn":
        return value in peer.names.get(kind.removeprefix("san_"), ())
    try:
        return context.keys.distinguished_name(value) == peer.subject
    except ValueError:
        return False
