"""The sector document: a host says which redirect addresses belong to it, and thereby share its view of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from base.fetches import Fetches
from base.http import OutboundRefused
from idp.errors import RegistrationRefused

MOST_BYTES = 64 * 1024


def check_sector(fetches: Fetches, valid: Mapping[str, Any]) -> None:
    """
    Fetch sector_identifier_uri, once, at registration; every redirect address must be in the JSON array found there.

    Raises:  RegistrationRefused("invalid_client_metadata"): it does not answer, is no array of strings, or lacks one.
    Source:  OpenID Connect Core §8.1; OpenID Connect Registration §5.
    """
    address = valid.get("sector_identifier_uri")
    if address is None:
        return
    try:
        listed = orjson.loads(fetches.get(address, accept="application/json", most_bytes=MOST_BYTES).body)
    except OutboundRefused:
        raise _refused("cannot be fetched") from None
    except orjson.JSONDecodeError:
        raise _refused("does not hold JSON") from None
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise _refused("must hold a JSON array of addresses")
    if not set(valid.get("redirect_uris", ())) <= set(listed):
        raise _refused("does not list every redirect_uri")


def _refused(why: str) -> RegistrationRefused:
    return RegistrationRefused("invalid_client_metadata", f"sector_identifier_uri {why}")
