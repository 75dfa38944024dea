"""The report of TS 119 102-2: what it names, it also holds; the schema itself is asked by EU DSS (tests/interop)."""

from __future__ import annotations

import base64
import hashlib
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.reports.etsi import render
from tests import signing_pdfs as pdfs
from tests.signing_pki import NOW, City, found_city, shared_city

VR = "{http://uri.etsi.org/19102/v1.4.1#}"
REPORT = f"{VR}SignatureValidationReport"


def report(document: bytes, city: City | None = None) -> Element:
    city = city or shared_city()
    own = TrustSource(tuple(city.anchors), (), tuple(city.crls))
    return ElementTree.fromstring(render(verify_document(document, moment=NOW + 60, own=own), "vi", ""))


def text(tree: Element, path: str) -> list[str]:
    return [one.text or "" for one in tree.findall("/".join(VR + step for step in path.split("/")))]


def test_every_object_that_is_named_is_there_and_named_by_its_bytes() -> None:
    tree = report(pdfs.sign(pdfs.plain(), shared_city()))
    objects = {one.attrib["id"]: one for one in tree.iter(f"{VR}ValidationObject")}
    named = {name for one in tree.iter() for name in one.attrib.get("VOReference", "").split()}
    assert named
    assert named <= objects.keys()
    for name, one in objects.items():
        held = one.findtext(f"{VR}ValidationObjectRepresentation/{VR}base64")
        assert name[2:] == hashlib.sha256(base64.b64decode(held or "")).hexdigest().upper()


def test_the_time_that_counts_is_the_stamp() -> None:
    city = shared_city()
    tree = report(pdfs.sign(pdfs.plain(), city, at=NOW - 30))
    (best,) = tree.iter(f"{VR}BestSignatureTime")
    assert best.findtext(f"{VR}POETime") == "2025-11-24T15:59:30Z"
    proof = best.find(f"{VR}POEObject")
    assert proof is not None
    assert proof.attrib["VOReference"].startswith("T-")


def test_a_failed_check_carries_its_reason_in_both_languages() -> None:
    tree = report(pdfs.sign(pdfs.plain(), shared_city()).replace(b"1000", b"9000"))
    assert text(tree, "SignatureValidationReport/SignatureValidationStatus/SubIndication") == [
        "urn:etsi:019102:subindication:HASH_FAILURE"
    ]
    failed = [
        one
        for one in tree.iter(f"{VR}ValidationConstraint")
        if one.findtext(f"{VR}ValidationStatus/{VR}MainIndication") == "urn:etsi:019102:mainindication:failed"
    ]
    kinds = [kind.text for one in failed for kind in one.iter(f"{VR}Type")]
    assert kinds == [f"urn:antin:validation-constraint:finding:fail:{lang}" for lang in ("vi", "en")]


def test_a_revocation_is_told_with_its_time() -> None:
    city = found_city()
    signed = pdfs.sign(pdfs.plain(), city)
    city.issuing.revoke(city.official, NOW - 600)
    tree = report(signed, city)
    (told,) = tree.iter(f"{VR}RevocationStatusInformation")
    assert told.findtext(f"{VR}RevocationTime") == "2025-11-24T15:50:00Z"


def test_a_document_without_signatures_has_a_report_too() -> None:
    tree = report(pdfs.plain())
    assert len(tree.findall(REPORT)) == 1
    assert text(tree, "SignatureValidationReport/SignatureValidationStatus/SubIndication") == [
        "urn:etsi:019102:subindication:SIGNED_DATA_NOT_FOUND"
    ]
