"""
Standard claims as the record of a new account; the reverse of person_claims.py. Pure.

Source: OpenID Connect Core §5.1, §5.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from base.errors import AntinError

_ADDRESS = frozenset("formatted street_address locality region postal_code country".split())
_FIELDS: Mapping[str, str] = {
    "name": "full_name",
    "email": "email",
    "email_verified": "email_verified",
    "phone_number": "phone",
    "phone_number_verified": "phone_verified",
    "birthdate": "birthdate",
    "gender": "gender",
    "locale": "locale",
}
"""Claim → field of an account that has one of its own."""
_OTHERS = frozenset(
    "family_name given_name middle_name nickname preferred_username profile picture website zoneinfo".split()
)
_LONGEST: Mapping[str, int] = {"name": 200, "email": 254, "phone_number": 20, "gender": 20, "locale": 8}
_LONGEST_OTHERS = 500
_BIRTHDATE = re.compile(r"\d{4}(-\d{2}-\d{2})?")


class BadClaims(AntinError):
    """The claims of a new person are malformed: `claims`."""


def person_of(claims: Any) -> dict[str, Any]:
    """
    Fields of an account by their names (flows/create_user.py: NewUser), of a JSON object of standard claims.

    Raises:  BadClaims: unknown claims (updated_at and sub are ours to set), wrong types, values that are too long.
    """
    if not isinstance(claims, dict):
        raise _bad("must be one JSON object")
    fields: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for name, value in claims.items():
        if name == "address":
            attributes["address"] = _address(value)
            fields["address"] = value.get("formatted") or ", ".join(value.values())
        elif name in _FIELDS:
            fields[_FIELDS[name]] = _value(name, value)
        elif name in _OTHERS:
            attributes[name] = _value(name, value)
        else:
            raise _bad(f"{name} is not a claim that can be set")
    return {**fields, "attributes": attributes or None}


def _value(name: str, value: Any) -> Any:
    if name.endswith("_verified"):
        if not isinstance(value, bool):
            raise _bad(f"{name} must be true or false")
        return value
    if not isinstance(value, str) or not value or len(value) > _LONGEST.get(name, _LONGEST_OTHERS):
        raise _bad(f"{name} must be a text, and not too long")
    if name == "birthdate" and not _BIRTHDATE.fullmatch(value):
        raise _bad("birthdate must be YYYY-MM-DD, or YYYY")
    return value


def _address(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value or value.keys() - _ADDRESS:
        raise _bad(f"address must be an object of {', '.join(sorted(_ADDRESS))}")
    for member in value.values():
        _value("address", member)
    return value


def _bad(why: str) -> BadClaims:
    return BadClaims("claims", vi=f"Tệp thông tin cá nhân không hợp lệ: {why}.", en=f"The claims are not valid: {why}.")
