"""Key usage: authorities sign certificates and lists, everybody else signs data; never both, and nothing encrypts."""

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
)  # the two that only go with key_agreement cannot stand without it
_WANTED = {
    Profile.ROOT: {"key_cert_sign", "crl_sign"},
    Profile.ISSUING: {"key_cert_sign", "crl_sign"},
    Profile.TSU: {"digital_signature"},
    Profile.OCSP: {"digital_signature"},
    Profile.TRUST_LIST: {"digital_signature"},
    Profile.TLS_CLIENT: {"digital_signature"},
    Profile.PERSON: {"digital_signature", "content_commitment"},
    Profile.LEGAL_PERSON: {"digital_signature", "content_commitment"},
}


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = extension_of(certificate, x509.KeyUsage)
    if found is None or not found.critical:
        return "must be present and critical"
    bits = {name for name in _BITS if getattr(found.value, name)}
    return "" if bits == _WANTED[order.profile] else f"is {sorted(bits)}"


LINT = Lint(
    "key_usage", "RFC 5280 §4.2.1.3; RFC 9881 §5; ETSI EN 319 412-2 §4.3.2, EN 319 412-3 §4.3.1", "2008-05-01", check
)
