"""A person's record as OpenID claims. Source: OpenID Connect Core §5.1, §5.1.1; absent data is left out, never null."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from idp.protocol.claims import PERSONAL

ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Position:
    """A position held now: code of the organisation, its name, and the title, as recorded."""

    organisation_code: str
    organisation_name: str
    title: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What we know of a person, as stored; attributes: JSON object of further standard claims, or None."""

    full_name: str
    email: str | None
    email_verified: bool
    phone: str | None
    phone_verified: bool
    birthdate: str | None
    gender: str | None
    address: str | None
    locale: str
    attributes: str | None
    updated_at: int
    position: Position | None = None


def personal_claims(record: PersonRecord, wanted: Iterable[str]) -> dict[str, Any]:
    """Those of the wanted claims that the record can fill."""
    everything = _all(record)
    return {name: everything[name] for name in wanted if everything.get(name) is not None}


def _all(record: PersonRecord) -> dict[str, Any]:
    kept = json.loads(record.attributes) if record.attributes else {}
    claims: dict[str, Any] = {name: value for name, value in kept.items() if name in PERSONAL}
    claims |= {
        "name": record.full_name,
        "gender": record.gender,
        "birthdate": record.birthdate,
        "locale": record.locale,
        "zoneinfo": kept.get("zoneinfo", ZONE),
        "updated_at": record.updated_at,
        "email": record.email,
        "email_verified": record.email_verified if record.email else None,
        "phone_number": record.phone,
        "phone_number_verified": record.phone_verified if record.phone else None,
        "address": kept.get("address") or ({"formatted": record.address} if record.address else None),
    }
    if record.position is not None:
        position = record.position
        claims["organisation"] = {"code": position.organisation_code, "name": position.organisation_name}
        claims["position"] = {"title": position.title}
    return claims
