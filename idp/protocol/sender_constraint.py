"""
What an access token is bound to, and whether a client must bind its tokens at all. Pure.

Source: RFC 9449 §5, §6.1; RFC 8705 §3, §3.1, §3.4; RFC 7800 §3.1 (cnf); RFC 9700 §2.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idp.errors import OAuthError
from idp.protocol.client import Client

CERTIFICATE = "x5t#S256"
"""Member of `cnf` that names a certificate (RFC 8705 §3.1)."""


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Who sends a request, as far as it was proven.

    jkt: thumbprint of the key it has proven to hold (RFC 7638), None without a proof.
    x5t: SHA-256 of the certificate it has used in TLS; None without one, and for clients that do not bind by it.
    """

    client: Client
    jkt: str | None = None
    x5t: str | None = None

    @property
    def holds(self) -> str | None:
        """One word for what it has proven to hold, so that two requests can be compared."""
        return self.jkt or self.x5t


def confirmation_of(sender: Sender) -> Mapping[str, str]:
    """
    The `cnf` of tokens for this sender; empty: whoever holds the token may use it.

    Raises:  OAuthError("invalid_request"): the client has promised to bind its tokens to a
             key or a certificate and did not prove that it holds one.
    """
    client, confirmation = sender.client, {}
    if sender.jkt is not None:
        confirmation["jkt"] = sender.jkt
    elif client.dpop_bound:
        raise OAuthError("invalid_request", "this client must bind its tokens: send a DPoP proof")
    if sender.x5t is not None:
        confirmation[CERTIFICATE] = sender.x5t
    elif client.certificate_bound:
        raise OAuthError("invalid_request", "this client must bind its tokens: present its certificate in TLS")
    return confirmation
