"""Registered resource servers."""

from __future__ import annotations

from types import MappingProxyType

import orjson
from sqlalchemy import Connection, insert, select

from base.texts import Text
from base.versions import raise_version
from idp.models import resources
from idp.protocol.resources import Resource, Resources
from idp.services import RESOURCES

_ALL = select(resources.c.identifier, resources.c.name_vi, resources.c.name_en, resources.c.scopes)


def load_resources(connection: Connection) -> Resources:
    """Every resource server, by its address."""
    return MappingProxyType(
        {
            row.identifier: Resource(
                row.identifier,
                Text(row.name_vi, row.name_en),
                MappingProxyType({word: Text(*said) for word, said in orjson.loads(row.scopes).items()}),
            )
            for row in connection.execute(_ALL.order_by(resources.c.identifier))
        }
    )


def add_resource(connection: Connection, resource: Resource, now: int) -> None:
    """Add one and tell every process. Raises: IntegrityError: the address is taken."""
    scopes = {word: [said.vi, said.en] for word, said in resource.scopes.items()}
    connection.execute(
        insert(resources),
        {
            "identifier": resource.identifier,
            "name_vi": resource.title.vi,
            "name_en": resource.title.en,
            "scopes": orjson.dumps(scopes, option=orjson.OPT_SORT_KEYS).decode(),
            "created_at": now,
        },
    )
    raise_version(connection, RESOURCES)
