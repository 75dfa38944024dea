"""What every type of authorization details offers to the flows and to the consent page. Source: RFC 9396 §2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Shown:
    """A detail as the person reads it: a heading, and labelled lines that leave nothing out."""

    title: Text
    rows: tuple[tuple[Text, Text], ...]


class Detail(Protocol):
    """One validated authorization detail, frozen."""

    @property
    def type(self) -> str: ...

    @property
    def needs_second_factor(self) -> bool:
        """Whether a second factor has to be proven for this very request."""
        ...

    @property
    def is_spent_once(self) -> bool:
        """Whether it allows one act; then no refresh token goes along."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Its members, normalised; what the client gets back and what the access token carries."""
        ...

    def covers(self, asked: Detail) -> bool:
        """Whether a token request that names `asked` asks for nothing beyond this."""
        ...

    def shown(self) -> Shown | None:
        """What the consent page says; None: the page has a block made for this type."""
        ...


class DetailType(Protocol):
    """Reads the details of one type."""

    type: str

    def read(self, unverified: Mapping[str, Any]) -> Detail:
        """Validate. Raises: OAuthError("invalid_authorization_details")."""
        ...
