"""
A small PKI for the tests of signatures: root → issuing authority → people and a time-stamping unit, P-256
throughout.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = 1_764_000_000
DAY = 86_400


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass
class Holder:
    """A certificate with its key; `issuer` made it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    issuer: Holder | None = None
    revoked: dict[int, tuple[int, str]] = field(default_factory=dict)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Everything above, without the root."""
        links = []
        above = self.issuer
        while above is not None and above.issuer is not None:
            links.append(above.der)
            above = above.issuer
        return tuple(links)

    def sign(self, digest: bytes) -> bytes:
        """ECDSA over a SHA-256 digest, DER."""
        from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

        return self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))

    def sign_crl(self, this_update: int = NOW - 3600, next_update: int = NOW + 30 * DAY, *, delta_of: int = 0) -> bytes:
        """A complete CRL of what this authority revoked; a delta CRL to the list of that number, if one is given."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(moment(this_update))
            .next_update(moment(next_update))
            .add_extension(x509.CRLNumber(this_update), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if delta_of:
            builder = builder.add_extension(x509.DeltaCRLIndicator(delta_of), critical=True)
        for serial, (at, reason) in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment(at))
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def revoke(self, holder: Holder, at: int, reason: str = "keyCompromise") -> None:
        self.revoked[holder.certificate.serial_number] = (at, reason)


def issue(
    common_name: str,
    issuer: Holder | None,
    *,
    organisation: str = "Sở Nội vụ",
    not_before: int = NOW - 365 * DAY,
    not_after: int = NOW + 365 * DAY,
    authority: bool = False,
    stamps: bool = False,
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
    signs_lists: bool = True,
    list_at: str = "",
    answers_at: str = "",
    issuer_at: str = "",
    key: Any = None,
) -> Holder:
    """Issue a certificate; `issuer` None makes a root. key: any private key, None for a new one on P-256."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    above = issuer.certificate.subject if issuer else name
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment(not_before))
        .not_valid_after(moment(not_after))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority and not stamps,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority and signs_lists,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if list_at:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(list_at)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    places = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        for method, address in ((Access.OCSP, answers_at), (Access.CA_ISSUERS, issuer_at))
        if address
    ]
    if places:
        builder = builder.add_extension(x509.AuthorityInformationAccess(places), critical=False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Holder(key, builder.sign(signer, hashes.SHA256()), issuer)


@dataclass
class City:
    """Root, issuing authority, one official, one time-stamping unit."""

    root: Holder
    issuing: Holder
    official: Holder
    tsu: Holder

    @property
    def anchors(self) -> list[bytes]:
        return [self.root.der]

    @property
    def crls(self) -> list[bytes]:
        return [self.root.sign_crl(), self.issuing.sign_crl()]

    def stamp(self, imprint: bytes, *, at: int = NOW, tsu: Holder | None = None) -> bytes:
        return time_stamp_token(tsu or self.tsu, imprint, at)

    def person(self, name: str = "Trần Thị Bình", **options: object) -> Holder:
        return issue(name, self.issuing, **options)  # type: ignore[arg-type]  # options of issue()


def found_city(**official: object) -> City:
    """A fresh PKI."""
    root = issue("Gốc thử nghiệm", None, organisation="Thành phố", authority=True, not_before=NOW - 3650 * DAY)
    issuing = issue("CA cấp phát thử nghiệm", root, organisation="Thành phố", authority=True)
    person = issue("Nguyễn Văn An", issuing, **official)  # type: ignore[arg-type]  # options of issue()
    tsu = issue("Cấp dấu thời gian thử nghiệm", issuing, organisation="Thành phố", stamps=True)
    return City(root, issuing, person, tsu)


@cache
def shared_city() -> City:
    """One PKI for all tests that do not change it."""
    return found_city()


def time_stamp_token(tsu: Holder, imprint: bytes, at: int) -> bytes:
    """An RFC 3161 token over a SHA-256 imprint."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.3.6.1.4.1.99999.1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
            "serial_number": at,
            "gen_time": moment(at),
            "accuracy": {"seconds": 1},
        }
    )
    content = info.dump()
    ess = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(tsu.der).digest()}]})
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [ess]}),
        ]
    )
    certificate = asn1_x509.Certificate.load(tsu.der)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": tsu.sign(hashlib.sha256(attributes.untag().dump(force=True)).digest()),
        }
    )
    certificates = [certificate, *(asn1_x509.Certificate.load(above) for above in tsu.chain)]
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": certificates,
            "signer_infos": [signer],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
