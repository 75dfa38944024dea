"""
Writing DER by hand, where bytes must be put around bytes that were made elsewhere, or quickly. Pure.

Source: ITU-T X.690 §8.1.3, §10, §11 (distinguished encoding); RFC 5280 §4.1, §5.1 (the frame of signed things).
"""

from __future__ import annotations

from base.clock import as_utc

INTEGER, BIT_STRING, OCTET_STRING, GENERALIZED_TIME = 0x02, 0x03, 0x04, 0x18
SEQUENCE, SET, CONTEXT = 0x30, 0x31, 0xA0
ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
"""AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 §3.2)."""


def wrapped(tag: int, content: bytes) -> bytes:
    """Tag, length in short or long form, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    coded = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(coded))) + coded + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of encoded parts."""
    return wrapped(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF encoded parts, in the order that DER asks for (§11.6)."""
    return wrapped(SET, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    """INTEGER, two's complement, as short as possible."""
    length = (value + (value < 0)).bit_length() // 8 + 1
    return wrapped(INTEGER, value.to_bytes(length, "big", signed=True))


def generalized_time(seconds: int) -> bytes:
    """GeneralizedTime of epoch seconds, UTC, without fraction."""
    return wrapped(GENERALIZED_TIME, as_utc(seconds).strftime("%Y%m%d%H%M%SZ").encode())


def signed_frame(to_be_signed: bytes, signature: bytes) -> bytes:
    """A certificate or revocation list: SEQUENCE { signed part, ecdsa-with-SHA256, BIT STRING }."""
    return sequence(to_be_signed, ECDSA_WITH_SHA256, wrapped(BIT_STRING, b"\x00" + signature))
