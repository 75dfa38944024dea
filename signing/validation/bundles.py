"""
What stands at the address of an issuer: one certificate, or a bundle of them, a CMS of certificates only.

A bundle is read under limits and in DER alone. Nobody has signed it, so each certificate in it counts for what it
proves by itself: whether it leads to an anchor. Source: RFC 5280 §4.2.2.1; RFC 5652 §5.1; RFC 8551 §3.8 (certs-only).
"""

from __future__ import annotations

from signing.validation.cms_parts import open_signed, starts_signed_data
from signing.validation.der_check import NotDer, check_der

MOST_BYTES = 256 * 1024
MOST_CERTIFICATES = 16
_CERTIFICATE = 0x30


def certificates_in(body: bytes) -> tuple[bytes, ...]:
    """The certificates (DER, unjudged) that an answer holds; none if it is a bundle in another form or too large."""
    if not starts_signed_data(body):
        return (body,)
    if len(body) > MOST_BYTES:
        return ()
    try:
        check_der(body)
        parts = open_signed(body)
    except (NotDer, IndexError):
        return ()
    if parts.signers or parts.content is not None or len(parts.certificates) > MOST_CERTIFICATES:
        return ()
    return tuple(one for one in parts.certificates if one[0] == _CERTIFICATE)
