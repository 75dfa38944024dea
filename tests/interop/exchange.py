"""Two services for the journeys of token exchange: a desk that receives a token, and the land registry behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.city import City
from tests.interop.base import add_client

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
SCOPE = "files.read land.read"


@dataclass(frozen=True, slots=True)
class Chain:
    """desk: what the command printed of the client that exchanges; the resources as they stand in `aud`."""

    desk: dict[str, Any]
    desk_resource: str
    land_resource: str

    def facts(self) -> dict[str, Any]:
        """As the journeys read them."""
        return {"desk": self.desk, "desk_resource": self.desk_resource, "land_resource": self.land_resource}


def add_chain(city: City, name: str) -> Chain:
    """Register both services; the name keeps counterparts that share a city apart."""
    desk, land = f"https://desk.{name}.example.vn", f"https://land.{name}.example.vn"
    added = _service(city, f"desk of {name}", desk, [land])
    _service(city, f"land of {name}", land, [])
    return Chain(added, desk, land)


def _service(city: City, name: str, resource: str, audiences: list[str]) -> dict[str, Any]:
    return add_client(
        city,
        {
            "client_name": name,
            "resource": resource,
            "scope": SCOPE,
            "grant_types": ["client_credentials", EXCHANGE],
            "token_exchange_audiences": audiences,
        },
    )
