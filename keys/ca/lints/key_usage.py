"""Key usage: authorities sign certificates and lists, persons and the time-stamping unit sign data; never both."""

from __future__ import annotations

from cryptography import x509

from keys.ca.lints.base import Lint, extension_of
from keys.ca.order import CertificateOrder, Profile

_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
_WANTED = {
    Profile.ROOT: {"key_cert_sign", "crl_sign"},
    Profile.ISSUING: {"key_cert_sign", "crl_sign"},
    Profile.TSU: {"digital_signature"},
    Profile.PERSON: {"digital_signature", "content_commitment"},
}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.KeyUsage)
    if found is None or not found.critical:
        return "must be present and critical"
    bits = {name for name in _BITS if getattr(found.value, name)}
    return "" if bits == _WANTED[order.profile] else f"is {sorted(bits)}"


LINT = Lint("key_usage", "RFC 5280 §4.2.1.3; ETSI EN 319 412-2 §4.3.2", check)
