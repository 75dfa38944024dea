"""
Registering a resource server: who may be named as the place a token is for.

1. Judge: protocol/resources.py.
2. Act: one row, one audit event, one raise of the cache counter, in one transaction.

Source: RFC 8707 §2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from base import audit
from idp.errors import RegistrationRefused
from idp.events import ResourceRegistered
from idp.protocol.resources import Resource, read_resource
from idp.services import IdpServices
from idp.store.resources import add_resource


def register_resource(services: IdpServices, unverified: Mapping[str, Any], *, if_missing: bool = False) -> Resource:
    """Add a resource server; if_missing: one that is there already stays as it is. Raises: RegistrationRefused."""
    resource = read_resource(unverified)
    clock = services.base.clock
    try:
        with services.base.db.begin() as connection:
            add_resource(connection, resource, clock.now())
            audit.append(connection, clock, ResourceRegistered(resource.identifier, sorted(resource.scopes)))
    except IntegrityError:
        if if_missing:
            return resource
        raise RegistrationRefused("invalid_client_metadata", "the resource is registered already") from None
    return resource
