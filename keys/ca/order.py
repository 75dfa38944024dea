"""What a certificate shall say, before it exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from keys.algorithms import Algorithm
from keys.handles import KeyHandle


class Profile(StrEnum):
    """What a certificate is for; what each holds stands in profiles.py."""

    ROOT = "root"
    ISSUING = "issuing"
    TSU = "tsu"
    OCSP = "ocsp"
    TRUST_LIST = "trust-list"
    PERSON = "person"
    LEGAL_PERSON = "legal-person"
    TLS_CLIENT = "tls-client"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority that will sign: its key's handle and its own certificate."""

    handle: KeyHandle
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """
    One certificate to be made.

    public_key: SubjectPublicKeyInfo, DER. issuer: None for a root, which signs itself. Times: epoch seconds.
    crl_url, issuer_url, ocsp_url: where the issuer's revocation list, its certificate and the status of this one are
    fetched; empty where the profile has none. policy_oid: empty for a root. signed_with: the algorithm of the
    authority's key, which the signed bytes name.
    """

    profile: Profile
    subject: x509.Name
    public_key: bytes
    serial: int
    not_before: int
    not_after: int
    issuer: Issuer | None
    crl_url: str = ""
    issuer_url: str = ""
    policy_oid: str = ""
    signed_with: Algorithm = Algorithm.ES256
    ocsp_url: str = ""
