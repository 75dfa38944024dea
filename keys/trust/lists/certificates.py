"""One extension of a certificate. Pure."""

from __future__ import annotations

from typing import TypeVar

from cryptography import x509

E = TypeVar("E", bound=x509.ExtensionType)


def extension_of(certificate: x509.Certificate, kind: type[E]) -> E | None:
    """Its value; None: there is none. Raises: ValueError: the extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
