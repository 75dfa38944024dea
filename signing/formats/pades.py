"""PAdES (EN 319 142-1), levels B-B and B-T. (Shape only; the body follows.)"""

from __future__ import annotations

from signing.formats.base import Prepared, PrepareRequest, Timestamper
from signing.validation.located import LocatedSignature


class Pades:
    """PDF Advanced Electronic Signatures."""

    name = "PAdES"

    def recognises(self, document: bytes) -> bool:
        raise NotImplementedError

    def prepare(self, document: bytes, request: PrepareRequest) -> Prepared:
        raise NotImplementedError

    def embed(self, prepared: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
        raise NotImplementedError

    def locate(self, document: bytes) -> list[LocatedSignature]:
        raise NotImplementedError
