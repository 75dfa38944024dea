"""
The signature format: prepare → (sign elsewhere) → embed → extend, and locate. A format never sees a private key.

A new format is one file with one class of this shape and one line in `FORMATS`; the contract suite picks it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from signing.formats.pdf_tokens import Document
from signing.validation.located import ALONE, Beside, LocatedSignature
from signing.validation.signed import ValidationData

__all__ = [
    "NOTHING_STATED",
    "NO_TERMS",
    "Beside",
    "Extended",
    "ExtensionSources",
    "FieldLock",
    "Format",
    "Level",
    "LocatedSignature",
    "Packaging",
    "PrepareRequest",
    "Prepared",
    "SignaturePolicy",
    "Statements",
    "Terms",
    "Timestamper",
    "ValidationData",
    "VisibleSignature",
]

Timestamper = Callable[[bytes], bytes]
"""Takes a SHA-256 imprint (32 bytes), returns the DER of an RFC 3161 TimeStampToken; raises when it has none."""


class Level(StrEnum):
    """AdES baseline levels, each holding the one before. Source: EN 319 142-1 §6; EN 319 122-1 §6."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class Packaging(StrEnum):
    """
    Where signature and content stand to each other.

    ENVELOPED: the signature inside the document. ATTACHED: the content inside the signature. DETACHED: two files.
    BESIDE: one more signer in an existing signature file. COUNTER: a signature over another one, inside its file.
    CONTAINER: files and signatures in one archive.
    COMPACT: as ATTACHED, in the shortest form, which has no room for time stamps.
    """

    ENVELOPED = "enveloped"
    ATTACHED = "attached"
    DETACHED = "detached"
    BESIDE = "beside"
    COUNTER = "counter"
    CONTAINER = "container"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class VisibleSignature:
    """
    A picture of a handwritten signature on a page, without any text (Decree 30/2020, Appendix I, box 7c).

    image_png: PNG, at best with an alpha channel.
    page:      1 for the first.
    box:       (left, bottom, right, top) in points of the page as people see it: origin at its lower left corner
               after /Rotate and the crop box are applied.

    A signature field that is there has its own place; then page and box say nothing.
    """

    image_png: bytes
    page: int = 0
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """An explicit policy: dotted identifier, SHA-256 of the policy document, where it can be read (may be empty)."""

    identifier: str
    sha256: bytes
    address: str = ""


@dataclass(frozen=True, slots=True)
class Statements:
    """
    What a signer states besides the content, all under the signature; empty is left out.

    media_type:   of the content, such as `application/pdf`. commitment: dotted identifier, such as proof of approval.
    role:         claimed; for an official the position that the identity provider knows. country, locality: where.
    stamp_content: gets a time stamp over the content before it is signed. stamp_each: in XAdES each object one of its
                   own.
    """

    media_type: str = ""
    commitment: str = ""
    role: str = ""
    country: str = ""
    locality: str = ""
    policy: SignaturePolicy | None = None
    stamp_content: Timestamper | None = field(default=None, repr=False)
    stamp_each: bool = False


NOTHING_STATED = Statements()


