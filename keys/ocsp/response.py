"""
The OCSPResponse around a signed answer, and the errors of the protocol, which nobody signs.

Source: RFC 6960 §4.2.1, §2.3.
"""

from __future__ import annotations

from keys.der import CONTEXT, OCTET_STRING, sequence, wrapped
from keys.ocsp.answer import ENUMERATED

_BASIC = bytes.fromhex("06092b0601050507300101")
_SUCCESSFUL = wrapped(ENUMERATED, b"\x00")


def _error(code: int) -> bytes:
    return sequence(wrapped(ENUMERATED, bytes((code,))))


MALFORMED = _error(1)
INTERNAL_ERROR = _error(2)
TRY_LATER = _error(3)
UNAUTHORIZED = _error(6)
"""None of the certificates that are asked for is of an authority that we speak for (RFC 5019 §2.2.3)."""


def successful(answer: bytes) -> bytes:
    """The response that carries a BasicOCSPResponse."""
    return sequence(_SUCCESSFUL, wrapped(CONTEXT, sequence(_BASIC, wrapped(OCTET_STRING, answer))))
