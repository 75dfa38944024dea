"""
What a format adapter tells the validation about one signature it found, without saying whether it is any good.

These are facts of the container (where the signature stands, which bytes it covers, what was changed after it);
the cryptographic facts come later, from the CMS.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from base.texts import Text


class SignatureKind(StrEnum):
    """A person's or agency's signature, or a time stamp over the whole document."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document-timestamp"


class Coverage(StrEnum):
    """How much of the document the signed bytes are. Anything but the first two is not a signature of a document."""

    WHOLE_FILE = "whole-file"
    WHOLE_REVISION = "whole-revision"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class Changes(StrEnum):
    """What later revisions did to the signed content. FORBIDDEN and UNKNOWN can never pass."""

    NONE = "none"
    VALIDATION_DATA = "validation-data"
    SIGNATURES = "signatures"
    FORM_FILLING = "form-filling"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


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
    cms:           DER of the CMS ContentInfo, without padding; empty if it could not be read.
    ranges:        (offset, length) pairs of the signed bytes, in bytes of the document.
    claimed_time:  epoch seconds the signer wrote down (never proof), or None.
    changes_after: what the revisions after the signed one did; `changed_things` names them.
    problems:      container defects; any makes the verdict FORMAT_FAILURE. notes: oddities worth a warning only.
    """

    format: str
    position: int
    field: str
    kind: SignatureKind
    profile: str
    cms: bytes
    ranges: tuple[tuple[int, int], ...]
    coverage: Coverage
    changes_after: Changes
    changed_things: tuple[str, ...] = ()
    claimed_time: int | None = None
    reason: str = ""
    location: str = ""
    certified: bool = False
    page: int | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
