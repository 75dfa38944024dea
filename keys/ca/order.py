"""What a certificate shall say, before it exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509

from keys.algorithms import Algorithm
from keys.handles import KeyHandle


class Profile(StrEnum):
    ROOT = "root"
    ISSUING = "issuing"
    TSU = "tsu"
    PERSON = "person"


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
    crl_url, issuer_url: where the issuer's revocation list and certificate are fetched; empty for a root.
    policy_oid: empty for authorities' own certificates. signed_with: the algorithm of the authority's key, which the
    signed bytes name.
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
