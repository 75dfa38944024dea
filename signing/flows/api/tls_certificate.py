"""
The certificate a client has used in TLS, as the trusted proxy passed it on (base/web/client_certificate.py).

Source: RFC 9440 §2.2 (`:base64:`); nginx writes PEM with percent escapes. RFC 8705 §3.1 (the thumbprint).
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from keys.api import Keys
from keys.errors import KeyRefused

MOST_CHARACTERS = 16 * 1024
_ITEM = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----\s*")


def thumbprint_of(keys: Keys, shown: tuple[str, str] | None) -> str | None:
    """SHA-256 of it, 43 base64url characters; None: there is none, or it cannot be read."""
    if shown is None or len(shown[0]) > MOST_CHARACTERS:
        return None
    try:
        return keys.read_peer(_der(shown[0].strip())).thumbprint
    except (ValueError, binascii.Error, KeyRefused):
        return None


def _der(text: str) -> bytes:
    item = _ITEM.fullmatch(text)
    if item is not None:
        return base64.b64decode(item[1], validate=True)
    pem = _PEM.fullmatch(unquote_to_bytes(text))
    if pem is None:
        raise ValueError("neither form")
    return base64.b64decode(b"".join(pem[1].split()), validate=True)
