"""What every type of authorization details offers to the flows and to the consent page. Source: RFC 9396 §2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Detail(Protocol):
    """One validated authorization detail, frozen."""

    @property
    def type(self) -> str: ...

    @property
    def needs_second_factor(self) -> bool:
        """Whether a second factor has to be proven for this very request."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Its members, normalised; what the client gets back and what the access token carries."""
        ...


class DetailType(Protocol):
    """Reads the details of one type."""

    type: str

    def read(self, unverified: Mapping[str, Any]) -> Detail:
        """Validate. Raises: OAuthError("invalid_authorization_details")."""
        ...
