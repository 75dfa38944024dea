"""
Reading an OCSPRequest; whatever cannot be read is a MalformedRequest, which the protocol has a word for.

Signatures on requests are not asked for and not looked at (RFC 6960 §4.1.2: optional); requestorName neither.

Source: RFC 6960 §4.1; RFC 9654 §2.1 (a nonce has 1 to 128 octets).
"""

from __future__ import annotations

from dataclasses import dataclass

from keys.ocsp.reading import (
    BOOLEAN,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    NotDer,
    Reader,
    integer_of,
    only,
)

MAX_REQUEST_BYTES = 4096
MAX_CERTIFICATES = 20
"""Each costs a look into the database, and one signature covers all."""
MAX_SERIAL_BYTES = 21
MAX_NONCE_BYTES = 128
HASHES = {bytes.fromhex("2b0e03021a"): "sha1", bytes.fromhex("608648016503040201"): "sha256"}
"""
Contents of the object identifiers. SHA-1 names a certificate here, it protects nothing: RFC 5019 §2.1.1 asks for it and
most clients know nothing else.
"""
_HASH_BYTES = {"sha1": 20, "sha256": 32}
_NONCE = bytes.fromhex("2b0601050507300102")
_VERSION, _REQUESTOR, _EXTENSIONS, _SIGNATURE, _SINGLE_EXTENSIONS = 0xA0, 0xA1, 0xA2, 0xA0, 0xA0
_NULL = b"\x05\x00"


class MalformedRequest(Exception):
    """The bytes are not a request that we serve; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class CertId:
    """
    One certificate that is asked for.

    der: as it came, which the answer repeats. algorithm: sha1 | sha256; name_hash, key_hash: of its issuer.
    """

    der: bytes
    algorithm: str
    name_hash: bytes
    key_hash: bytes
    serial: int


@dataclass(frozen=True, slots=True)
class StatusOrder:
    """What is asked. nonce: to be repeated; None without one, and then the answer may be kept by caches."""

    wanted: tuple[CertId, ...]
    nonce: bytes | None


def read_request(der: bytes) -> StatusOrder:
    """Raises: MalformedRequest."""
    if len(der) > MAX_REQUEST_BYTES:
        raise MalformedRequest("too long")
    try:
        return _read(der)
    except NotDer as error:
        raise MalformedRequest(str(error)) from error


def _read(der: bytes) -> StatusOrder:
    outer = Reader(only(der, SEQUENCE).content)
    request = Reader(outer.take(SEQUENCE).content)
    outer.take_optional(_SIGNATURE)
    outer.end()
    version = request.take_optional(_VERSION)
    if version is not None and integer_of(only(version.content, INTEGER).content) != 0:
        raise MalformedRequest("only version 1 is known")
    request.take_optional(_REQUESTOR)
    wanted = _wanted(request.take(SEQUENCE))
    extensions = request.take_optional(_EXTENSIONS)
    request.end()
    return StatusOrder(wanted, _nonce(extensions))


def _wanted(listed: Element) -> tuple[CertId, ...]:
    requests = Reader(listed.content)
    found: list[CertId] = []
    while requests.tag is not None:
        if len(found) == MAX_CERTIFICATES:
            raise MalformedRequest("asks for too many certificates")
        single = Reader(requests.take(SEQUENCE).content)
        found.append(_cert_id(single.take(SEQUENCE)))
        extensions = single.take_optional(_SINGLE_EXTENSIONS)
        single.end()
        _nonce(extensions)  # nothing critical is known there either
    if not found:
        raise MalformedRequest("asks for nothing")
    return tuple(found)


def _cert_id(element: Element) -> CertId:
    fields = Reader(element.content)
    algorithm = _algorithm(fields.take(SEQUENCE))
    name_hash, key_hash = fields.take(OCTET_STRING).content, fields.take(OCTET_STRING).content
    serial = fields.take(INTEGER).content
    fields.end()
    if len(name_hash) != _HASH_BYTES[algorithm] or len(key_hash) != _HASH_BYTES[algorithm]:
        raise MalformedRequest("a hash has the wrong length")
    if len(serial) > MAX_SERIAL_BYTES:
        raise MalformedRequest("a serial number is too long")
    return CertId(element.der, algorithm, name_hash, key_hash, integer_of(serial))


def _algorithm(element: Element) -> str:
    fields = Reader(element.content)
    algorithm = HASHES.get(fields.take(OBJECT_IDENTIFIER).content)
    if algorithm is None:
        raise MalformedRequest("certificates are named with SHA-1 or SHA-256")
    if fields.tag is not None and fields.take(_NULL[0]).der != _NULL:
        raise MalformedRequest("the hash algorithm has parameters")
    fields.end()
    return algorithm


def _nonce(extensions: Element | None) -> bytes | None:
    """The nonce among them. Raises: MalformedRequest: of a wrong length, twice, or something critical is unknown."""
    if extensions is None:
        return None
    found = None
    listed = Reader(only(extensions.content, SEQUENCE).content)
    while listed.tag is not None:
        fields = Reader(listed.take(SEQUENCE).content)
        name = fields.take(OBJECT_IDENTIFIER).content
        critical = fields.take_optional(BOOLEAN)
        value = fields.take(OCTET_STRING).content
        fields.end()
        if name == _NONCE:
            if found is not None:
                raise MalformedRequest("two nonces")
            found = only(value, OCTET_STRING).content
            if not 1 <= len(found) <= MAX_NONCE_BYTES:
                raise MalformedRequest("a nonce has 1 to 128 octets")
        elif critical is not None and critical.content != b"\x00":
            raise MalformedRequest("an unknown extension is critical")
    return found
