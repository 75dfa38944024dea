"""
From bytes to facts: parse, digest, compare, build paths, look up revocation. Judges nothing, and never raises.

1. The CMS of the signature: which certificate signed, does the digest fit the document, does the value fit the
   attributes.
2. The path of that certificate to an anchor, and the revocation lists for it.
3. Each signature time stamp in the same way, over the signature value; a content time stamp over the content; an
   archive time stamp over what its hash index names (gather_archive.py).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from signing.validation.archive import covered, imprint_input, index_of
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import build_chain, count_strays, identify
from signing.validation.cms import CmsBroken, CmsFacts, EssId, open_cms, read_cms, read_time_stamp
from signing.validation.cms_parts import SignedParts, SignerParts, open_signer, signer_at, starts_signed_data
from signing.validation.crypto import (
    DIGESTS,
    AlgorithmUnknown,
    SignatureWrong,
    digest_of,
    given_digest,
    verify_signature,
)
from signing.validation.der_check import NotDer
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import ArchiveFacts, Outcome, SignatureFacts, SignerFacts, StampFacts, Trust
from signing.validation.located import LocatedSignature, Place, SignatureKind, SignedContent
from signing.validation.revocation import history_of, is_list_of, revocation_of

MOST_STAMPS = 5
MOST_ARCHIVES = 16
Digester = Callable[[str], bytes]


def gather(digests: DocumentDigests, located: LocatedSignature, trust: Trust) -> SignatureFacts:
    """The facts of one located signature of a document, by the digests over it."""
    over_document = _digester(digests, located.content)
    if located.kind is SignatureKind.DOCUMENT_TIMESTAMP:
        stamp = gather_stamp(located.cms, over_document, trust)
        return SignatureFacts(located, stamp.signer, (stamp,), trust)
    signer = _gather_signer(located.cms, over_document, trust, located.signer)
    if signer.cms is None:
        return SignatureFacts(located, signer, (), trust)
    around = with_embedded(trust, signer.cms)
    return SignatureFacts(
        located,
        signer,
        _gather_stamps(signer.cms, around),
        trust,
        tuple(gather_stamp(token, over_document, around) for token in signer.cms.content_stamps[:MOST_STAMPS]),
        gather_archives(located, signer.cms, over_document, around),
    )


def with_embedded(trust: Trust, cms: CmsFacts) -> Trust:
    """What is trusted, with the revocation lists that the signature carries: each proves itself by its issuer's key."""
    return replace(trust, lists=tuple(dict.fromkeys((*trust.lists, *cms.lists)))) if cms.lists else trust


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
    return ArchiveFacts(stamp, (*covers, signer.value, *_brought_by(covers)))


