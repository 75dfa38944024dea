"""The certified key has none of the known weaknesses."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder
from keys.weaknesses import weakness_of


def check(certificate: x509.Certificate, _order: CertificateOrder) -> str:
    return weakness_of(certificate.public_key())


LINT = Lint("weak_key", "CA/Browser Forum Baseline Requirements §6.1.1.3; ETSI TS 119 312 §8", "2022-12-01", check)
