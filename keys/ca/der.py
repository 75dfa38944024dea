"""
Putting a signature under bytes that were made elsewhere: SEQUENCE { signed part, algorithm, BIT STRING }.

Certificates and revocation lists have the same frame (RFC 5280 §4.1, §5.1).
"""

from __future__ import annotations

ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
"""AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 §3.2)."""
_SEQUENCE, _BIT_STRING = 0x30, 0x03


def signed_frame(to_be_signed: bytes, signature: bytes) -> bytes:
    """The DER of the whole, for an ES256 signature."""
    return _wrapped(_SEQUENCE, to_be_signed + ECDSA_WITH_SHA256 + _wrapped(_BIT_STRING, b"\x00" + signature))


def _wrapped(tag: int, content: bytes) -> bytes:
    """Tag, length (short or long form, X.690 §8.1.3), content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    coded = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(coded))) + coded + content
