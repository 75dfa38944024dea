"""The signature algorithm: that of the authority's key as the standards name it, so never with SHA-1 or MD5."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from keys.algorithms import Algorithm
from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder

NAMES: dict[Algorithm, x509.ObjectIdentifier] = {
    Algorithm.ES256: SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    Algorithm.ES384: SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    Algorithm.ES512: SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    Algorithm.RS256: SignatureAlgorithmOID.RSA_WITH_SHA256,
    Algorithm.PS256: SignatureAlgorithmOID.RSASSA_PSS,
    Algorithm.EDDSA: SignatureAlgorithmOID.ED25519,
    Algorithm.ML_DSA_44: x509.ObjectIdentifier("2.16.840.1.101.3.4.3.17"),
    Algorithm.ML_DSA_65: x509.ObjectIdentifier("2.16.840.1.101.3.4.3.18"),
    Algorithm.ML_DSA_87: x509.ObjectIdentifier("2.16.840.1.101.3.4.3.19"),
}
WEAK_HASHES = frozenset({"md5", "sha1", "sha224"})


def check(certificate: x509.Certificate, order: CertificateOrder) -> str:
    found = certificate.signature_algorithm_oid
    if found != NAMES[order.signed_with]:
        return f"is {found.dotted_string}"
    digest = certificate.signature_hash_algorithm  # of RSASSA-PSS it stands among the parameters
    return f"hashes with {digest.name}" if digest is not None and digest.name in WEAK_HASHES else ""


LINT = Lint("signature_algorithm", "ETSI TS 119 312 §5, §6; RFC 9881 §2; OWASP ASVS 5.0 §11.4.1", "2022-12-01", check)
