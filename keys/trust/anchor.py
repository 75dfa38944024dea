"""
What may become an anchor: an authority's certificate whose key is strong and whose time has not run out. Pure.

Source: RFC 5280 §6.1.1 (d), §4.2.1.9, §4.2.1.3; ETSI TS 119 312 §6.2.2 (lengths of keys).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from keys.certificates import certificate_of
from keys.errors import KeyRefused

LEAST_RSA_BITS = 2048


class Domain(StrEnum):
    """
    Groups of anchors, by who answers for them.

    own: this installation's roots. government: the authority for official business of state agencies. public: public
    authorities under the national root. foreign: authorities of other countries that are recognised.
    """

    OWN = "own"
    GOVERNMENT = "government"
    PUBLIC = "public"
    FOREIGN = "foreign"


CHOSEN = tuple(domain for domain in Domain if domain is not Domain.OWN)
"""The domains whose anchors people choose."""


@dataclass(frozen=True, slots=True)
class AnchorFacts:
    """
    sha256: of the certificate, hexadecimal; subject: RFC 4514; not_after: epoch seconds.

    From a trust list: granted: the periods in which it may be trusted (from, until; epoch seconds); trust_list: the
    list's name; list_until: when that list has to be followed by another. Chosen by people: as long as it stands.
    """

    domain: Domain
    sha256: str
    subject: str
    not_after: int
    der: bytes
    granted: tuple[tuple[int, int], ...] = ()
    trust_list: str = ""
    list_until: int = 0


def anchor_facts(der: bytes, domain: Domain) -> AnchorFacts:
    """What a certificate says. Raises: KeyRefused("anchor_refused"): unreadable."""
    try:
        certificate = certificate_of(der)
        subject = certificate.subject.rfc4514_string()
    except ValueError as error:
        raise refused("unreadable") from error
    not_after = int(certificate.not_valid_after_utc.timestamp())
    return AnchorFacts(domain, hashlib.sha256(der).hexdigest(), subject, not_after, der)


def check_anchor(der: bytes, *, now: int) -> None:
    """Raises: KeyRefused("anchor_refused"): no authority, a weak key, or its time has run out; hint says which."""
    facts = anchor_facts(der, Domain.FOREIGN)
    certificate = certificate_of(der)
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        may_sign = certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
        key = certificate.public_key()
    except (x509.ExtensionNotFound, ValueError) as error:
        raise refused("not an authority's certificate") from error
    if not is_authority or not may_sign:
        raise refused("not an authority's certificate")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise refused("its key is too short")
    if not certificate.not_valid_before_utc.timestamp() <= now < facts.not_after:
        raise refused("it is not in its time")


def refused(why: str) -> KeyRefused:
    """The certificate cannot be an anchor."""
    return KeyRefused(
        "anchor_refused",
        vi="Chứng thư này không thể làm neo tin cậy.",
        en="This certificate cannot be a trust anchor.",
        hint=why,
        status=422,
    )
