"""
From bytes to facts: parse, digest, compare, build paths, look up revocation. Judges nothing, and never raises.

1. What the signature states: which certificate signed, do the digests fit the document, does the value fit what it was
   made over (gather_signer.py). A CMS is read here; what another format has read comes with what it located
   (gather_own.py).
2. The path of that certificate to an anchor, and the revocation lists for it.
3. Each signature time stamp in the same way, over the signature value; a content time stamp over the content; an
   archive time stamp over what its hash index names, or what its format says (gather_stamp.py).
4. What stands around a signature in its container (gather_around.py).
"""

from __future__ import annotations

import hashlib

from signing.validation.archive import covered, imprint_input, index_of
from signing.validation.cms import CmsBroken, CmsFacts, CmsOther, open_cms, read_cms
from signing.validation.cms_parts import SignedParts, SignerParts, open_signer, signer_at
from signing.validation.crypto import AlgorithmUnknown, digest_of
from signing.validation.der_check import NotDer
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import ArchiveFacts, SignatureFacts, SignerFacts, StampFacts, Trust
from signing.validation.gather_around import with_surroundings
from signing.validation.gather_own import gather_own
from signing.validation.gather_signer import (
    MOST_ARCHIVES,
    MOST_STAMPS,
    Digester,
    brought_by,
    digester_of,
    with_embedded,
    with_store,
)
from signing.validation.gather_stamp import gather_cms_signer, gather_stamp
from signing.validation.located import LocatedSignature, SignatureKind


def gather(digests: DocumentDigests, located: LocatedSignature, trust: Trust) -> SignatureFacts:
    """The facts of one located signature of a document, by the digests over it."""
    facts = _gather_signature(digests, located, with_store(trust, located))
    return with_surroundings(digests, facts) if located.listed or located.kept or located.records else facts


def _gather_signature(digests: DocumentDigests, located: LocatedSignature, trust: Trust) -> SignatureFacts:
    if located.own is not None:
        return gather_own(digests, located, located.own, trust)
    over_document = digester_of(digests, located.content)
    if located.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        stamp = gather_stamp(located.cms, over_document, trust)
        return SignatureFacts(located, stamp.signer, (stamp,), trust)
    try:
        cms = read_cms(located.cms, located.signer)
    except CmsBroken as error:
        return SignatureFacts(located, SignerFacts(str(error), isinstance(error, CmsOther)), (), trust)
    around = with_embedded(trust, cms)
    return SignatureFacts(
        located,
        gather_cms_signer(cms, over_document, trust),
        _gather_stamps(cms, around, (*cms.certificates, *around.known)),
        trust,
        tuple(gather_stamp(token, over_document, around) for token in cms.content_stamps[:MOST_STAMPS]),
        gather_archives(located, cms, over_document, around),
    )


def gather_archives(
    located: LocatedSignature, cms: CmsFacts, digester: Digester | None, trust: Trust
) -> tuple[ArchiveFacts, ...]:
    """The facts of each archive time stamp, in the order of the file."""
    if not cms.archives or not located.signer:
        return ()
    parts = open_cms(located.cms)
    signer = open_signer(signer_at(parts, located.signer))
    return tuple(_gather_archive(token, parts, signer, digester, trust) for token in cms.archives[:MOST_ARCHIVES])


def _gather_archive(
    token: bytes, parts: SignedParts, signer: SignerParts, digester: Digester | None, trust: Trust
) -> ArchiveFacts:
    try:
        open_cms(token)
        index = index_of(token)
        covers = covered(parts, signer, index)
    except (CmsBroken, NotDer, ValueError, IndexError, TypeError) as error:
        return ArchiveFacts(gather_stamp(token, None, trust), trouble=str(error)[:200] or "unreadable")

    def over_all(algorithm: str) -> bytes:
        if algorithm != index.algorithm or digester is None:
            raise AlgorithmUnknown(algorithm)
        return hashlib.new(algorithm, imprint_input(parts, signer, digester(algorithm), index.der)).digest()

    stamp = gather_stamp(token, over_all, trust)
    return ArchiveFacts(stamp, (*covers, signer.value, *brought_by(covers)))


def _gather_stamps(cms: CmsFacts, trust: Trust, around: tuple[bytes, ...]) -> tuple[StampFacts, ...]:
    def over_value(algorithm: str) -> bytes:
        return digest_of(algorithm, cms.signature)

    return tuple(gather_stamp(token, over_value, trust, around) for token in cms.stamps[:MOST_STAMPS])
