"""
The facts of one signer, whatever the format: is its certificate there, do digests and value hold, where does its path
lead, was it revoked. Judges nothing, and never raises for what a document holds.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from signing.validation.answers import is_answer_of
from signing.validation.certificates import CertificateUnreadable
from signing.validation.chains import build_chain, count_strays
from signing.validation.cms import CmsBroken, open_cms
from signing.validation.cms_parts import starts_signed_data
from signing.validation.crypto import (
    DIGESTS,
    AlgorithmUnknown,
    SignatureWrong,
    digest_of,
    given_digest,
    verify_value,
)
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import Outcome, SignerFacts, Trust
from signing.validation.located import LocatedSignature
from signing.validation.revocation import is_list_of
from signing.validation.signed import EssId, Place, Scheme, Signed, SignedContent, StampInput
from signing.validation.status import status_of

Digester = Callable[[str], bytes]
"""The digest of what was signed, by the name of the algorithm. Raises: AlgorithmUnknown."""
MOST_STAMPS = 5
MOST_ARCHIVES = 16


def gather_signer(
    signed: Signed,
    certificate: bytes | None,
    digest: Outcome | None,
    scheme_of: Callable[[], Scheme],
    trust: Trust,
    tokens: Iterable[bytes] = (),
) -> SignerFacts:
    """
    certificate: the one that signed, None if it is not there. digest: how the signed digests compare.

    scheme_of: by which scheme the value was made; may raise SignatureWrong or AlgorithmUnknown. tokens: the time
    stamps that came along, whose certificates may have issued embedded lists.
    """
    if certificate is None:
        return SignerFacts(trouble="", signed=signed, digest=digest)
    try:
        chain = build_chain(certificate, signed.certificates, trust.known, trust.anchors, trust.effort)
    except CertificateUnreadable:
        return SignerFacts(trouble="", signed=signed, digest=digest)
    lists = with_embedded(trust, signed).lists
    return SignerFacts(
        trouble="",
        signed=signed,
        certificate=certificate,
        chain=chain,
        digest=digest,
        signature=_verified(signed, scheme_of, certificate),
        ess=_compare_ess(signed.ess, certificate),
        revocation=status_of(chain.links, lists, trust.moment, trust.effort) if chain.trusted else (),
        strays=count_strays(signed.certificates, (link.der for link in chain.links), trust.known, trust.effort)
        + _stray_lists(signed, trust, tokens),
        lists=lists,
        effort=trust.effort,
    )


def with_embedded(trust: Trust, signed: Signed) -> Trust:
    """What is trusted, with the lists and answers that the signature carries: each proves itself by its own."""
    brought = (*signed.lists, *signed.answers)
    return replace(trust, lists=tuple(dict.fromkeys((*trust.lists, *brought)))) if brought else trust


def digester_of(digests: DocumentDigests, content: SignedContent) -> Digester | None:
    """How to digest what was signed; None where nobody has brought it."""
    if content.place is Place.ABSENT:
        return None
    if content.place is Place.RANGES:
        return partial(_of_ranges, digests, content.ranges)
    if content.place is Place.DIGEST:
        return lambda algorithm: given_digest(algorithm, content.data)
    return lambda algorithm: digest_of(algorithm, content.data)


def stamped_by(digests: DocumentDigests, one: StampInput) -> Digester | None:
    """How to digest what a time stamp must be made over."""
    over = one.over
    if over is None or isinstance(over, SignedContent):
        return digester_of(digests, over) if over is not None else None
    return lambda algorithm: digest_of(algorithm, over)


def with_store(trust: Trust, located: LocatedSignature) -> Trust:
    """What is trusted, with the certificates and lists that the document holds: each proves itself, as above."""
    store = located.store
    if store is None or not (store.certificates or store.lists or store.answers):
        return trust
    known = tuple(dict.fromkeys((*trust.known, *store.certificates)))
    return replace(trust, known=known, lists=tuple(dict.fromkeys((*trust.lists, *store.lists, *store.answers))))


def compare(compute: Callable[[], bytes], expected: bytes) -> Outcome:
    """Whether a digest is the one that is expected."""
    try:
        return Outcome(compute() == expected)
    except AlgorithmUnknown as error:
        return Outcome(False, str(error), unknown=True)


def brought_by(things: Iterable[bytes]) -> tuple[bytes, ...]:
    """The certificates inside time stamps: what proves the age of a token proves that of its parts."""
    found: list[bytes] = []
    for thing in things:
        if starts_signed_data(thing):
            with contextlib.suppress(CmsBroken):
                found += open_cms(thing).certificates
    return tuple(found)


def _of_ranges(digests: DocumentDigests, ranges: tuple[tuple[int, int], ...], algorithm: str) -> bytes:
    if algorithm not in DIGESTS:
        raise AlgorithmUnknown(algorithm)
    return digests.of(algorithm, ranges)


def _verified(signed: Signed, scheme_of: Callable[[], Scheme], certificate: bytes) -> Outcome | None:
    if signed.message is None:
        return None
    try:
        verify_value(scheme_of(), signed.message, signed.signature, certificate)
    except SignatureWrong as error:
        return Outcome(False, str(error))
    except AlgorithmUnknown as error:
        return Outcome(False, str(error), unknown=True)
    except MemoryError:
        raise
    except Exception as error:  # a key or parameters the library chokes on prove nothing
        return Outcome(False, f"{type(error).__name__}: {str(error)[:200]}")
    return Outcome(True)


def _compare_ess(ids: tuple[EssId, ...], certificate: bytes) -> Outcome | None:
    if not ids:
        return None
    if ids[0].algorithm not in DIGESTS:
        return Outcome(False, ids[0].algorithm, unknown=True)
    return Outcome(hashlib.new(ids[0].algorithm, certificate).digest() == ids[0].digest)


def _stray_lists(signed: Signed, trust: Trust, tokens: Iterable[bytes]) -> int:
    """Embedded revocation values that nobody at hand has issued: they are not covered by the signature."""
    if not (signed.lists or signed.answers):
        return signed.other_revocation
    issuers = tuple(dict.fromkeys((*trust.anchors, *trust.known, *signed.certificates, *brought_by(tokens))))
    strays = sum(not is_list_of(der, issuers) for der in signed.lists)
    return signed.other_revocation + strays + sum(not is_answer_of(der, issuers) for der in signed.answers)
