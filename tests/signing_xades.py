"""XML signatures for tests: made by our own format, with keys of any algorithm."""

from __future__ import annotations

from signing.formats.xades import Xades
from signing.validation.indications import Indication
from signing.validation.report import Report
from tests.signing_acts import Acts

XML = """<?xml version="1.0" encoding="UTF-8"?>
<quyết-định xmlns="urn:vn:gov:cong-van" số="01/QĐ-SNV">
  <nơi-gửi>Sở Nội vụ</nơi-gửi>
  <!-- soạn ngày 24/11 -->
  <nội-dung Id="noi-dung">Bổ nhiệm ông Nguyễn Văn An &amp; bà Lê Thị Cúc.</nội-dung>
</quyết-định>
""".encode()
INVOICE = b"""<HDon><DLHDon Id="data"><TTChung><SHDon>42</SHDon></TTChung><Tien>1.000.000</Tien></DLHDon></HDon>"""
FORMAT = Xades()
_ACTS = Acts(FORMAT, XML)
sign, add, counter = _ACTS.sign, _ACTS.add, _ACTS.counter
extend, verify = _ACTS.extend, _ACTS.verify


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
