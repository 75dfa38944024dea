"""The facts of a signature that is no CMS: its format has read it (signed.py: OwnSigned), here it is compared."""

from __future__ import annotations

import hashlib
from functools import partial

from signing.validation.crypto import DIGESTS, AlgorithmUnknown
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import ArchiveFacts, Outcome, SignatureFacts, StampFacts, Trust
from signing.validation.gather_signer import (
    MOST_ARCHIVES,
    MOST_STAMPS,
    brought_by,
    compare,
    digester_of,
    gather_signer,
    stamped_by,
    with_embedded,
)
from signing.validation.gather_stamp import gather_stamp
from signing.validation.located import LocatedSignature
from signing.validation.signed import OwnSigned, Reference, Scheme, StampInput


def gather_own(digests: DocumentDigests, located: LocatedSignature, own: OwnSigned, trust: Trust) -> SignatureFacts:
    """The facts of one signature and its time stamps."""
    around = with_embedded(trust, own)
    signer = gather_signer(
        own,
        named_signer(own),
        _compare_all(digests, own.references),
        partial(_scheme_of, own),
        trust,
        tuple(one.token for one in (*own.stamps, *own.content_stamps, *own.archives)),
    )
    return SignatureFacts(
        located,
        signer,
        tuple(_gather(digests, one, around, (*own.certificates, *trust.known)) for one in own.stamps[:MOST_STAMPS]),
        trust,
        tuple(_gather(digests, one, around) for one in own.content_stamps[:MOST_STAMPS]),
        tuple(
            ArchiveFacts(_gather(digests, one, around), (*one.covers, *brought_by(one.covers)), one.trouble)
            for one in own.archives[:MOST_ARCHIVES]
        ),
    )


def _gather(digests: DocumentDigests, one: StampInput, trust: Trust, around: tuple[bytes, ...] = ()) -> StampFacts:
    return gather_stamp(one.token, stamped_by(digests, one), trust, around)


def named_signer(own: OwnSigned) -> bytes | None:
    """The certificate that signed: where the format leads to, or the embedded one that is named by its digest."""
    if own.signer is not None:
        return own.signer
    if not own.ess or own.ess[0].algorithm not in DIGESTS:
        return None
    by_digest = {hashlib.new(own.ess[0].algorithm, one).digest(): one for one in own.certificates}
    return by_digest.get(own.ess[0].digest)


def _compare_all(digests: DocumentDigests, references: tuple[Reference, ...]) -> Outcome | None:
    """
    Every reference must hold. One that does not decides, then one that cannot be judged; None: some content is not
    here, and what is here fits.
    """
    if not references:
        return Outcome(False, "nothing is signed")
    outcomes: list[tuple[str, Outcome | None]] = []
    for one in references:
        digester = digester_of(digests, one.content)
        outcomes.append((one.name, compare(partial(digester, one.algorithm), one.expected) if digester else None))
    compared = [(name, outcome) for name, outcome in outcomes if outcome is not None]
    for unknown in (False, True):
        for name, outcome in compared:
            if not outcome.holds and outcome.unknown is unknown:
                return Outcome(False, outcome.why or name, unknown=unknown)
    return Outcome(True) if len(compared) == len(outcomes) else None


def _scheme_of(own: OwnSigned) -> Scheme:
    if own.scheme is None:
        raise AlgorithmUnknown(own.scheme_name or "?")
    return own.scheme
