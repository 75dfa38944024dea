"""Certificates and revocation lists as people keep them in files: PEM or DER in, DER out."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

PEM = b"-----BEGIN"


def certificate_der(data: bytes) -> bytes:
    """Raises: ValueError: not a certificate."""
    load = x509.load_pem_x509_certificate if PEM in data else x509.load_der_x509_certificate
    return load(data).public_bytes(Encoding.DER)


def certificates_der(data: bytes) -> list[bytes]:
    """Several PEM certificates, in the order of the file, or one in DER. Raises: ValueError: none that can be read."""
    found = x509.load_pem_x509_certificates(data) if PEM in data else [x509.load_der_x509_certificate(data)]
    return [one.public_bytes(Encoding.DER) for one in found]


def revocation_list_der(data: bytes) -> bytes:
    """Raises: ValueError: not a revocation list."""
    load = x509.load_pem_x509_crl if PEM in data else x509.load_der_x509_crl
    return load(data).public_bytes(Encoding.DER)
