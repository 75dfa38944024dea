"""
What stands around a signature in its container: the files that a signed manifest names, and time stamps that keep it.

Such a time stamp (of an archive manifest, or of a PDF over a later revision) covers the signature as a whole, so it
proves the age of everything in it.
Source: EN 319 162-1 Annex A.4, A.7; EN 319 142-1 §5.4.3; EN 319 102-1 §5.6.2.3.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial

from signing.validation.cms import CmsBroken, open_cms
from signing.validation.cms_parts import starts_signed_data
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import ArchiveFacts, Outcome, SignatureFacts, Trust
from signing.validation.gather_signer import MOST_ARCHIVES, compare, digester_of, stamped_by, with_embedded
from signing.validation.gather_stamp import gather_stamp
from signing.validation.signed import Reference, StampInput


def with_surroundings(digests: DocumentDigests, facts: SignatureFacts) -> SignatureFacts:
    """The same facts, with those of the manifest and of the time stamps around the signature."""
    located, signed = facts.located, facts.signer.signed
    inside = _everything_in(facts)
    trust = with_embedded(facts.trust, signed) if signed is not None else facts.trust
    kept = tuple(gather_kept(digests, one, inside, trust) for one in located.kept[-MOST_ARCHIVES:])
    listed = tuple((one.name, one.algorithm, _compared(digests, one)) for one in located.listed)
    store = located.store  # a record is about the document with all that it holds
    whole = (*inside, *store.certificates, *store.lists, *store.answers) if store is not None else inside
    records = tuple(
        replace(gather_kept(digests, one, whole, trust), record=True) for one in located.records[-MOST_ARCHIVES:]
    )
    return replace(facts, archives=(*facts.archives, *kept, *records), listed=listed)


def gather_kept(digests: DocumentDigests, one: StampInput, inside: tuple[bytes, ...], trust: Trust) -> ArchiveFacts:
    """One time stamp over something as a whole; inside: each thing in that whose age can matter."""
    question = ("stamp", one.token, one.over, trust.known, trust.lists)  # the same for every signature that it keeps
    stamp = trust.effort.once(question, lambda: gather_stamp(one.token, stamped_by(digests, one), trust))
    return ArchiveFacts(stamp, (*inside, *_with_parts(one.covers)), one.trouble, around=True)


def _everything_in(facts: SignatureFacts) -> tuple[bytes, ...]:
    """Each thing in the file of the signature whose age can matter."""
    signed = facts.signer.signed
    if signed is None:
        return ()
    tokens = tuple(
        stamp.token
        for stamp in (*facts.stamps, *facts.content_stamps, *(archive.stamp for archive in facts.archives))
        if stamp.token
    )
    return (signed.signature, *signed.certificates, *signed.lists, *signed.answers, *_with_parts(tokens))


def _with_parts(things: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Time stamps with the certificates and lists inside them: a file that is covered is covered with all it holds."""
    found = list(things)
    for thing in things:
        if starts_signed_data(thing):
            with contextlib.suppress(CmsBroken):
                parts = open_cms(thing)
                found += (*parts.certificates, *parts.lists)
    return tuple(found)


def _compared(digests: DocumentDigests, one: Reference) -> Outcome | None:
    digester = digester_of(digests, one.content)
    return compare(partial(digester, one.algorithm), one.expected) if digester else None
