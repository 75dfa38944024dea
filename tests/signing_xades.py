"""XML signatures for tests: made by our own format, with keys of any algorithm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import ExtensionSources, Level, Packaging, PrepareRequest, ValidationData
from signing.formats.xades import Xades
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.indications import Indication
from signing.validation.located import ALONE, Beside
from signing.validation.report import Report
from signing.validation.revocation import is_list_of
from tests.signing_cms import sign_message, usual
from tests.signing_pki import DAY, NOW, City, Holder, shared_city

XML = """<?xml version="1.0" encoding="UTF-8"?>
<quyết-định xmlns="urn:vn:gov:cong-van" số="01/QĐ-SNV">
  <nơi-gửi>Sở Nội vụ</nơi-gửi>
  <!-- soạn ngày 24/11 -->
  <nội-dung Id="noi-dung">Bổ nhiệm ông Nguyễn Văn An &amp; bà Lê Thị Cúc.</nội-dung>
</quyết-định>
""".encode()
INVOICE = b"""<HDon><DLHDon Id="data"><TTChung><SHDon>42</SHDon></TTChung><Tien>1.000.000</Tien></DLHDon></HDon>"""
FORMAT = Xades()


def sign(
    document: bytes = XML,
    city: City | None = None,
    holder: Holder | None = None,
    *,
    level: Level = Level.B_T,
    at: int = NOW,
    stamp: Callable[[bytes], bytes] | None = None,
    **wanted: Any,
) -> bytes:
    """Sign with XAdES; `wanted` are further fields of the request."""
    city = city or shared_city()
    holder = holder or city.official
    wanted.setdefault("algorithm", usual(holder.key))
    request = PrepareRequest(holder.der, holder.chain, at, level=level, **wanted)
    prepared = FORMAT.prepare(document, request)
    signature = sign_message(holder.key, prepared.algorithm, prepared.signed_attributes)
    return FORMAT.embed(prepared, signature, stamp or (lambda imprint: city.stamp(imprint, at=at)))


def add(document: bytes, holder: Holder, *, beside: Beside = ALONE, **wanted: Any) -> bytes:
    """One more signer beside those that are there."""
    return sign(document, holder=holder, packaging=Packaging.BESIDE, beside=beside, **wanted)


def counter(document: bytes, holder: Holder, target: tuple[int, ...] = (0,), **wanted: Any) -> bytes:
    """A signature over a signature."""
    return sign(document, holder=holder, packaging=Packaging.COUNTER, target=target, **wanted)


def extend(
    document: bytes,
    level: Level,
    *,
    city: City | None = None,
    at: int = NOW + 60,
    beside: Beside = ALONE,
    tsu: Holder | None = None,
    lists: tuple[bytes, ...] = (),
) -> bytes:
    """Extend with lists issued right before, or with those given."""
    city = city or shared_city()
    current = lists or tuple(holder.sign_crl(at - 30, at + 30 * DAY) for holder in (city.root, city.issuing))

    def collect(certificate: bytes, embedded: tuple[bytes, ...]) -> ValidationData:
        chain = build_chain(certificate, embedded, (city.issuing.der,), city.anchors, Effort())
        links = tuple(link.der for link in chain.links)
        return ValidationData(links, tuple(one for one in current if is_list_of(one, links)))

    sources = ExtensionSources(lambda imprint: city.stamp(imprint, at=at, tsu=tsu), collect)
    return FORMAT.extend(document, level, sources, beside).content


def verify(
    document: bytes,
    *,
    beside: Beside = ALONE,
    city: City | None = None,
    moment: int = NOW + 60,
    lists: tuple[bytes, ...] | None = None,
) -> Report:
    """Against the city's own roots, and its lists or those given."""
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), tuple(city.crls) if lists is None else lists)
    return verify_document(document, moment=moment, own=own, beside=beside)


def codes_of(report: Report) -> set[str]:
    """Of every finding."""
    found = (*report.findings, *(one for signature in report.signatures for one in signature.findings))
    return {one.code for one in found}


def why(document: bytes) -> str:
    """Of a document that must not pass: the sub-indication, and what the operator reads."""
    report = verify(document)
    assert report.indication is not Indication.TOTAL_PASSED
    found = [one for signature in report.signatures for one in signature.findings if one.indication is not None]
    return " ".join((str(report.sub_indication), *(f"{one.code} {one.debug}" for one in (*found, *report.findings))))
