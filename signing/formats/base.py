"""
The signature format: prepare → (sign elsewhere) → embed, and locate. A format never sees a private key.

A new format is one file with one class of this shape and one line in `FORMATS`; the contract suite picks it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from signing.validation.located import LocatedSignature

__all__ = ["Format", "Level", "LocatedSignature", "PrepareRequest", "Prepared", "Timestamper", "VisibleSignature"]

Timestamper = Callable[[bytes], bytes]
"""Takes a SHA-256 imprint (32 bytes), returns the DER of an RFC 3161 TimeStampToken; raises when it has none."""


class Level(StrEnum):
    """AdES baseline levels. Source: EN 319 142-1 §6."""

    B_B = "B-B"
    B_T = "B-T"


@dataclass(frozen=True, slots=True)
class VisibleSignature:
    """
    A picture of a handwritten signature on a page, without any text (Decree 30/2020, Appendix I, box 7c).

    image_png: PNG, at best with an alpha channel.
    page:      1 for the first.
    box:       (left, bottom, right, top) in points of the page as people see it: origin at its lower left corner
               after /Rotate and the crop box are applied.
    """

    image_png: bytes
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """
    What to write into the document.

    certificate:  DER of the signer's certificate; chain: DER of the certificates above it (without or with the root).
    signing_time: epoch seconds, claimed; goes to /M of the dictionary, never into the CMS.
    algorithm:    of the signer's key (signature_algorithms.py). stamp_bytes: how long the time stamp can be.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    signing_time: int
    level: Level = Level.B_T
    visible: VisibleSignature | None = None
    name: str = ""
    reason: str = ""
    location: str = ""
    algorithm: str = "ES256"
    stamp_bytes: int = 8192


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A document one signature value away from being signed. Only `prepare()` makes it, only `embed()` takes it.

    document_digest:      SHA-256 of the uploaded bytes, hexadecimal; what the official approved.
    to_be_signed_digest:  of the DER of the signed attributes, with the hash of the algorithm: what a key signs that
                          takes a digest.
    signed_attributes:    that DER (SET OF): the message that every key signs.
    algorithm:            of the key (signature_algorithms.py).
    document, update:     the bytes as uploaded, and what is appended to them.
    place:                (start, end) of the empty place for the hex of the CMS, in bytes of both together.
    """

    format: str
    level: Level
    document_digest: str
    to_be_signed_digest: bytes
    signed_attributes: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    document: bytes = field(repr=False)
    update: bytes = field(repr=False)
    place: tuple[int, int]
    algorithm: str = "ES256"

    @property
    def output(self) -> bytes:
        """The document with its update, the place empty."""
        return self.document + self.update


class Format(Protocol):
    """One signature format."""

    @property
    def name(self) -> str: ...

    def recognises(self, document: bytes) -> bool:
        """Whether this format is the one to read the document with, even if it turns out broken."""

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """Make room for a signature. Raises: SigningError: the document cannot be signed, and why."""

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        Put the signature value (ECDSA in DER, the others as they are) in place and return the signed document.

        Raises: SigningError: level B-T without a time stamp, or any error of the timestamper; there is no half-way.
        """

    def locate(self, document: bytes) -> list[LocatedSignature]:
        """Every signature, oldest first. Raises nothing but SigningError("not_readable") for a broken container."""
