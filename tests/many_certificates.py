"""Certificates of every profile in any number, from authorities of any algorithm, through the same lint and sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.backends.software import SoftwareBackend
from keys.ca.linted import lint, sign
from keys.ca.names import authority_name, client_name, legal_name, person_name
from keys.ca.order import CertificateOrder, Issuer, Profile
from keys.ca.profiles import BY_NAME, YEAR
from keys.flows.certify import random_serial
from keys.handles import KeyHandle, LegalSubject, PersonSubject
from keys.lifecycle.states import Purpose
from keys.sealing import MasterKey
from keys.settings import KeysSettings
from keys.signers import CertificateSigner

NOW, BASE = 1_790_000_000, "http://pki.example.vn/pki"
IDENTIFIER = "GO:VN-EXAMPLE"
BACKEND = SoftwareBackend(MasterKey(b"m" * 32), KeysSettings(rsa_key_bits=2048))
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Bùi", "Ngô", "Niê", "Y")
GIVEN = ("Thị Ánh", "Văn Đức", "Minh", "Hữu Ước", "Quốc Khánh Toàn", "Kdăm", "Thùy Dương", "Ý Nhi", "Bảo", "Sơn")
AGENCIES = (
    "Ủy ban nhân dân phường Bến Nghé",
    "Sở Tư pháp",
    "Văn phòng Ủy ban nhân dân thành phố Đà Nẵng và các đơn vị",
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A root and an issuing authority under it, with keys of one algorithm."""

    root: Issuer
    root_signer: CertificateSigner
    issuing: Issuer
    signer: CertificateSigner


def made(algorithm: Algorithm, name: str) -> tuple[NewKey, CertificateSigner]:
    new = BACKEND.generate(KeyHandle(name), algorithm)
    return new, CertificateSigner(BACKEND.open(new.handle, algorithm, new.stored), Purpose.ISSUING)


def authority(algorithm: Algorithm = Algorithm.ES256) -> Authority:
    (above, root_signer), (below, signer) = made(algorithm, "key_root"), made(algorithm, "key_issuing")
    root = sign(lint(order(Profile.ROOT, 0, above.public_key, None, algorithm)), root_signer)
    upper = Issuer(above.handle, root)
    issuing = sign(lint(order(Profile.ISSUING, 0, below.public_key, upper, algorithm)), root_signer)
    return Authority(upper, root_signer, Issuer(below.handle, issuing), signer)


def order(
    profile: Profile, number: int, public_key: bytes, issuer: Issuer | None, signed_with: Algorithm
) -> CertificateOrder:
    row = BY_NAME[profile]
    years = {Profile.ROOT: 20, Profile.ISSUING: 10, Profile.OCSP: 0.25}.get(profile, 1)
    name = "root" if profile is Profile.ISSUING else "issuing"
    # The arc for examples in documents (RFC 5612): pkilint cannot read 2.999, the arc of our defaults.
    policy = "2.5.29.32.0" if profile is Profile.ISSUING else "1.3.6.1.4.1.32473.1.1"
    return CertificateOrder(
        profile=profile,
        subject=subject(profile, number),
        public_key=public_key,
        serial=random_serial(),
        not_before=NOW + number if issuer is None else NOW + 100 + number,
        not_after=int(NOW + number + years * YEAR),
        issuer=issuer,
        crl_url=f"{BASE}/crl/{name}.crl" if issuer and row.has_crl else "",
        issuer_url=f"{BASE}/ca/{name}.cer" if issuer else "",
        ocsp_url=f"{BASE}/ocsp" if issuer and row.has_ocsp else "",
        policy_oid=policy if issuer and row.has_policy else "",
        signed_with=signed_with,
    )


def subject(profile: Profile, number: int) -> x509.Name:
    agency, tens = AGENCIES[number % len(AGENCIES)], number // 10
    if profile is Profile.PERSON:
        name = f"{FAMILY[number % 10]} {GIVEN[tens % 10]}"
        return person_name(PersonSubject(f"u{number}", name, agency, ""), number.to_bytes(32, "little"))
    if profile is Profile.LEGAL_PERSON:
        return legal_name(LegalSubject(f"o{number}", agency, f"VATVN-{100_000_000 + number:010}"))
    if profile is Profile.TLS_CLIENT:
        return client_name(LegalSubject(f"o{number}", agency, f"GO:VN-H29.{number}", f"tram-{number}.example.vn"))
    return authority_name(agency, f"{profile} {number}", IDENTIFIER)


def certificates(profile: Profile, count: int, above: Authority, key: Algorithm = Algorithm.ES256) -> Iterator[bytes]:
    """DER, one after the other: each with a key, a name and a serial number of its own."""
    for number in range(count):
        new, own = made(key, f"key_{number}")
        issuer, signer = {Profile.ROOT: (None, own), Profile.ISSUING: (above.root, above.root_signer)}.get(
            profile, (above.issuing, above.signer)
        )
        issued = sign(lint(order(profile, number, new.public_key, issuer, signer.algorithm)), signer)
        yield issued.public_bytes(Encoding.DER)
