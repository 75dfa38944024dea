"""Reading a stranger's certificate, with one word for all that can be wrong with it. Pure."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm


def certificate_of(der: bytes) -> x509.Certificate:
    """
    A certificate whose key and extensions can be read too.

    Raises: ValueError: not one; the parser has five other words for that, which nobody should have to know.
    """
    try:
        found = x509.load_der_x509_certificate(der)
        _ = found.public_key(), found.extensions
    except (
        TypeError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise ValueError(str(error)) from error
    return found
