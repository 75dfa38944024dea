"""The suite every format of reports joins by standing in REPORTS: whatever was verified, it says the same verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from xml.etree import ElementTree

import pytest

from base.texts import Lang
from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.reports import REPORTS
from signing.reports.base import NamedReport, ReportFormat
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, shared_city

VR = "{http://uri.etsi.org/19102/v1.4.1#}"
NAME = "quyet-dinh <1> & \x07.pdf"


@cache
def report(kind: str) -> Report:
    city = shared_city()
    good = pdfs.sign(pdfs.plain(), city, reason="Ký <ban hành> & lưu")
    documents = {
        "good": good,
        "twice": pdfs.sign(good, city),
        "altered": good.replace(b"1000", b"9000"),
        "cut": good[:-3000],
        "unsigned": pdfs.plain(),
        "other": b"not a document",
    }
    own = TrustSource(tuple(city.anchors), (), tuple(city.crls))
    return verify_document(documents[kind], moment=NOW + 60, own=own)


KINDS = ("good", "twice", "altered", "cut", "unsigned", "other")
READERS: dict[str, Callable[[bytes], list[str]]] = {
    "text": lambda written: [line.split("(")[1].split(" ")[0].rstrip(")") for line in _verdict_lines(written)],
    "json": lambda written: [json.loads(written)["indication"]],
    "etsi": lambda written: [_worst(written)],
}
every_format = pytest.mark.parametrize("form", REPORTS, ids=lambda one: one.name)


def _verdict_lines(written: bytes) -> list[str]:
    return [line for line in written.decode().splitlines() if line.startswith(("Kết luận", "Verdict"))]


def _worst(written: bytes) -> str:
    """The status of the document: of its signatures the worst; those of time stamps alone do not stand here."""
    tree = ElementTree.fromstring(written)
    path = f"{VR}SignatureValidationReport/{VR}SignatureValidationStatus/{VR}MainIndication"
    found = {(one.text or "").rsplit(":", 1)[1].upper() for one in tree.findall(path)}
    return next(word for word in ("TOTAL-FAILED", "INDETERMINATE", "TOTAL-PASSED") if word in found)


@every_format
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_verdict_is_the_same(form: ReportFormat, kind: str, lang: Lang) -> None:
    found = report(kind)
    assert READERS[form.name](form.render(found, lang, NAME)) == [str(found.indication)]


@every_format
def test_several_documents_each_keep_their_own_verdict(form: ReportFormat) -> None:
    kinds = ("good", "altered", "unsigned")
    written = form.render_all([NamedReport(f"{kind}.pdf", report(kind)) for kind in kinds], "en")
    if form.name == "json":
        found = json.loads(written)
        assert [one["indication"] for one in found["documents"]] == [str(report(kind).indication) for kind in kinds]
        assert found["summary"] == {
            "documents": 3,
            "indication": "TOTAL-FAILED",
            "counts": {"TOTAL-PASSED": 1, "INDETERMINATE": 1, "TOTAL-FAILED": 1},
        }
    elif form.name == "etsi":
        assert _worst(written) == "TOTAL-FAILED"
        assert len(ElementTree.fromstring(written).findall(f"{VR}SignatureValidationReport")) == 3
    else:
        assert READERS[form.name](written) == [str(report(kind).indication) for kind in kinds]
        assert written.startswith(b"3 documents verified. The signature is valid: 1;")


def test_names_and_media_types_are_taken_once() -> None:
    names = [one.name for one in REPORTS]
    types = [media_type for one in REPORTS for media_type in one.media_types]
    assert len(names) == len(set(names))
    assert len(types) == len(set(types))
    assert set(READERS) == set(names)
