"""
Keys that sign drafts: made by each process for itself, never stored, and nobody trusts what they sign.

`cryptography` builds certificates, revocation lists and OCSP answers only together with a signature. What is kept of a
draft are the bytes to be signed, in which the algorithm is named, so there is one such key for each algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from keys.algorithms import Algorithm

SIGNING_KEYS = (
    ec.EllipticCurvePublicKey,
    rsa.RSAPublicKey,
    ed25519.Ed25519PublicKey,
    mldsa.MLDSA44PublicKey,
    mldsa.MLDSA65PublicKey,
    mldsa.MLDSA87PublicKey,
)
"""The kinds of public keys that our certificates are made for."""
_SHORT_LIVED_RSA_BITS = 2048
Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None


@dataclass(frozen=True, slots=True)
class Drafting:
    """What the `sign` of a builder takes. hash: None where the algorithm has its own; padding: of RSA only."""

    key: CertificateIssuerPrivateKeyTypes
    hash: Hash
    padding: padding.PSS | padding.PKCS1v15 | None = None


@cache
def drafting(algorithm: Algorithm) -> Drafting:
    """The draft key of an algorithm, made when it is first asked for."""
    match algorithm:
        case Algorithm.ES256:
            return Drafting(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        case Algorithm.ES384:
            return Drafting(ec.generate_private_key(ec.SECP384R1()), hashes.SHA384())
        case Algorithm.ES512:
            return Drafting(ec.generate_private_key(ec.SECP521R1()), hashes.SHA512())
        case Algorithm.RS256:
            return Drafting(_rsa_key(), hashes.SHA256(), padding.PKCS1v15())
        case Algorithm.PS256:
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return Drafting(_rsa_key(), hashes.SHA256(), pss)
        case Algorithm.EDDSA:
            return Drafting(ed25519.Ed25519PrivateKey.generate(), None)
        case Algorithm.ML_DSA_44:
            return Drafting(mldsa.MLDSA44PrivateKey.generate(), None)
        case Algorithm.ML_DSA_65:
            return Drafting(mldsa.MLDSA65PrivateKey.generate(), None)
        case Algorithm.ML_DSA_87:
            return Drafting(mldsa.MLDSA87PrivateKey.generate(), None)


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=_SHORT_LIVED_RSA_BITS)
