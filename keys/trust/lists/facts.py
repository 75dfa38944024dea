"""What a trust list says. Pure. Times are epoch seconds. Source: ETSI TS 119 612 §5.3 to §5.6."""

from __future__ import annotations

from dataclasses import dataclass, field

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Spell:
    """A status (URI) and the moment it began."""

    status: str
    since: int


@dataclass(frozen=True, slots=True)
class Service:
    """
    One service of a provider.

    kind: URI. certificates: DER, of its key; may be empty. spells: the current status first, then its history.
    points: addresses at which it is used.
    """

    kind: str
    name: Text
    certificates: tuple[bytes, ...] = field(repr=False)
    spells: tuple[Spell, ...]
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """Who offers services, with what it is called in trade and where it explains itself."""

    name: Text
    trade_name: str
    information: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class TrustList:
    """
    The whole list.

    version: 5 or 6, of the schema. kind: URI. territory: ISO 3166-1. issued, next_update: None for the latter: closed,
    nothing follows.
    """

    version: int
    sequence: int
    kind: str
    operator: Text
    territory: str
    issued: int
    next_update: int | None
    providers: tuple[Provider, ...]
