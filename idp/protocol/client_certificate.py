"""
The headers in which a proxy passes on the certificate a client has used in TLS. Pure; bounded before anything is read.

Source: RFC 9440 §2.2, §2.3 (`:base64:`, a list of them for the chain); RFC 8941 §3.3.5. nginx writes the certificate as
PEM with percent escapes and has no chain.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from idp.errors import OAuthError

MOST_CHARACTERS = 16 * 1024
MOST_IN_CHAIN = 5
_ITEM = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----\s*")


class ShownCertificate(NamedTuple):
    """Header values as they came from a trusted proxy, unread; chain "" without one."""

    leaf: str
    chain: str


def certificates_in(shown: ShownCertificate, form: str) -> tuple[bytes, tuple[bytes, ...]]:
    """
    The certificate and its chain, DER. form: `rfc9440` or `pem_escaped`.

    Raises:  OAuthError("invalid_request"): too long, several certificates where one belongs, or not of that form.
    """
    read = FORMS[form]
    try:
        if len(shown.leaf) > MOST_CHARACTERS or len(shown.chain) > MOST_IN_CHAIN * MOST_CHARACTERS:
            raise ValueError("too long")
        chain = [part.strip() for part in shown.chain.split(",")] if shown.chain else []
        if len(chain) > MOST_IN_CHAIN:
            raise ValueError("too many")
        return read(shown.leaf.strip()), tuple(map(read, chain))
    except (ValueError, binascii.Error):
        raise OAuthError("invalid_request", "the client certificate cannot be read") from None


def _item(text: str) -> bytes:
    found = _ITEM.fullmatch(text)
    if found is None:
        raise ValueError("no byte sequence")
    return base64.b64decode(found[1], validate=True)


def _escaped(text: str) -> bytes:
    found = _PEM.fullmatch(unquote_to_bytes(text))
    if found is None:
        raise ValueError("no PEM")
    return base64.b64decode(b"".join(found[1].split()), validate=True)


FORMS: Mapping[str, Callable[[str], bytes]] = {"rfc9440": _item, "pem_escaped": _escaped}
