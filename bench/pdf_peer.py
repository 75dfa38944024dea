"""pyHanko at its best: the key object kept, the room reckoned beforehand (no trial signature), written in place."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asn1crypto import crl, keys, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.signing_pki import NOW, City, moment

RESERVED = 2 * 10_240
META = signers.PdfSignatureMetadata(field_name="ChuKy1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)


def signer(city: City) -> Callable[[Any], object]:
    """Signs what a stream holds, at its end; takes a seekable stream."""
    holder = city.official
    certificates = SimpleCertificateStore()
    certificates.register_multiple([x509.Certificate.load(link) for link in holder.chain])
    key = holder.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    class KeptKey(signers.SimpleSigner):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            return holder.key.sign(data, ec.ECDSA(hashes.SHA256()))

    kept = KeptKey(
        signing_cert=x509.Certificate.load(holder.der),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=certificates,
    )

    def sign(stream: Any) -> object:
        return PdfSigner(META, signer=kept).sign_pdf(
            IncrementalPdfFileWriter(stream), bytes_reserved=RESERVED, in_place=True
        )

    return sign


def sign_bytes(sign: Callable[[Any], object], document: bytes) -> bytes:
    stream = io.BytesIO(document)
    sign(stream)
    return stream.getvalue()


def sign_file(sign: Callable[[Any], object], path: Path) -> None:
    with path.open("r+b") as stream:
        sign(stream)


def verify(document: bytes, city: City) -> None:
    """Validate the one signature, with revocation required; raises where it does not hold."""
    (embedded,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(city.root.der)],
        other_certs=[x509.Certificate.load(city.issuing.der)],
        crls=[crl.CertificateList.load(der) for der in city.crls],
        moment=moment(NOW + 60),
        revocation_mode="hard-fail",
    )
    if not validate_pdf_signature(embedded, context, ts_validation_context=context).bottom_line:
        raise RuntimeError("the peer does not find the signature valid")
