"""
What we do not read is named and left open, never called broken; what is merely written otherwise is read rightly.

Found by verifying the test files of other projects; the files here are our own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from signing.formats.base import Level
from signing.formats.cms_build import write_signed, write_signer
from signing.formats.der import octets, oid, sequence, set_of, tlv
from signing.formats.xml_words import DS, EXCLUSIVE, INCLUSIVE, WSU
from signing.validation.cms_parts import open_signed, open_signer
from signing.validation.der_check import children
from signing.validation.indications import Indication, SubIndication
from signing.validation.report import Report
from tests import signing_cms as made
from tests import signing_pdfs as pdfs
from tests import signing_xades as xml
from tests.pdf_family import tree
from tests.signing_acts import sign_message
from tests.signing_pki import issue, shared_city
from tests.signing_xades import codes_of
from tests.vectors.pdf_attacks.surgery import dissect, with_gap
from tests.xml_forging import canonical, ds, found, redigest, resigned

OPEN = (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
PART = xml.sign(xml.INVOICE, nodes=("data",), level=Level.B_B)
TIME_STAMP = oid("1.2.840.113549.1.9.16.1.4")


def named(report: Report) -> str:
    """The kind that is named, of a report that leaves the verdict open for nothing else."""
    assert (report.indication, report.sub_indication) == OPEN
    failed = [one for one in (*report.findings, *(x for s in report.signatures for x in s.findings)) if one.indication]
    assert [one.code for one in failed] == ["profile_unsupported"]
    return failed[0].debug


def signed_by_hand(change: Callable[[bytes], bytes], content_type: bytes | None = None) -> bytes:
    """A CMS whose signer signs again after the content type became another."""
    parts = open_signed(made.sign(level=Level.B_B))
    signer = open_signer(parts.signers[0])
    attributes = [part for _tag, part in children(signer.signed)]
    if content_type is not None:
        kind = oid("1.2.840.113549.1.9.3")
        attributes = [sequence(kind, tlv(0x31, content_type)) if kind in one else one for one in attributes]
        value = octets(sign_message(shared_city().official.key, "ES256", set_of(attributes)))
        signer = replace(signer, signed=set_of(attributes, tag=0xA0), signature=value)
        parts = replace(parts, content_type=content_type)
    return change(write_signed(replace(parts, signers=(write_signer(signer),))))


def without_attributes(document: bytes) -> bytes:
    parts = open_signed(document)
    signer = open_signer(parts.signers[0])
    value = octets(sign_message(shared_city().official.key, "ES256", parts.content or b""))
    bare = sequence(signer.version, signer.sid, signer.digest_algorithm, signer.signature_algorithm, value)
    return document_of(parts, sequence(parts.content_type, tlv(0xA0, octets(parts.content or b""))), bare)


def content_of_pkcs7(document: bytes) -> bytes:
    """Before CMS, the content was any element, not octets (RFC 2315 §7)."""
    parts = open_signed(document)
    inside = sequence(parts.content_type, tlv(0xA0, sequence(octets(parts.content or b""))))
    return document_of(parts, inside, parts.signers[0])


def document_of(parts: Any, content: bytes, signer: bytes) -> bytes:
    body = sequence(
        parts.version,
        set_of(parts.digest_algorithms),
        content,
        set_of(parts.certificates, tag=0xA0),
        set_of((signer,)),
    )
    return sequence(oid("1.2.840.113549.1.7.2"), tlv(0xA0, body))


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (lambda: signed_by_hand(without_attributes), "CMS without signed attributes"),
        (lambda: signed_by_hand(content_of_pkcs7), "PKCS #7 1.5"),
        (lambda: signed_by_hand(lambda document: document, TIME_STAMP), "CMS 1.2.840.113549.1.9.16.1.4"),
    ],
)
def test_kinds_of_cms(document: Callable[[], bytes], kind: str) -> None:
    assert named(made.verify(document())) == kind


def test_a_content_type_that_the_attribute_does_not_say_is_broken() -> None:
    document = made.sign(level=Level.B_B)
    parts = open_signed(document)
    report = made.verify(write_signed(replace(parts, content_type=TIME_STAMP)))
    assert report.sub_indication is SubIndication.FORMAT_FAILURE


def method(root: Any, path: str, algorithm: str) -> None:
    found(root, path).set("Algorithm", algorithm)


def many_references(root: Any) -> None:
    reference = found(root, "//d:Reference[1]")
    for _ in range(256):
        reference.addprevious(etree.fromstring(etree.tostring(reference)))


def older(root: Any) -> None:
    for one in root.iter("{http://uri.etsi.org/01903/v1.3.2#}*"):
        one.tag = one.tag.replace("v1.3.2", "v1.1.1")


XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda root: method(root, "//d:Reference[1]/d:Transforms/*", XSLT), XSLT),
        (lambda root: method(root, "//d:CanonicalizationMethod", "http://example.org/c14n"), "http://example.org/c14n"),
        (lambda root: method(root, "//d:SignatureMethod", f"{DS}hmac-sha1"), "HMAC"),
        (lambda root: found(root, "//d:Reference[1]").set("URI", "a.xml"), EXCLUSIVE),
        (many_references, "Reference > 256"),
        (older, "XAdES < 1.3.2"),
    ],
    ids=["xslt", "canonical form", "hmac", "outside", "references", "older"],
)
def test_kinds_of_xml_signatures(change: Callable[[Any], None], kind: str) -> None:
    assert named(xml.verify(resigned(PART, change))) == kind


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE HDon>' + PART, "DOCTYPE"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + PART, "XML ISO-8859-1"),
    ],
)
def test_kinds_of_xml_documents(document: bytes, kind: str) -> None:
    assert named(xml.verify(document)) == kind


def test_a_broken_declaration_is_broken() -> None:
    report = xml.verify(b'<?xml version="1.1"?>' + PART)
    assert report.sub_indication is SubIndication.FORMAT_FAILURE


def test_a_pdf_whose_value_is_no_cms() -> None:
    """adbe.x509.rsa_sha1 (ISO 32000-1 §12.8.3.2): an OCTET STRING, and the certificate beside it."""
    document = pdfs.sign(pdfs.plain(), shared_city(), level=Level.B_B)
    start, end = dissect(document).gap
    held = with_gap(document, b"<" + octets(bytes(128)).hex().encode().ljust(end - start - 2, b"0") + b">")
    kind = b"/adbe.x509.rsa_sha1"
    assert named(made.verify(held.replace(b"/ETSI.CAdES.detached", kind.ljust(20)))) == "adbe.x509.rsa_sha1"


def test_usage_rights_are_nobodys_signature() -> None:
    """ISO 32000-1 §12.8.2.3: a vendor's signature that his reader may save the form."""
    rights = {9: b"<< /Type /Sig /Filter /Adobe.PPKLite /ByteRange [0 10 20 10] /Contents <00> >>"}
    assert named(made.verify(tree(catalogue=b"/Perms << /UR3 9 0 R >>", more=rights))) == "PDF usage rights /UR3"
    hidden = made.verify(tree(catalogue=b"/Perms << /UR4 9 0 R >>", more=rights))
    assert hidden.sub_indication is SubIndication.FORMAT_FAILURE


