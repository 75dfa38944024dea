"""What a lint is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509

from keys.ca.order import CertificateOrder

Extension = TypeVar("Extension", bound=x509.ExtensionType)
Check = Callable[[x509.Certificate, CertificateOrder], str]
"""Returns what is wrong, or an empty string."""


@dataclass(frozen=True, slots=True)
class Lint:
    """name: as findings show it; source: the clause it enforces; effective: since when it applies, an ISO date."""

    name: str
    source: str
    effective: str
    check: Check


def extension_of(certificate: x509.Certificate, kind: type[Extension]) -> x509.Extension[Extension] | None:
    """The extension of that class, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
