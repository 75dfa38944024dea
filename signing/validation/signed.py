"""
What a signature states, in words that every format has: read by the adapter of its format, nothing of it verified yet.

A CMS signature is read by cms.py (CmsFacts); other formats fill in an `OwnSigned` and put it into LocatedSignature.own.
Source: EN 319 102-1 §5.2.2 (format checking delivers these), §5.2.7 (cryptographic verification uses them).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Place(StrEnum):
    """Where the signed bytes are."""

    RANGES = "ranges"
    GIVEN = "given"
    DIGEST = "digest"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class SignedContent:
    """
    The signed bytes, wherever they are.

    RANGES: (offset, length) pairs in bytes of the document. GIVEN: `data` itself, from inside the signature or from a
    file beside it. DIGEST: `data` is a digest that somebody else computed. ABSENT: nobody has brought them.
    """

    place: Place
    ranges: tuple[tuple[int, int], ...] = ()
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class EssId:
    """One certificate identifier: the digest algorithm and the digest of the signing certificate it names."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    How a signature value was made.

    name:   rsassa_pkcs1v15, rsassa_pss, ecdsa (value in DER), ed25519, ed448, or the dotted identifier of ML-DSA.
    digest: a key of crypto.DIGESTS, also of the mask; empty where the name says all. salt: bytes, of rsassa_pss.
    curve:  of ecdsa, where the format binds it to the algorithm; empty: whatever curve the key is on.
    """

    name: str
    digest: str = ""
    salt: int = 0
    curve: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One digest under the signature. name: of what, for the details of a report. expected: the digest."""

    name: str
    algorithm: str
    expected: bytes
    content: SignedContent = field(repr=False)


@dataclass(frozen=True, slots=True)
class ValidationData:
    """What a verifier will need: DER of certificates, of revocation lists, and of OCSP responses."""

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    answers: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class StampInput:
    """
    A time stamp and the bytes it must be made over, or where they are; None: they cannot be put together, as content is
    missing.

    covers:  of an archive time stamp, the objects it proves the existence of (DER of certificates, lists, tokens; the
             signature value). trouble: why what it covers cannot be told; empty if it can.
    """

    token: bytes = field(repr=False)
    over: bytes | SignedContent | None = field(repr=False)
    covers: tuple[bytes, ...] = field(default=(), repr=False)
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """
    One signature.

    digest_algorithm: of the content; others, if there are more: `further_digests`. Keys of crypto.DIGESTS, or whatever
                      name the signature gives to one that we do not know.
    certificates:     DER of each embedded certificate. ess: what names the signing certificate, the first counts.
    message:          the bytes that the value was made over; None: they cannot be put together, as content is missing.
    signature:        the value.
    lists, answers:   DER of each embedded revocation list and OCSP response (OCSPResponse). other_revocation: how many
                      revocation values of another kind there are.
    unknown_unsigned: names of what is not under the signature and is of a kind we do not know.
    """

    digest_algorithm: str
    further_digests: tuple[str, ...] = ()
    ess: tuple[EssId, ...]
    signing_time: int | None
    message: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    lists: tuple[bytes, ...] = field(default=(), repr=False)
    answers: tuple[bytes, ...] = field(default=(), repr=False)
    other_revocation: int = 0
    unknown_unsigned: tuple[str, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """Every digest algorithm that the signature relies on."""
        return (self.digest_algorithm, *self.further_digests)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSigned(Signed):
    """
    A signature that is no CMS.

    scheme:     of the value; None: an algorithm that we do not know, named by `scheme_name`.
    references: what is signed, at least one. signer: the certificate that signed (DER) where the format leads to it by
                itself; None: the embedded one that `ess` names.
    stamps:     over the value; content_stamps: over the content, signed; archives: over all that is there.
    """

    scheme: Scheme | None
    scheme_name: str = ""
    references: tuple[Reference, ...] = field(repr=False)
    signer: bytes | None = field(default=None, repr=False)
    stamps: tuple[StampInput, ...] = ()
    content_stamps: tuple[StampInput, ...] = ()
    archives: tuple[StampInput, ...] = ()
