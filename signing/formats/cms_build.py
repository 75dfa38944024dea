"""
A SignedData written from its parts: with one signer more, with validation data, with unsigned attributes.

What a signature or a time stamp covers is copied byte for byte; only what stands around it is written anew.
Source: RFC 5652 §5.1 (versions), §5.3; ITU-T X.690 §11.6 (order in a SET OF).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from signing.formats.der import integer, octets, oid, sequence, set_of, tlv
from signing.validation.cms_parts import COUNTER_SIGNATURE, SignedParts, SignerParts, open_signer

DATA = oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
OTHER_REVOCATION = 0xA1
_V3 = integer(3)


def empty_signed(content: bytes | None) -> SignedParts:
    """Nothing but the content, or not even that where it is elsewhere."""
    return SignedParts(integer(1), (), DATA, content, (), (), ())


def write_signed(parts: SignedParts) -> bytes:
    """The ContentInfo, DER, with the version that fits what is inside."""
    inside = (tlv(0xA0, octets(parts.content)),) if parts.content is not None else ()
    optional = (
        set_of(dict.fromkeys(members), tag=tag)
        for tag, members in ((0xA0, parts.certificates), (0xA1, parts.lists))
        if members
    )
    body = sequence(
        integer(_version(parts)),
        set_of(dict.fromkeys(parts.digest_algorithms)),
        sequence(parts.content_type, *inside),
        *optional,
        set_of(parts.signers),
    )
    return sequence(_SIGNED_DATA, tlv(0xA0, body))


def _version(parts: SignedParts) -> int:
    if any(one[0] == OTHER_REVOCATION for one in parts.lists):
        return 5
    named_by_key = any(open_signer(signer).version == _V3 for signer in parts.signers)
    return 3 if named_by_key or parts.content_type != DATA else 1


def write_signer(parts: SignerParts) -> bytes:
    """
    The SignerInfo; each value of an unsigned attribute is an Attribute of its own: archive time stamps must be (EN
    319 122-1 §5.5.3), and some programs read only the first value of the others.
    """
    attributes = [sequence(kind, set_of((value,))) for kind, value in parts.unsigned]
    return sequence(
        parts.version,
        parts.sid,
        parts.digest_algorithm,
        parts.signed,
        parts.signature_algorithm,
        parts.signature,
        *([set_of(attributes, tag=0xA1)] if attributes else []),
    )


def with_unsigned(signer: bytes, kind: bytes, value: bytes) -> bytes:
    """A SignerInfo with one more unsigned attribute value."""
    parts = open_signer(signer)
    return write_signer(replace(parts, unsigned=(*parts.unsigned, (kind, value))))


def with_counter(signer: bytes, path: tuple[int, ...], counter: bytes) -> bytes:
    """A SignerInfo with a counter-signature over itself (empty path), or over one of its own at that path."""
    if not path:
        return with_unsigned(signer, COUNTER_SIGNATURE, counter)
    parts = open_signer(signer)
    found, position = [], -1
    for kind, value in parts.unsigned:
        position += kind == COUNTER_SIGNATURE
        mine = kind == COUNTER_SIGNATURE and position == path[0]
        found.append((kind, with_counter(value, path[1:], counter) if mine else value))
    return write_signer(replace(parts, unsigned=tuple(found)))


def with_certificates(parts: SignedParts, certificates: Iterable[bytes]) -> SignedParts:
    """The same with certificates added that are not there yet."""
    return replace(parts, certificates=tuple(dict.fromkeys((*parts.certificates, *certificates))))
