"""
What a format adapter tells the validation about one signature it found, without saying whether it is any good.

These are facts of the container (where the signature stands, which bytes it covers, what was changed after it);
the cryptographic facts come later, from the CMS.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum

from base.texts import Text
from signing.validation.signed import OwnSigned, Place, Reference, SignedContent, StampInput, ValidationData

__all__ = [
    "ALONE",
    "Beside",
    "Changes",
    "Coverage",
    "LocatedSignature",
    "Place",
    "Problem",
    "SignatureKind",
    "SignedContent",
]


class SignatureKind(StrEnum):
    """A person's or agency's signature, or a time stamp over the whole document."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document-timestamp"


class Coverage(StrEnum):
    """
    What the signed bytes are: a whole file or a whole revision of it, the content inside the signature, the file that
    was brought along, content of which only the digest is known, another signature, files in a container (`files` names
    them); or only a part.
    """

    WHOLE_FILE = "whole-file"
    WHOLE_REVISION = "whole-revision"
    ENCLOSED = "enclosed"
    DETACHED = "detached"
    DIGEST = "digest"
    SIGNATURE = "signature"
    CONTAINER = "container"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class Changes(StrEnum):
    """What later revisions did to the signed content. FORBIDDEN and UNKNOWN can never pass."""

    NONE = "none"
    VALIDATION_DATA = "validation-data"
    SIGNATURES = "signatures"
    FORM_FILLING = "form-filling"
    ANNOTATIONS = "annotations"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Beside:
    """
    What came along with a signature that has its content elsewhere: the content, or only its digest.

    files: further data objects by name, for a signature over several; the first is the content. records: evidence
    records (RFC 4998) about the document itself, DER. password: what opens the document, if it is encrypted.
    """

    content: bytes | None = dataclass_field(default=None, repr=False)
    digest: bytes | None = None
    files: tuple[tuple[str, bytes], ...] = dataclass_field(default=(), repr=False)
    records: tuple[bytes, ...] = dataclass_field(default=(), repr=False)
    password: str = dataclass_field(default="", repr=False)

    @property
    def empty(self) -> bool:
        return self.content is None and self.digest is None and not self.files


ALONE = Beside()


@dataclass(frozen=True, slots=True)
class Problem:
    """A defect of the container that makes a signature unreadable or ambiguous: a machine word and a sentence."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class LocatedSignature:
    """
    One signature as found in a document.

    position:      1 for the oldest.
    cms:           DER of the CMS ContentInfo, without padding; empty if it could not be read, or is none.
    signer:        which signer in it: a path as in cms_parts.signer_at; empty where only one is allowed.
    own:           what it states, if it is no CMS and could be read.
    content:       the signed bytes; ABSENT where any of several is missing.
    claimed_time:  epoch seconds the signer wrote down (never proof), or None.
    covered:       names of what is covered, if it is a part of the document. left_out: names of what stands in the
                   document and is under no signature, so that nobody may take it for signed.
    changes_after: what the revisions after the signed one did; `changed_things` names them.
    other:         names what it needs and is not read here, where nothing says that it is damaged; "" for nothing.
    problems:      container defects; any makes the verdict FORMAT_FAILURE. notes: oddities worth a warning only.
    files:         of a container: the names of those that this signature covers; other_files: of those that only
                   another one does; uncovered: that none does. listed: what the signed manifest says of each file.
    kept:          time stamps around the signature file as a whole, oldest first: of archive manifests, or over later
                   revisions of the document.
    store:         validation data that the document holds for all its signatures, and that nothing vouches for but
                   itself; None where a format has no such place.
    records:       time stamps of evidence records about the document, likewise.
    """

    format: str
    position: int
    field: str
    kind: SignatureKind
    profile: str
    cms: bytes
    content: SignedContent
    coverage: Coverage
    changes_after: Changes
    changed_things: tuple[str, ...] = ()
    signer: tuple[int, ...] = ()
    own: OwnSigned | None = None
    covered: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    claimed_time: int | None = None
    reason: str = ""
    location: str = ""
    certified: bool = False
    page: int | None = None
    other: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()
    other_files: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    listed: tuple[Reference, ...] = dataclass_field(default=(), repr=False)
    kept: tuple[StampInput, ...] = dataclass_field(default=(), repr=False)
    store: ValidationData | None = dataclass_field(default=None, repr=False)
    records: tuple[StampInput, ...] = dataclass_field(default=(), repr=False)