# written otherwise, and read rightly


@pytest.mark.parametrize("uri", ["#xpointer(id('data'))", '#xpointer(id("data"))'])
def test_a_pointer_to_an_id(uri: str) -> None:
    report = xml.verify(resigned(PART, lambda root: found(root, "//d:Reference[1]").set("URI", uri)))
    assert report.indication is Indication.TOTAL_PASSED


def test_a_pointer_to_everything() -> None:
    whole = xml.sign(xml.INVOICE, level=Level.B_B)
    report = xml.verify(resigned(whole, lambda root: found(root, "//d:Reference[1]").set("URI", "#xpointer(/)")))
    assert report.indication is Indication.TOTAL_PASSED


def test_the_ids_of_soap_lead_to_one_element() -> None:
    def rename(root: Any) -> None:
        del root[0].attrib["Id"]
        root[0].set(f"{{{WSU}}}Id", "data")
        redigest(found(root, "//d:Reference[1]"), canonical(root[0]))

    def twice(root: Any) -> None:
        root[0].set(f"{{{WSU}}}Id", "other")
        root[0][0].set(f"{{{WSU}}}Id", "data")
        redigest(found(root, "//d:Reference[1]"), canonical(root[0]))

    assert xml.verify(resigned(PART, rename)).indication is Indication.TOTAL_PASSED
    assert xml.verify(resigned(PART, twice)).sub_indication is SubIndication.FORMAT_FAILURE


