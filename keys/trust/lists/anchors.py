"""
Whom a trust list lets us trust, and for which time. Pure.

A service may be trusted while its status was one of those that approve it; what it did before it was granted or after
it was withdrawn stands on nothing. A list that has not been followed by another one vouches for nothing after its end.

Source: ETSI TS 119 612 §5.5.4, §5.5.5, §5.6; ETSI TS 119 615 §4.4 (status at a given time).
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509

from keys.certificates import certificate_of
from keys.trust.lists.certificates import extension_of
from keys.trust.lists.facts import Service, Spell, TrustList
from keys.trust.lists.words import APPROVED, AUTHORITIES, STAMPERS

Period = tuple[int, int]
"""From, included, until, excluded; epoch seconds."""


def listed_anchors(found: TrustList, *, until: int) -> Mapping[bytes, tuple[Period, ...]]:
    """Of each certificate (DER) that may be trusted the periods, oldest first; none reaches beyond `until`."""
    periods: dict[bytes, set[Period]] = {}
    for provider in found.providers:
        for service in provider.services:
            for der in service.certificates:
                if _may_stand(service, der):
                    periods.setdefault(der, set()).update(approved(service.spells, until=until))
    return {der: tuple(sorted(spans)) for der, spans in periods.items() if spans}


def approved(spells: tuple[Spell, ...], *, until: int) -> tuple[Period, ...]:
    """When a service was approved. spells: newest first."""
    spans = []
    end = until
    for spell in spells:
        if spell.status in APPROVED and spell.since < min(end, until):
            spans.append((spell.since, min(end, until)))
        end = spell.since
    return tuple(reversed(spans))


def _may_stand(service: Service, der: bytes) -> bool:
    """
    An authority's certificate, of a service that certifies or stamps; of one that stamps also its unit's own. The key
    of a unit must never certify anybody, which path building sees to.
    """
    if service.kind not in AUTHORITIES | STAMPERS:
        return False
    try:
        certificate = certificate_of(der)
        constraints = extension_of(certificate, x509.BasicConstraints)
        purposes = extension_of(certificate, x509.ExtendedKeyUsage)
    except ValueError:
        return False
    if constraints is not None and constraints.ca:
        return True
    stamps = x509.oid.ExtendedKeyUsageOID.TIME_STAMPING
    return service.kind in STAMPERS and purposes is not None and list(purposes) == [stamps]
