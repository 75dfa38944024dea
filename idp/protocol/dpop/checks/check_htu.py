from __future__ import annotations

from urllib.parse import urlsplit

from idp.errors import OAuthError
from idp.protocol.dpop.facts import Proof, ProofFacts

_DEFAULT_PORTS = {"https": 443, "http": 80}


def check_htu(proof: Proof, facts: ProofFacts) -> None:
    """
    The proof was made for this address: scheme and host in any case, the default port written or not, the path exactly.

    Reads:   htu, of which query and fragment count for nothing.
    Raises:  OAuthError("invalid_dpop_proof").
    Source:  RFC 9449 §4.3 (9) with the note on normalisation; RFC 3986 §6.2.2, §6.2.3.
    """
    htu = proof.claims.get("htu")
    if not isinstance(htu, str) or _normal(htu) != _normal(facts.address):
        raise OAuthError("invalid_dpop_proof", "htu is not the address of this request")


def _normal(address: str) -> tuple[str, str, int | None, str] | None:
    """None: no address of the web, or one with credentials."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], parts.path or "/"
