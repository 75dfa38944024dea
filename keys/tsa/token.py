"""
Making a TimeStampToken: TSTInfo inside CMS SignedData, signed by the time-stamping unit.

Source: RFC 3161 §2.4.2; RFC 5816 §2.2.1 (ESSCertIDv2 replaces ESSCertID); ETSI EN 319 422 §5.2 (accuracy at most one
second, version 1); RFC 5652 §5.4 (signature over the DER of the attributes as SET OF).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import algos, cms, core, tsp, x509

from base.clock import as_utc
from keys.tsa.request import ImprintOrder

ACCURACY_SECONDS = 1
SERIAL_BITS = 128


@dataclass(frozen=True, slots=True)
class TimestampUnit:
    """
    The unit that signs: its key (ES256), its certificate and the chain above without the root, all DER.

    Times are the certificate's, epoch seconds.
    """

    sign: Callable[[bytes], bytes]
    certificate: bytes
    chain: tuple[bytes, ...]
    not_before: int
    not_after: int


def make_token(unit: TimestampUnit, order: ImprintOrder, *, policy: str, gen_time: int) -> bytes:
    """
    The ContentInfo, DER. gen_time: epoch seconds.

    1. The TSTInfo, with a serial number of 128 random bits.
    2. The signed attributes bind its digest and the unit's certificate.
    3. The signature; the certificates only when asked for (RFC 3161 §2.4.1 certReq).
    """
    certificate = x509.Certificate.load(unit.certificate)
    content = _tst_info(certificate, order, policy, gen_time).dump()
    attributes = _signed_attributes(certificate, unit.certificate, content)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number}),
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": unit.sign(attributes.dump()),
        }
    )
    signed = {
        "version": "v3",
        "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        "signer_infos": [signer],
    }
    if order.with_certificates:
        signed["certificates"] = [x509.Certificate.load(der) for der in (unit.certificate, *unit.chain)]
    token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
    return bytes(token.dump())


def _tst_info(certificate: x509.Certificate, order: ImprintOrder, policy: str, gen_time: int) -> tsp.TSTInfo:
    facts = {
        "version": "v1",
        "policy": policy,
        "message_imprint": {
            "hash_algorithm": {"algorithm": order.algorithm},
            "hashed_message": order.imprint,
        },
        "serial_number": secrets.randbits(SERIAL_BITS) | 1,
        "gen_time": as_utc(gen_time),
        "accuracy": {"seconds": ACCURACY_SECONDS},
        "tsa": x509.GeneralName("directory_name", certificate.subject),
    }
    if order.nonce is not None:
        facts["nonce"] = order.nonce
    return tsp.TSTInfo(facts)


def _signed_attributes(certificate: x509.Certificate, der: bytes, content: bytes) -> cms.CMSAttributes:
    reference = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(der).digest(),  # the algorithm is SHA-256 by default and then left out
            "issuer_serial": {
                "issuer": [x509.GeneralName("directory_name", certificate.issuer)],
                "serial_number": certificate.serial_number,
            },
        }
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [reference]})]}
            ),
        ]
    )
