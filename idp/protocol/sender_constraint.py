"""
What an access token is bound to, and whether a client must bind its tokens at all. Pure.

Source: RFC 9449 §5, §6.1; RFC 7800 §3.1 (cnf); RFC 9700 §2.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from idp.errors import OAuthError
from idp.protocol.client import Client


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Who sends a request, as far as it was proven.

    jkt: thumbprint of the key it has proven to hold (RFC 7638), None without a proof.
    """

    client: Client
    jkt: str | None = None


def confirmation_of(sender: Sender) -> Mapping[str, str]:
    """
    The `cnf` of tokens for this sender; empty: whoever holds the token may use it.

    Raises:  OAuthError("invalid_dpop_proof"): the client has promised to bind its tokens and did not prove a key.
    """
    if sender.jkt is None:
        if sender.client.dpop_bound:
            raise OAuthError("invalid_dpop_proof", "this client must bind its tokens: send a DPoP proof")
        return {}
    return {"jkt": sender.jkt}
