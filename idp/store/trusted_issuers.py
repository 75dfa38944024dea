"""Issuers whose assertions count."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from base.versions import raise_version
from idp.models import trusted_issuers
from idp.protocol.trusted_issuers import TrustedIssuers, read_trusted_issuer
from idp.services import ISSUERS

_ALL = select(trusted_issuers.c.issuer, trusted_issuers.c.description).order_by(trusted_issuers.c.issuer)


def load_trusted_issuers(connection: Connection) -> TrustedIssuers:
    """Every trusted issuer, by the `iss` of its assertions."""
    rows = connection.execute(_ALL)
    return MappingProxyType({row.issuer: read_trusted_issuer(orjson.loads(row.description)) for row in rows})


def add_trusted_issuer(connection: Connection, issuer: str, description: Mapping[str, Any], now: int) -> None:
    """Add one by its checked description and tell every process. Raises: IntegrityError: it is there already."""
    written = orjson.dumps(dict(description), option=orjson.OPT_SORT_KEYS).decode()
    connection.execute(insert(trusted_issuers), {"issuer": issuer, "description": written, "created_at": now})
    raise_version(connection, ISSUERS)
