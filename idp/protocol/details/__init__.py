"""
Types of authorization details (RFC 9396). A new type is one file here and one entry in DETAIL_TYPES; its `shown()` is
what the consent page says of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from idp.errors import OAuthError
from idp.protocol.details.base import Detail, DetailType
from idp.protocol.details.case_file import CaseFileDetails
from idp.protocol.details.credential import CredentialDetails
from idp.protocol.details.fee import FeeDetails

DETAIL_TYPES: Mapping[str, DetailType] = {
    kind.type: kind for kind in (CredentialDetails(), CaseFileDetails(), FeeDetails())
}
MOST_DETAILS = 5


def parse_details(unverified: str) -> tuple[Detail, ...]:
    """
    The `authorization_details` parameter as typed values.

    Raises:  OAuthError("invalid_authorization_details"): not a JSON array of known types, or a member is wrong.
    Source:  RFC 9396 §2, §5.
    """
    try:
        items: Any = json.loads(unverified)
    except (ValueError, RecursionError):
        raise OAuthError("invalid_authorization_details", "authorization_details is not JSON") from None
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_DETAILS:
        raise OAuthError("invalid_authorization_details", f"authorization_details must hold 1 to {MOST_DETAILS} items")
    return tuple(_read(item) for item in items)


def narrowed_details(unverified: str, granted: Sequence[Mapping[str, Any]]) -> tuple[Detail, ...]:
    """
    The details that a token request names, each within one that was granted.

    Raises:  OAuthError("invalid_authorization_details").
    Source:  RFC 9396 §6, §6.1.
    """
    asked, held = parse_details(unverified), [_read(item) for item in granted]
    if not all(any(one.covers(each) for one in held) for each in asked):
        raise OAuthError("invalid_authorization_details", "a detail goes beyond what was granted")
    return asked


def is_lasting(granted: Sequence[Mapping[str, Any]]) -> bool:
    """Whether none of these details is spent by one act."""
    return not any(_read(item).is_spent_once for item in granted)


def _read(item: Any) -> Detail:
    kind = DETAIL_TYPES.get(item["type"]) if isinstance(item, dict) and isinstance(item.get("type"), str) else None
    if kind is None:
        raise OAuthError("invalid_authorization_details", "an item has no type, or a type we do not know")
    return kind.read(item)
