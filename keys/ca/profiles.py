"""
The profiles as data: one row for each kind of certificate, and what stands in it. `draft.py` writes what a row says;
the lints do not read this table, so that a slip here is found there.

What is claimed, and what is not: legal persons state that their identifier is written as EN 319 412-1 §5.1.4 lays down,
which is true of it. Nothing states compliance with Regulation (EU) 910/2014, a type under it, a qualified device or the
law of a country that makes the certificate qualified (EN 319 412-5 §4.2.1 to §4.2.4), because nobody has granted that.

Source: RFC 5280 §4.2; RFC 3739; ETSI EN 319 412-2 §4.3 (natural persons), EN 319 412-3 §4.3 (legal persons), EN 319 422
§6 with RFC 3161 §2.3 (time-stamping unit), RFC 6960 §4.2.2.2 (responder); RFC 5280 §4.2.1.12 (TLS client); ETSI TS
119 612 §5.7.1 (signer of a trust list).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys.ca.order import Profile

YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class CertificateProfile:
    """
    One kind of certificate.

    issued_by:     the profile of the authority that signs it; None: itself.
    usages:        bits of keyUsage, as x509.KeyUsage names them. purposes: of extendedKeyUsage, critical if so marked.
    path_length:   of an authority; None: it is none.
    most_seconds:  its longest life (Decree 68/2024/ND-CP: authorities 20 years, subscribers 5).
    has_policy, has_crl, has_ocsp: whether it names its policy, its revocation list and a responder.
    unchecked:     carries id-pkix-ocsp-nocheck: a responder's own status is not asked for, so its life is short.
    semantics:     the semantics identifier in qcStatements, or empty.
    """

    profile: Profile
    issued_by: Profile | None
    usages: frozenset[str]
    most_seconds: int
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    purposes_critical: bool = False
    path_length: int | None = None
    has_policy: bool = True
    has_crl: bool = True
    has_ocsp: bool = True
    unchecked: bool = False
    semantics: str = ""

    @property
    def is_authority(self) -> bool:
        return self.path_length is not None


SEMANTICS_LEGAL = "0.4.0.194121.1.2"
"""id-etsi-qcs-SemanticsId-Legal (EN 319 412-1 §5.1.2)."""
TRUST_LIST_SIGNING = x509.ObjectIdentifier("0.4.0.2231.3.0")
"""id-tsl-kp-tslSigning (ETSI TS 119 612 §5.7.1)."""
_AUTHORITY = frozenset({"key_cert_sign", "crl_sign"})
_COMMITS = frozenset({"digital_signature", "content_commitment"})
_SIGNS = frozenset({"digital_signature"})

PROFILES: tuple[CertificateProfile, ...] = (
    CertificateProfile(
        profile=Profile.ROOT,
        issued_by=None,
        usages=_AUTHORITY,
        most_seconds=20 * YEAR,
        path_length=1,
        has_policy=False,
        has_crl=False,
        has_ocsp=False,
    ),
    CertificateProfile(
        profile=Profile.ISSUING,
        issued_by=Profile.ROOT,
        usages=_AUTHORITY,
        most_seconds=20 * YEAR,
        path_length=0,
        has_ocsp=False,
    ),
    CertificateProfile(
        profile=Profile.TSU,
        issued_by=Profile.ISSUING,
        usages=_SIGNS,
        most_seconds=5 * YEAR,
        purposes=(ExtendedKeyUsageOID.TIME_STAMPING,),
        purposes_critical=True,
    ),
    CertificateProfile(
        profile=Profile.OCSP,
        issued_by=Profile.ISSUING,
        usages=_SIGNS,
        most_seconds=YEAR // 4,
        purposes=(ExtendedKeyUsageOID.OCSP_SIGNING,),
        has_crl=False,
        has_ocsp=False,
        unchecked=True,
    ),
    CertificateProfile(
        profile=Profile.TRUST_LIST,
        issued_by=Profile.ISSUING,
        usages=_SIGNS,
        most_seconds=5 * YEAR,
        purposes=(TRUST_LIST_SIGNING,),
    ),
    CertificateProfile(
        profile=Profile.PERSON,
        issued_by=Profile.ISSUING,
        usages=_COMMITS,
        most_seconds=5 * YEAR,
    ),
    CertificateProfile(
        profile=Profile.LEGAL_PERSON,
        issued_by=Profile.ISSUING,
        usages=_COMMITS,
        most_seconds=5 * YEAR,
        semantics=SEMANTICS_LEGAL,
    ),
    CertificateProfile(
        profile=Profile.TLS_CLIENT,
        issued_by=Profile.ISSUING,
        usages=_SIGNS,
        most_seconds=YEAR,
        purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,),
    ),
)
BY_NAME: Mapping[Profile, CertificateProfile] = {row.profile: row for row in PROFILES}
