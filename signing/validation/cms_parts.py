"""
A CMS SignedData taken apart into its elements, byte for byte, and put together again.

An archive time stamp and a counter-signature are made over elements exactly as they stand in the file; whoever decodes
and encodes again risks other bytes. Source: RFC 5652 §5.1, §5.3, §11.4; EN 319 122-1 §5.5.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from signing.validation.ber import definite
from signing.validation.der_check import NotDer, children, content_of

COUNTER_SIGNATURE = bytes.fromhex("06092a864886f70d010906")
"""The DER of its identifier, 1.2.840.113549.1.9.6."""
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
MOST_SIGNERS = 16
_MOST_HEAD = 6
MOST_COUNTER_DEPTH = 4


@dataclass(frozen=True, slots=True)
class SignerParts:
    """
    One SignerInfo, each field with tag and length. signed: with its tag [0], or empty.

    unsigned: (identifier, value) for each value of each unsigned attribute, in their order.
    """

    version: bytes
    sid: bytes
    digest_algorithm: bytes
    signed: bytes = field(repr=False)
    signature_algorithm: bytes
    signature: bytes = field(repr=False)
    unsigned: tuple[tuple[bytes, bytes], ...] = field(repr=False)

    @property
    def value(self) -> bytes:
        """The octets of the signature value: what a time stamp and a counter-signature are made over."""
        return content_of(self.signature)

    @property
    def counters(self) -> tuple[bytes, ...]:
        """Each counter-signature, a SignerInfo."""
        return tuple(value for kind, value in self.unsigned if kind == COUNTER_SIGNATURE)


@dataclass(frozen=True, slots=True)
class SignedParts:
    """
    A SignedData. content: the octets inside, None if they are elsewhere.

    certificates, lists: each CertificateChoices and RevocationInfoChoice with tag and length. signers: SignerInfos.
    """

    version: bytes
    digest_algorithms: tuple[bytes, ...]
    content_type: bytes
    content: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    lists: tuple[bytes, ...] = field(repr=False)
    signers: tuple[bytes, ...] = field(repr=False)


def starts_signed_data(document: bytes) -> bool:
    """Whether a file starts like a CMS signature, whatever its length field looks like (RFC 5652 §3, §5.1)."""
    head = document[: _MOST_HEAD + len(SIGNED_DATA)]
    return head[:1] == b"\x30" and 2 <= head.find(SIGNED_DATA) <= _MOST_HEAD


def open_signed(der: bytes) -> SignedParts:
    """Take a ContentInfo apart that has passed `check_shape`. Raises: NotDer: it is no SignedData."""
    outer = children(definite(der))
    if len(outer) != 2 or outer[0][1] != SIGNED_DATA:
        raise NotDer("not signed data")
    parts = children(children(outer[1][1])[0][1])
    encapsulated = children(parts[2][1])
    inside = children(encapsulated[1][1]) if len(encapsulated) > 1 else []
    optional = dict(parts[3:-1])
    return SignedParts(
        version=parts[0][1],
        digest_algorithms=_members(parts[1][1]),
        content_type=encapsulated[0][1],
        content=content_of(inside[0][1]) if inside else None,
        certificates=_members(optional.get(0xA0)),
        lists=_members(optional.get(0xA1)),
        signers=_members(parts[-1][1]),
    )


def open_signer(der: bytes) -> SignerParts:
    """Take a SignerInfo apart."""
    parts = children(der)
    has_signed = parts[3][0] == 0xA0
    rest = parts[4:] if has_signed else parts[3:]
    unsigned = children(rest[2][1]) if len(rest) > 2 else []
    return SignerParts(
        version=parts[0][1],
        sid=parts[1][1],
        digest_algorithm=parts[2][1],
        signed=parts[3][1] if has_signed else b"",
        signature_algorithm=rest[0][1],
        signature=rest[1][1],
        unsigned=tuple(pair for _tag, attribute in unsigned for pair in _values(attribute)),
    )


def signer_at(parts: SignedParts, path: tuple[int, ...]) -> bytes:
    """
    The SignerInfo at a path: its place in the set, then that of a counter-signature in it, and so on.

    Raises: IndexError: there is none.
    """
    signer = parts.signers[path[0]]
    for position in path[1:]:
        signer = open_signer(signer).counters[position]
    return signer


def paths_of(parts: SignedParts) -> list[tuple[int, ...]]:
    """
    The path of every signer, each followed by those who countersigned it.

    Raises: NotDer: more than MOST_SIGNERS of them, or counter-signatures deeper than MOST_COUNTER_DEPTH.
    """
    found: list[tuple[int, ...]] = []

    def visit(signer: bytes, path: tuple[int, ...]) -> None:
        if len(found) == MOST_SIGNERS or len(path) > MOST_COUNTER_DEPTH:
            raise NotDer("too many signers")
        found.append(path)
        for position, counter in enumerate(open_signer(signer).counters):
            visit(counter, (*path, position))

    for position, signer in enumerate(parts.signers):
        visit(signer, (position,))
    return found


def _members(element: bytes | None) -> tuple[bytes, ...]:
    return tuple(part for _tag, part in children(element)) if element else ()


def _values(attribute: bytes) -> list[tuple[bytes, bytes]]:
    kind, values = (part for _tag, part in children(attribute))
    return [(kind, value) for _tag, value in children(values)]
