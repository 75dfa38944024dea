"""
What a path lacks to be judged, and where its certificates say it is. Pure; fetching is a flow's business.

Lists and answers are asked for along paths that end at an anchor, nowhere else. A missing authority is the exception,
as no path ends anywhere without it: its address is followed only on hosts that trusted authorities' certificates name,
or an operator does, and what is found there counts only if it leads to an anchor.
Source: RFC 5280 §4.2.1.13, §4.2.2.1, §8 (why not everybody's address); RFC 6960 §3.1; RFC 5019 §4 (answers first).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from base.ids import new_secret
from signing.validation.bundles import certificates_in
from signing.validation.certificates import CertificateFacts, CertificateUnreadable, facts_of
from signing.validation.revocation import RevocationFacts

if TYPE_CHECKING:  # its library is loaded by the first document (formats/pades.py)
    from signing.validation.chains import ChainFacts

MOST_ROUNDS = 4
"""Of asking and looking again: an authority, one above it, answers, and lists where no answer came."""
NONCE_BYTES = 32


class Kind(StrEnum):
    """What is wanted."""

    LIST = "list"
    ANSWER = "answer"
    ISSUER = "issuer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address to fetch. request: what is posted there, of an answer; about: which certificate, without a nonce."""

    kind: Kind
    address: str
    request: bytes = field(default=b"", repr=False)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an address held; `wanted` is the very question that was answered, which may be an older one of the same."""

    wanted: Wanted
    body: bytes = field(repr=False)


Fetch = Callable[[tuple[Wanted, ...]], tuple[Found, ...]]


def wanted_for(
    chain: ChainFacts | None, states: Iterable[RevocationFacts], moment: int, tried: Set[str], hosts: Set[str]
) -> Iterator[Wanted]:
    """
    What is missing and was not tried yet: for each link an answer first, then its lists.

    tried: addresses. hosts: names on which a missing authority may be looked for.
    """
    if chain is None or chain.defect:
        return
    if not chain.trusted:
        places = (one for one in chain.links[-1].issuer_addresses if urlsplit(one).hostname in hosts)
        yield from (Wanted(Kind.ISSUER, address) for address in places if address not in tried)
        return
    for state in states:
        if state.is_fresh(moment):
            continue
        link, issuer = chain.links[state.position], chain.links[state.position + 1]
        answering = [address for address in link.ocsp_addresses[:1] if _key(address, link) not in tried]
        if answering:
            yield _question(answering[0], link, issuer)
        else:
            yield from (Wanted(Kind.LIST, address) for address in link.crl_addresses if address not in tried)


def names_of(wanted: Wanted) -> str:
    """By what a question is known once it was tried."""
    return wanted.address + wanted.about


def hosts_named_by(certificates: Iterable[bytes]) -> frozenset[str]:
    """The hosts that certificates of trusted authorities name for lists, answers and issuers."""
    found: set[str] = set()
    for der in certificates:
        try:
            facts = facts_of(der)
        except CertificateUnreadable:
            continue
        addresses = (*facts.crl_addresses, *facts.ocsp_addresses, *facts.issuer_addresses)
        found.update(host for address in addresses if (host := urlsplit(address).hostname))
    return frozenset(found)


def usable(found: Iterable[Found]) -> tuple[bytes, ...]:
    """The lists and answers among what was found; an answer to another question is none (RFC 6960 §4.4.1)."""
    from signing.validation.answers import answers_question

    return tuple(
        one.body
        for one in found
        if one.wanted.kind is Kind.LIST
        or (one.wanted.kind is Kind.ANSWER and answers_question(one.wanted.request, one.body))
    )


def issuers_among(found: Iterable[Found]) -> tuple[bytes, ...]:
    """The authorities' certificates among what was found, alone or in bundles."""
    bodies = (one.body for one in found if one.wanted.kind is Kind.ISSUER)
    return tuple(der for body in bodies for der in certificates_in(body) if _is_authority(der))


def _is_authority(der: bytes) -> bool:
    try:
        return facts_of(der).is_authority
    except CertificateUnreadable:
        return False


def completed(chain: ChainFacts, data: tuple[bytes, ...], moment: int, fetch: Fetch) -> tuple[bytes, ...]:
    """The data with what was missing for a trusted path, as far as it could be had."""
    from signing.validation.status import status_of

    tried: set[str] = set()
    for _ in range(MOST_ROUNDS):
        wanted = tuple(wanted_for(chain, status_of(chain.links, data, moment), moment, tried, frozenset()))
        if not wanted:
            break
        tried.update(map(names_of, wanted))
        data = (*data, *usable(fetch(wanted)))
    return data


def _question(address: str, link: CertificateFacts, issuer: CertificateFacts) -> Wanted:
    from signing.validation.answers import request_for

    nonce = new_secret().encode()[:NONCE_BYTES]
    return Wanted(Kind.ANSWER, address, request_for(link.der, issuer.der, nonce), _about(link))


def _about(link: CertificateFacts) -> str:
    return hashlib.sha256(link.der).hexdigest()


def _key(address: str, link: CertificateFacts) -> str:
    return address + _about(link)
