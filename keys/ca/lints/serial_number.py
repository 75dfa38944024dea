"""The serial number: unpredictable, positive, at most 20 octets."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

LEAST_BITS = 100
"""A random number of 159 bits has fewer only once in 2^59 certificates; a counter always has."""


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    serial = certificate.serial_number
    if serial <= 0 or serial.bit_length() > 159:
        return "must be positive and fit 20 octets"
    return "" if serial.bit_length() >= LEAST_BITS else "is too small to hold 64 random bits"


LINT = Lint("serial_number", "RFC 5280 §4.1.2.2; CA/Browser Forum Baseline Requirements §7.1", "2016-09-30", check)
