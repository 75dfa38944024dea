"""
Which elements a CMS signature consists of, tag by tag, and no other.

The parser skips what it does not expect: an unsigned attribute set under another tag simply vanished, and with it the
time stamp; odd parameters of a digest algorithm went unnoticed. Both were found by changing every byte of a signature.
Source: RFC 5652 §5.1, §5.3, §11.4; RFC 5754 §2 (digest parameters absent or NULL).
"""

from __future__ import annotations

import re

from signing.validation.cms_parts import COUNTER_SIGNATURE, MOST_COUNTER_DEPTH
from signing.validation.der_check import NotDer, OtherForm, children, content_of

_CONTENT_INFO = re.compile(rb"\x06\xa0")
_SIGNED_DATA = re.compile(rb"\x02\x31\x30\xa0?\xa1?\x31")
_CONTENT = re.compile(rb"\x06\xa0?")
_OCTETS = re.compile(rb"\x04")
_SIGNER_INFO = re.compile(rb"\x02(?:\x30|\x80)\x30\xa0\x30\x04\xa1?")
_WITHOUT_ATTRIBUTES = re.compile(rb"\x02(?:\x30|\x80)\x30\x30\x04\xa1?")
_ALGORITHM = re.compile(rb"\x06\x05?")
_ATTRIBUTE = re.compile(rb"\x06\x31")
_SEQUENCE, _ATTRIBUTES = 0x30, b"\x31"
_DIGEST, _SIGNED, _UNSIGNED = 2, 3, 6
_MEMBERS = {0xA0: (0x30, 0xA0, 0xA1, 0xA2, 0xA3), 0xA1: (0x30, 0xA1)}
"""What may stand among the certificates and among the revocation lists (RFC 5652 §10.2.1, §10.2.2)."""


def check_shape(der: bytes) -> None:
    """Hold a ContentInfo with SignedData to its elements. Raises: NotDer."""
    outer = _held(der, _CONTENT_INFO, "content info")
    inside = children(outer[1])
    if len(inside) != 1:
        raise NotDer("more than one content")
    data = _held(inside[0][1], _SIGNED_DATA, "signed data")
    _check_content(data[2])
    for optional in data[3:-1]:
        if any(tag not in _MEMBERS[optional[0]] for tag, _ in children(optional)):
            raise NotDer("neither certificate nor revocation list")
    for _tag, algorithm in children(data[1]):
        _check_digest(algorithm)
    signers = [info for _tag, info in children(data[-1])]
    if any(_WITHOUT_ATTRIBUTES.fullmatch(bytes(tag for tag, _ in children(info))) for info in signers):
        _check_attributes_are_no_content(data[2])
        raise OtherForm("CMS without signed attributes")
    for info in signers:
        _check_signer(info, 0)


def _check_content(element: bytes) -> None:
    """The content is one whole OCTET STRING: in pieces, two readers could join them differently."""
    parts = _held(element, _CONTENT, "content")
    if len(parts) > 1:
        inside = children(b"\x30" + parts[1][1:])
        if len(inside) == 1 and inside[0][0] == _SEQUENCE:
            raise OtherForm("PKCS #7 1.5")
        _held(b"\x30" + parts[1][1:], _OCTETS, "content")


def _check_attributes_are_no_content(element: bytes) -> None:
    """A value over attributes is one over content that looks like them: nobody signed it as content."""
    parts = children(element)
    if len(parts) > 1 and content_of(children(parts[1][1])[0][1])[:1] == _ATTRIBUTES:
        raise NotDer("attributes that were signed, as content")


def _check_signer(info: bytes, depth: int) -> None:
    if depth > MOST_COUNTER_DEPTH:
        raise NotDer("counter-signatures too deep")
    parts = _held(info, _SIGNER_INFO, "signer info")
    _check_digest(parts[_DIGEST])
    for _tag, attribute in children(parts[_SIGNED]):
        _held(attribute, _ATTRIBUTE, "attribute")
    for _tag, attribute in children(parts[_UNSIGNED]) if len(parts) > _UNSIGNED else ():
        kind, values = _held(attribute, _ATTRIBUTE, "attribute")
        if not children(values):
            raise NotDer("attribute without a value")
        if kind == COUNTER_SIGNATURE:
            for _inner, counter in children(values):
                _check_signer(counter, depth + 1)


def _held(element: bytes, shape: re.Pattern[bytes], what: str) -> list[bytes]:
    """The children of an element whose tags have that shape."""
    found = children(element)
    if element[0] != 0x30 or not shape.fullmatch(bytes(tag for tag, _ in found)):
        raise NotDer(f"{what} has other elements than allowed")
    return [part for _, part in found]


def _check_digest(algorithm: bytes) -> None:
    parts = _held(algorithm, _ALGORITHM, "digest algorithm")
    if len(parts) > 1 and parts[1] != b"\x05\x00":
        raise NotDer("digest algorithm with parameters")