@dataclass(frozen=True, slots=True)
class FieldLock:
    """Which fields may not change after the signature: `All`, those named (`Include`), or all others (`Exclude`)."""

    action: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a signature in a PDF lays down, and where it stands.

    certify: what a certification still permits: 1 nothing, 2 signing and forms, 3 annotations too; 0: no certification.
    field:   name of an empty signature field of the document; empty makes a new one.
    """

    certify: int = 0
    field: str = ""
    locks: FieldLock | None = None


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """
    What to write into the document.

    certificate:  DER of the signer's certificate; chain: DER of the certificates above it (without or with the root).
    signing_time: epoch seconds, claimed; in a PDF it goes to /M of the dictionary, elsewhere it is signed.
    algorithm:    of the signer's key (signature_algorithms.py). stamp_bytes: how long the time stamp can be.
    packaging:    None for the first that the format knows. beside: the content, where the document has none.
    target:       which signer is countersigned: its path in the signature file.
    nodes:        of an XML document, the Ids of the elements to sign; none: all of it. joint: others will sign it too,
                  beside this signature.
    file_name:    of the document, where it goes into a container or is named by a detached signature.
    terms:        of a signature in a PDF.
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
    packaging: Packaging | None = None
    target: tuple[int, ...] = ()
    nodes: tuple[str, ...] = ()
    joint: bool = False
    beside: Beside = ALONE
    statements: Statements = NOTHING_STATED
    file_name: str = ""
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A document one signature value away from being signed. Only `prepare()` makes it, only `embed()` takes it.

    document_digest:      SHA-256 of the uploaded bytes, hexadecimal; what the official approved.
    to_be_signed_digest:  of the DER of the signed attributes, with the hash of the algorithm: what a key signs that
                          takes a digest.
    signed_attributes:    that DER (SET OF), of a JWS its signing input: the message that every key signs.
    algorithm:            of the key (signature_algorithms.py).
    document, update:     the bytes as uploaded (or the mapped file, large.py), and what is appended to them; in a CMS
                          or a container all is in the update.
    place:                where the signature goes: (start, end) of the empty place for the hex of the CMS, in bytes of
                          both together; in a CMS the path of the signer that is countersigned, empty for one beside; in
                          a container the number of the signature file, then the place in it.
    """

    format: str
    level: Level
    document_digest: str
    to_be_signed_digest: bytes
    signed_attributes: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    document: Document = field(repr=False)
    update: bytes = field(repr=False)
    place: tuple[int, ...]
    algorithm: str = "ES256"

    @property
    def output(self) -> bytes:
        """The document with its update, the place empty."""
        return self.document[:] + self.update


@dataclass(frozen=True, slots=True)
class ExtensionSources:
    """
    Where an extension gets what it adds.

    timestamper: as for signing; what it raises passes through.
    collect:     the path of a certificate and the revocation data for it, given the certificates that the signature
                 carries. Raises: SigningError: there is no path or no fresh revocation data.
    """

    timestamper: Timestamper
    collect: Callable[[bytes, tuple[bytes, ...]], ValidationData]


@dataclass(frozen=True, slots=True)
class Extended:
    """A document whose signatures all have reached `level`. Only `extend()` makes it."""

    content: bytes = field(repr=False)
    level: Level


class Format(Protocol):
    """One signature format."""

    @property
    def name(self) -> str: ...

    @property
    def signing_levels(self) -> tuple[Level, ...]:
        """Levels that `prepare` and `embed` reach."""

    @property
    def extension_levels(self) -> tuple[Level, ...]:
        """Levels that `extend` reaches; empty if it extends nothing."""

    @property
    def packagings(self) -> tuple[Packaging, ...]:
        """How it can be packed; the first is meant where nothing is said."""

    def recognises(self, document: bytes) -> bool:
        """Whether this format is the one to read the document with, even if it turns out broken."""

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        """Make room for a signature. Raises: SigningError: the document cannot be signed, and why."""

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        """
        Put the signature value (ECDSA in DER, the others as they are) in place and return the signed document.

        Raises: SigningError: level B-T without a time stamp, or any error of the timestamper; there is no half-way.
        """

    def extend(self, document: bytes, level: Level, sources: ExtensionSources, beside: Beside = ALONE) -> Extended:
        """
        Bring every signature of a document to a level; at B-LTA already, renew it with one more time stamp.

        Raises: SignatureRefused: a level the format does not reach. What the sources raise passes through: nothing
                half-extended is returned.
        """

    def locate(self, document: bytes, beside: Beside = ALONE) -> list[LocatedSignature]:
        """Every signature, oldest first. Raises nothing but SigningError("not_readable") for a broken container."""
