"""
A PDF of our own words under our own seal: a PAdES signature (B-T) by the key that seals nothing else.

It goes the way of every other signature, and is verified before it leaves, so that our seal is never handed out broken.
"""

from __future__ import annotations

from keys.api import KeyHandle
from signing.flows.self_check import ToCheck, check_own_output
from signing.formats import format_named
from signing.formats.base import Level, PrepareRequest
from signing.reports.sheet import Sheet
from signing.services import SigningServices

LEAST_STAMP_BYTES = 8192
SEAL_NAME = "Ấn Tín"


def sealed_pdf(services: SigningServices, sheet: Sheet) -> bytes:
    """Draw, seal, check. Raises: KeysUnavailable; SignatureRefused("own_check_failed")."""
    from signing.reports.pdf_sheet import draw_sheet  # its library is loaded by the first report

    return seal_pdf(services, draw_sheet(sheet))


def seal_pdf(services: SigningServices, document: bytes) -> bytes:
    """The document under our seal. Only for what we drew ourselves."""
    seal = services.keys.report_seal()
    pades = format_named("PAdES")
    request = PrepareRequest(
        certificate=seal.certificate,
        chain=seal.chain,
        signing_time=services.base.clock.now(),
        level=Level.B_T,
        visible=None,
        name=SEAL_NAME,
        algorithm=seal.algorithm,
        stamp_bytes=max(LEAST_STAMP_BYTES, services.keys.stamp_bytes()),
    )
    prepared = pades.prepare(document, request)
    signature = services.keys.seal_report(KeyHandle(seal.handle), message=prepared.signed_attributes)
    content = pades.embed(prepared, signature, services.keys.timestamp)
    check_own_output(services, ToCheck(b""), ToCheck(content), seal.certificate)
    return content
