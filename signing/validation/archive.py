"""
What an archive time stamp of CAdES covers: its hash index and the bytes its imprint is made over. Pure.

The index names, by digest, each certificate, each revocation value and each unsigned attribute value that was there;
what came later is not covered. An index that names something that is not there is no good.
Source: EN 319 122-1 §5.5.2 (ats-hash-index-v3), §5.5.3 (archive-time-stamp-v3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from asn1crypto import algos

from signing.validation.cms_parts import SignedParts, SignerParts, open_signed, open_signer
from signing.validation.der_check import NotDer, check_der, children, content_of

ARCHIVE_TIME_STAMP = bytes.fromhex("060604008d450204")
"""The DER of the identifier of archive-time-stamp-v3, 0.4.0.1733.2.4."""
HASH_INDEX = bytes.fromhex("060704008195320105")
"""That of ats-hash-index-v3, 0.4.0.19122.1.5."""
_NAMES = ("sha256", "sha384", "sha512")


@dataclass(frozen=True, slots=True)
class HashIndex:
    """algorithm: name of the digest. der: the ATSHashIndexV3, which is itself under the imprint."""

    algorithm: str
    certificates: frozenset[bytes]
    lists: frozenset[bytes]
    unsigned: frozenset[bytes]
    der: bytes


def objects_of(parts: SignedParts, signer: SignerParts) -> tuple[tuple[bytes, ...], ...]:
    """The bytes of each thing that an index can name: certificates, revocation values, unsigned attribute values."""
    return parts.certificates, parts.lists, tuple(kind + value for kind, value in signer.unsigned)


def imprint_input(parts: SignedParts, signer: SignerParts, content_digest: bytes, index: bytes) -> bytes:
    """
    What the archive time stamp is made over, in the order of §5.5.3, each with tag and length but the digest.

    content_digest: of the signed content, with the hash of the imprint.
    """
    return b"".join(
        (
            parts.content_type,
            content_digest,
            signer.version,
            signer.sid,
            signer.digest_algorithm,
            signer.signed,
            signer.signature_algorithm,
            signer.signature,
            index,
        )
    )


def index_of(token: bytes) -> HashIndex:
    """
    The index that an archive time stamp carries.

    Raises: NotDer: none, several, or not as §5.5.2 has it.
    """
    signers = open_signed(token).signers
    unsigned = open_signer(signers[0]).unsigned if len(signers) == 1 else ()
    found = [value for kind, value in unsigned if kind == HASH_INDEX]
    if len(found) != 1:
        raise NotDer(f"{len(found)} hash indexes, there must be one")
    check_der(found[0])
    parts = children(found[0])
    if found[0][0] != 0x30 or [tag for tag, _ in parts] != [0x30, 0x30, 0x30, 0x30]:
        raise NotDer("hash index with other elements")
    algorithm = str(algos.DigestAlgorithm.load(parts[0][1], strict=True)["algorithm"].native)
    if algorithm not in _NAMES:
        raise NotDer(f"hash index with {algorithm}")
    certificates, lists, values = (_digests(part) for _tag, part in parts[1:])
    return HashIndex(algorithm, certificates, lists, values, found[0])


def _digests(element: bytes) -> frozenset[bytes]:
    members = children(element)
    if any(tag != 0x04 for tag, _ in members):
        raise NotDer("hash index with something that is no digest")
    return frozenset(content_of(member) for _tag, member in members)


def covered(parts: SignedParts, signer: SignerParts, index: HashIndex) -> tuple[bytes, ...]:
    """
    The objects that an index names: certificates, revocation values, and the unsigned values without their identifier.

    Of a revocation value of another kind (an OCSP response) also what is inside.

    Raises: NotDer: it names one that is not there.
    """
    found: list[bytes] = []
    for objects, named in zip(
        objects_of(parts, signer), (index.certificates, index.lists, index.unsigned), strict=True
    ):
        digests = {hashlib.new(index.algorithm, one).digest(): one for one in objects}
        if not named <= digests.keys():
            raise NotDer("the hash index names something that is not there")
        found += [digests[digest] for digest in named]
    values = {kind + value: value for kind, value in signer.unsigned}
    answers = (children(one)[1][1] for one in found if one[0] == 0xA1 and len(children(one)) == 2)
    return (*(values.get(one, one) for one in found), *answers)
