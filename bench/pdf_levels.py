"""
PDF signatures at the levels with time stamps: ours against pyHanko tuned, by processor time, in turns, in this process.

Revocation data is at hand for both, and our own time-stamp authority answers both without a network: a token by one
P-256 signature. `python -m bench.pdf_levels` plays it alone.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import algos, cms, crl, keys, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bench.documents import image_document
from bench.pdf_match import SIZES, Duel, Wanted, rates, table
from bench.signing import stamping_keys
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Level, PrepareRequest, ValidationData
from signing.formats.pades import Pades
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.indications import Indication
from signing.validation.revocation import revocation_of
from tests.signing_pki import NOW, City, moment, shared_city

PDF = Pades()
MUST = Wanted(5)
ROUNDS, SLICE_SECONDS = 41, 0.004
"""A turn is one operation of the library, which now and then takes fifty times as long: its median is its best side."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What both stand on: whom they trust, the lists at hand, who stamps."""

    city: City
    own: TrustSource
    stamp: Callable[[bytes], bytes]


def duels(rounds: int = ROUNDS) -> list[Duel]:
    """B-T, B-LT and B-LTA of a small document."""
    logging.getLogger("pyhanko").setLevel(logging.ERROR)  # it says each time that it will not fetch
    city, document = shared_city(), image_document(SIZES["50 kB"])
    with tempfile.TemporaryDirectory(prefix="antin-bench-") as folder:
        ours = stamping_keys(Path(folder))
        own = TrustSource(
            anchors=(*city.anchors, *ours.trust_anchors()),
            known=(city.issuing.der, *ours.issuer_certificates()),
            lists=(*city.crls, ours.crl("issuing"), ours.crl("root")),
        )
        stand = Stand(city, own, ours.timestamp)
        return [_duel(document, level, stand, rounds) for level in (Level.B_T, Level.B_LT, Level.B_LTA)]


def _duel(document: bytes, level: Level, stand: Stand, rounds: int) -> Duel:
    ours, theirs = _ours(document, level, stand), _peer(document, level, stand)
    for signed in (ours(), theirs()):
        report = verify_document(signed, moment=NOW + 60, own=stand.own)
        if report.indication is not Indication.TOTAL_PASSED or report.signatures[0].level != level:
            raise RuntimeError(f"{level}: {report.indication}, {report.signatures[0].level}")
    rate, peer = rates((ours, theirs), rounds, SLICE_SECONDS)
    return Duel(f"sign {level} P-256, 50 kB", rate, peer, None, MUST)


def _ours(document: bytes, level: Level, stand: Stand) -> Callable[[], bytes]:
    holder = stand.city.official
    request = PrepareRequest(holder.der, holder.chain, NOW, Level.B_T)
    sources = ExtensionSources(stand.stamp, _collected(stand.own))

    def sign() -> bytes:
        prepared = PDF.prepare(document, request)
        signed = PDF.embed(prepared, holder.sign(prepared.to_be_signed_digest), stand.stamp)
        return signed if level is Level.B_T else PDF.extend(signed, level, sources).content

    return sign


def _collected(own: TrustSource) -> Callable[[bytes, tuple[bytes, ...]], ValidationData]:
    """A path is looked for each time; the lists are at hand."""

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, own.known, own.anchors, Effort())
        states = revocation_of(chain.links, own.lists)
        return ValidationData(tuple(link.der for link in chain.links), tuple(state.source for state in states))

    return collect


class _Authority(TimeStamper):
    """The same authority for the library, which asks it with a request of its own; a token is kept to reckon by."""

    def __init__(self, stamp: Callable[[bytes], bytes]) -> None:
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]  # untyped in the library
        self._stamp = stamp

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        token = self._stamp(req["message_imprint"]["hashed_message"].native)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)})


def _peer(document: bytes, level: Level, stand: Stand) -> Callable[[], bytes]:
    holder = stand.city.official
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
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
    )
    authority = _Authority(stand.stamp)
    lists = [crl.CertificateList.load(der) for der in stand.own.lists]
    roots = [x509.Certificate.load(der) for der in stand.own.anchors]
    known = [x509.Certificate.load(der) for der in stand.own.known]

    def sign() -> bytes:
        lasting = level is not Level.B_T
        context = ValidationContext(
            trust_roots=roots, other_certs=known, crls=lists, moment=moment(NOW), revocation_mode="hard-fail"
        )
        meta = signers.PdfSignatureMetadata(
            field_name="ChuKy1",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=lasting,
            use_pades_lta=level is Level.B_LTA,
            validation_context=context if lasting else None,
        )
        stream = io.BytesIO(document)
        PdfSigner(meta, signer=kept, timestamper=authority).sign_pdf(
            IncrementalPdfFileWriter(stream), bytes_reserved=2 * 10_240, in_place=True
        )
        return stream.getvalue()

    return sign


if __name__ == "__main__":
    print(table(duels()))
