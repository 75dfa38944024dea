"""
Our own trust list: what our authorities, stamping units and responders are, and since when. Pure.

Nobody has granted us anything, so the status of a standing service is "recognised at national level", which is what a
scheme says of services it knows, and "deprecated" once the service has ended; history is never taken back.

Source: ETSI TS 119 612 §5.3.15 (at most six months), §5.5.1, §5.5.4 (statuses of services that are not qualified).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from base.texts import Text
from keys.trust.lists.facts import Provider, Service, Spell, TrustList
from keys.trust.lists.strict_xml import canonical
from keys.trust.lists.words import DEPRECATED, LIST_TYPE, RECOGNISED
from keys.trust.lists.writing import write_list

LONGEST_SECONDS = 180 * 86_400
VERSION = 6


@dataclass(frozen=True, slots=True)
class OwnService:
    """kind: URI. since, ended: epoch seconds; None: it stands. points: where it is used."""

    kind: str
    name: str
    certificate: bytes = field(repr=False)
    since: int
    ended: int | None = None
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnOperator:
    """Who we are: the organisation, its identifier, country and town, and our own page."""

    organisation: str
    identifier: str
    country: str
    town: str
    page: str


def own_list(services: Iterable[OwnService], operator: OwnOperator) -> TrustList:
    """The list without a number and times yet."""
    name = Text(operator.organisation, operator.organisation)
    provider = Provider(name, operator.identifier, operator.page, tuple(_service(one) for one in services))
    return TrustList(VERSION, 0, LIST_TYPE.format(operator.country), name, operator.country, 0, 0, (provider,))


def numbered(found: TrustList, *, sequence: int, now: int, seconds: int) -> TrustList:
    """The same as it is published now; seconds: to its next update, at most six months."""
    return replace(found, sequence=sequence, issued=now, next_update=now + min(seconds, LONGEST_SECONDS))


def as_xml(found: TrustList, operator: OwnOperator) -> Any:
    """The root element, to be sealed."""
    return write_list(found, information=operator.page, city=operator.town)


def fingerprint(found: TrustList, operator: OwnOperator) -> str:
    """SHA-256, hexadecimal, of what a list without number and times says: another one when anything has changed."""
    return hashlib.sha256(canonical(as_xml(found, operator))).hexdigest()


def _service(one: OwnService) -> Service:
    spells: tuple[Spell, ...] = (Spell(RECOGNISED, one.since),)
    if one.ended is not None:
        spells = (Spell(DEPRECATED, max(one.ended, one.since)), *spells)
    return Service(one.kind, Text(one.name, one.name), (one.certificate,), spells, one.points)
