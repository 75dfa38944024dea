"""
From a signing certificate to a trust anchor: build by signatures, then check the path as RFC 5280 §6 demands.

Time is left out here: whether each certificate was valid at the moment that counts is judged later, because that
moment is not known before the time stamp is. Name constraints, policies, path length and critical extensions are the
library's work.
Source: RFC 5280 §6; EN 319 102-1 §5.2.6.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms
from pyhanko_certvalidator.validate import async_validate_path

from base.clock import as_utc
from signing.validation.certificates import (
    CertificateFacts,
    CertificateUnreadable,
    facts_of,
    is_issued_by,
    load,
    may_be_issued_by,
)
from signing.validation.effort import Effort

MOST_LINKS = 8


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """
    The path of one certificate.

    links:   from the certificate itself up; the last one is the anchor if `trusted`.
    trusted: it ends at a given anchor. defect: why the path is not acceptable though it is complete, empty if it is.
    """

    links: tuple[CertificateFacts, ...] = field(repr=False)
    trusted: bool
    defect: str = ""

    @property
    def leaf(self) -> CertificateFacts:
        return self.links[0]

    def issuer_of(self, position: int) -> CertificateFacts | None:
        """The certificate above the one at `position`."""
        return self.links[position + 1] if position + 1 < len(self.links) else None


def build_chain(
    leaf: bytes, embedded: Iterable[bytes], known: Iterable[bytes], anchors: Sequence[bytes], effort: Effort
) -> ChainFacts:
    """
    Find the shortest path. Known certificates (ours, from configuration) are tried before embedded ones.

    Raises: CertificateUnreadable: the leaf itself is no certificate.
    """
    leaf_facts = facts_of(leaf)
    trusted = set(anchors)
    pool = [der for der in dict.fromkeys((*anchors, *known, *embedded)) if _readable(der)]
    links = _climb(leaf, pool, trusted, effort)
    facts = tuple(facts_of(der) for der in links)
    if links[-1] not in trusted:
        return ChainFacts(facts or (leaf_facts,), trusted=False)
    return ChainFacts(facts, trusted=True, defect=_defect(tuple(links)) if len(links) > 1 else "")


def _climb(leaf: bytes, pool: Sequence[bytes], trusted: set[bytes], effort: Effort) -> list[bytes]:
    """
    Breadth first, each certificate visited once: the shortest path to an anchor, else the longest one there is.

    Never depth first: certificates that all issue each other have more paths than anybody can try.
    """
    above: dict[bytes, bytes | None] = {leaf: None}
    level = [leaf]
    for _ in range(MOST_LINKS):
        reached: list[bytes] = []
        for top in level:
            if top in trusted:
                return _path_down(top, above)
            for candidate in _likely_issuers(top, pool):
                if candidate not in above and _issued(top, candidate, effort):
                    above[candidate] = top
                    reached.append(candidate)
        if not reached:
            break
        level = reached
    return _path_down(level[0], above)


def _likely_issuers(certificate: bytes, pool: Sequence[bytes]) -> list[bytes]:
    """
    Authorities of the issuer's name. Of one that was certified anew, under the same key, that certificate comes first
    which may certify and whose period covers most of what it issued: the one under which it issued this one.

    Anchors have to be authorities too: a trust list may name a time-stamping unit's own certificate, whose key
    certifies nobody.
    """
    below = facts_of(certificate)

    def rank(issuer: bytes) -> tuple[bool, int]:
        above = facts_of(issuer)
        common = min(below.not_after, above.not_after) - max(below.not_before, above.not_before)
        return not above.may_certify, -common

    named = [der for der in pool if facts_of(der).is_authority and may_be_issued_by(certificate, der)]
    return sorted(named, key=rank)


def _path_down(top: bytes, above: dict[bytes, bytes | None]) -> list[bytes]:
    """The path that ends at `top`, from the leaf up."""
    path = [top]
    while (below := above[path[-1]]) is not None:
        path.append(below)
    return path[::-1]


def _issued(certificate: bytes, issuer: bytes, effort: Effort) -> bool:
    """Whether `issuer` made `certificate`, as far as the effort lasts; names are compared for nothing."""
    return may_be_issued_by(certificate, issuer) and effort.take() and is_issued_by(certificate, issuer)


def _readable(der: bytes) -> bool:
    try:
        facts_of(der)
    except CertificateUnreadable:
        return False
    return True


_CHECKED: dict[bytes, str] = {}


def _defect(links: tuple[bytes, ...]) -> str:
    """Why the path is no good in itself; remembered, as the answer depends on the bytes alone."""
    key = hashlib.sha256(b"".join(hashlib.sha256(link).digest() for link in links)).digest()
    if key not in _CHECKED:
        if len(_CHECKED) > 4096:
            _CHECKED.clear()
        _CHECKED[key] = _find_defect(links)
    return _CHECKED[key]


def _find_defect(links: tuple[bytes, ...]) -> str:
    facts = [facts_of(link) for link in links]
    start = max(link.not_before for link in facts[:-1])
    end = min(link.not_after for link in facts[:-1])
    if start > end:
        return "the periods of validity in the path do not overlap"
    certificates = [asn1_x509.Certificate.load(link) for link in links]
    anchor, *below = reversed(certificates)
    context = ValidationContext(
        trust_roots=[anchor],
        other_certs=certificates,
        moment=as_utc(start + (end - start) // 2),
        revocation_mode="soft-fail",
        allow_fetching=False,
        time_tolerance=timedelta(seconds=1),
        algorithm_usage_policy=AcceptAllAlgorithms(),  # strength is judged with the time that counts (strength.py)
    )
    try:
        path = ValidationPath(CertTrustAnchor(anchor), below[:-1], below[-1])
        asyncio.run(async_validate_path(context, path))
    except (PathError, ValidationError) as error:
        return str(error)[:300]
    except MemoryError:
        raise
    except Exception as error:  # odd certificates make the library raise almost anything; none of it is trust
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


def count_strays(embedded: Iterable[bytes], used: Iterable[bytes], known: Iterable[bytes], effort: Effort) -> int:
    """
    Embedded certificates that cannot be read or that nothing vouches for.

    They are not covered by the signature, so an altered one must show. One is in order if it is used in a path, is
    self-signed, is signed by another one at hand, or stands above the anchor because somebody trusts less than a root.
    """
    embedded, used = tuple(embedded), tuple(used)
    used_set = set(used)
    top = used[-1] if used and not facts_of(used[-1]).self_issued else None
    around = [der for der in dict.fromkeys((*embedded, *used_set, *known)) if _readable(der)]
    strays = 0
    for der in embedded:
        if der in used_set:
            continue
        if not _readable(der):
            strays += 1
        elif not any(_issued(der, other, effort) for other in around):
            strays += top is None or not _issued(top, der, effort)
    return strays


def identify(
    certificates: Iterable[bytes], signer: tuple[bytes, int] | None, key_identifier: bytes | None
) -> bytes | None:
    """The embedded certificate that the signer names by issuer and serial number, or by key identifier."""
    for der in certificates:
        try:
            load(der)
            parsed = asn1_x509.Certificate.load(der)
            if signer is not None:
                if (parsed.issuer.dump(), parsed.serial_number) == signer:
                    return der
            elif key_identifier is not None and parsed.key_identifier == key_identifier:
                return der
        except (CertificateUnreadable, ValueError, TypeError):
            continue
    return None