def _brought_by(things: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The certificates inside covered time stamps: what proves the age of a token proves that of its parts."""
    found: list[bytes] = []
    for thing in things:
        if starts_signed_data(thing):
            with contextlib.suppress(CmsBroken):
                found += open_cms(thing).certificates
    return tuple(found)


def _digester(digests: DocumentDigests, content: SignedContent) -> Digester | None:
    """How to digest what was signed; None where nobody has brought it."""
    if content.place is Place.ABSENT:
        return None
    if content.place is Place.RANGES:
        return partial(_of_ranges, digests, content.ranges)
    if content.place is Place.DIGEST:
        return lambda algorithm: given_digest(algorithm, content.data)
    return lambda algorithm: digest_of(algorithm, content.data)


def _of_ranges(digests: DocumentDigests, ranges: tuple[tuple[int, int], ...], algorithm: str) -> bytes:
    if algorithm not in DIGESTS:
        raise AlgorithmUnknown(algorithm)
    return digests.of(algorithm, ranges)


def _gather_stamps(cms: CmsFacts, trust: Trust) -> tuple[StampFacts, ...]:
    def over_value(algorithm: str) -> bytes:
        return digest_of(algorithm, cms.signature)

    return tuple(gather_stamp(token, over_value, trust) for token in cms.stamps[:MOST_STAMPS])


def gather_stamp(token: bytes, digester: Digester | None, trust: Trust) -> StampFacts:
    """The facts of one time-stamp token over what `digester` digests."""
    try:
        cms = read_cms(token)
        if cms.content is None:
            raise CmsBroken("time stamp without content")
        info = read_time_stamp(cms.content)
    except CmsBroken as error:
        return StampFacts(SignerFacts(trouble=str(error)), token=token)
    content = cms.content
    signer = _gather_signer(token, lambda algorithm: digest_of(algorithm, content), trust)
    imprint = info["message_imprint"]
    algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
    return StampFacts(
        signer=signer,
        time=int(info["gen_time"].native.timestamp()),
        imprint=_compare(partial(digester, algorithm), imprint["hashed_message"].native) if digester else None,
        imprint_algorithm=algorithm,
        serial=f"{info['serial_number'].native:x}",
        policy=info["policy"].dotted,
        token=token,
    )


def _gather_signer(der: bytes, digester: Digester | None, trust: Trust, path: tuple[int, ...] = ()) -> SignerFacts:
    try:
        cms = read_cms(der, path)
    except CmsBroken as error:
        return SignerFacts(trouble=str(error))
    digest = _compare(partial(digester, cms.digest_algorithm), cms.message_digest) if digester else None
    certificate = identify(cms.certificates, cms.signer, cms.key_identifier)
    if certificate is None:
        return SignerFacts(trouble="", cms=cms, digest=digest)
    try:
        chain = build_chain(certificate, cms.certificates, trust.known, trust.anchors, trust.effort)
    except CertificateUnreadable:
        return SignerFacts(trouble="", cms=cms, digest=digest)
    lists = with_embedded(trust, cms).lists
    return SignerFacts(
        trouble="",
        cms=cms,
        certificate=certificate,
        chain=chain,
        digest=digest,
        signature=_verified(cms, certificate),
        ess=_compare_ess(cms.ess, certificate),
        revocation=revocation_of(chain.links, lists) if chain.trusted else (),
        strays=count_strays(cms.certificates, (link.der for link in chain.links), trust.known, trust.effort)
        + _stray_lists(cms, trust),
        history=history_of(chain.links, lists) if chain.trusted else (),
    )


def _stray_lists(cms: CmsFacts, trust: Trust) -> int:
    """Embedded revocation values that nobody at hand has issued: they are not covered by the signature."""
    if not cms.lists:
        return cms.other_revocation
    brought = _brought_by((*cms.stamps, *cms.content_stamps, *cms.archives))
    issuers = tuple(dict.fromkeys((*trust.anchors, *trust.known, *cms.certificates, *brought)))
    return cms.other_revocation + sum(not is_list_of(der, issuers) for der in cms.lists)


def _compare(compute: Callable[[], bytes], expected: bytes) -> Outcome:
    try:
        return Outcome(compute() == expected)
    except AlgorithmUnknown as error:
        return Outcome(False, str(error), unknown=True)


def _verified(cms: CmsFacts, certificate: bytes) -> Outcome:
    try:
        verify_signature(cms, certificate)
    except SignatureWrong as error:
        return Outcome(False, str(error))
    except AlgorithmUnknown as error:
        return Outcome(False, str(error), unknown=True)
    except Exception as error:  # a key or parameters the library chokes on prove nothing
        return Outcome(False, f"{type(error).__name__}: {str(error)[:200]}")
    return Outcome(True)


def _compare_ess(ids: tuple[EssId, ...], certificate: bytes) -> Outcome | None:
    if not ids:
        return None
    if ids[0].algorithm not in DIGESTS:
        return Outcome(False, ids[0].algorithm, unknown=True)
    return Outcome(hashlib.new(ids[0].algorithm, certificate).digest() == ids[0].digest)