def test_a_default_name_space_from_above_reaches_every_depth() -> None:
    """
    Canonical XML §2.3 of a part: what is declared above the part is declared at its top, and undeclared nowhere. The
    library undeclares a default name space two levels below.
    """
    invoice = (
        b'<HDon xmlns="urn:x" xmlns:y="urn:y"><DLHDon Id="data"><TTChung><SHDon>42</SHDon></TTChung></DLHDon></HDon>'
    )
    document = xml.sign(invoice, nodes=("data",), level=Level.B_B)
    form = b'<DLHDon xmlns="urn:x" xmlns:y="urn:y" Id="data"><TTChung><SHDon>42</SHDon></TTChung></DLHDon>'

    def inclusive(root: Any) -> None:
        reference = found(root, "//d:Reference[1]")
        method(root, "//d:Reference[1]/d:Transforms/*", INCLUSIVE)
        found(reference, "d:DigestValue").text = base64.b64encode(hashlib.sha256(form).digest()).decode()

    assert xml.verify(resigned(document, inclusive)).indication is Indication.TOTAL_PASSED


def test_of_a_plain_signature_the_one_who_stands_above_nobody_signed() -> None:
    """Certificates of old roots do not say that they are authorities; their place tells."""
    root = issue("Gốc cũ", None)
    person = issue("Trần Thị Bình", root)

    def plain(tree: Any) -> None:
        properties = found(tree, "//d:Object")
        properties.getparent().remove(properties)
        reference = found(tree, "//d:Reference[2]")
        reference.getparent().remove(reference)
        (data,) = tree.iter(ds("X509Data"))
        for one in list(data):
            data.remove(one)
        for holder in (root, person):
            etree.SubElement(data, ds("X509Certificate")).text = base64.b64encode(holder.der).decode()

    report = xml.verify(resigned(PART, plain, person))
    assert report.signatures[0].signer == "Trần Thị Bình"
    assert "signature_wrong" not in codes_of(report)


def bare_token(imprint: bytes) -> bytes:
    """A token without certificates, as an authority answers where nobody asked for them (certReq)."""
    return write_signed(replace(open_signed(shared_city().stamp(imprint)), certificates=()))


def test_the_authority_of_a_time_stamp_may_stand_around_it() -> None:
    """RFC 3161 §2.4.1: without certReq the token brings no certificate; its ESS attribute names the one it means."""
    tsu = shared_city().tsu.der
    document = made.sign(stamp=bare_token)
    assert codes_of(made.verify(document)) >= {"stamp_broken"}
    parts = open_signed(document)
    brought = write_signed(replace(parts, certificates=(*parts.certificates, tsu)))
    report = made.verify(brought)
    assert (report.indication, report.signatures[0].time_source) == (Indication.TOTAL_PASSED, "time-stamp")
    stranger = issue("Cấp dấu thời gian thử nghiệm", None, organisation="Thành phố", stamps=True).der
    other = write_signed(replace(parts, certificates=(*parts.certificates, stranger)))
    assert made.verify(other).indication is not Indication.TOTAL_PASSED


def test_a_part_is_altered_all_the_same() -> None:
    """The counter-proof: a changed number is a changed digest."""
    report = xml.verify(PART.replace(b"1.000.000", b"9.000.000"))
    assert report.sub_indication is SubIndication.HASH_FAILURE
