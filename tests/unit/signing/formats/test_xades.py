"""XAdES: every packaging, every algorithm, what a signer states, signers beside and above each other."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from lxml import etree

from signing.errors import SigningError
from signing.formats import xades_properties, xades_text
from signing.formats.base import Level, Packaging, PrepareRequest, SignaturePolicy, Statements
from signing.formats.xades import Xades
from signing.validation.indications import Indication, SubIndication
from signing.validation.located import Beside, Coverage
from tests import signing_xades as made
from tests.signing_acts import sign_message
from tests.signing_pki import NOW, Holder, issue, shared_city
from tests.xml_forging import NAMES, canonical

PASSED = Indication.TOTAL_PASSED
CONTENT = "Nội dung rời.".encode()
BESIDE = Beside(content=CONTENT)
KEYS: dict[str, Any] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
STATED = Statements(
    media_type="text/xml",
    commitment="1.2.840.113549.1.9.16.6.5",
    role='Chủ tịch <UBND> & "phó"',
    country="VN",
    locality="Huế",
    policy=SignaturePolicy("1.2.3", bytes(32), "http://policy.example/?a=1&b=2"),
    stamp_content=shared_city().stamp,
)


@cache
def rsa_holder() -> Holder:
    return issue("Lê Thị Cúc", shared_city().issuing, key=rsa.generate_private_key(65537, 2048))


@cache
def colleague() -> Holder:
    return shared_city().person()


def at(document: bytes, path: str) -> list[Any]:
    return list(etree.fromstring(document).xpath(path, namespaces=NAMES))


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_kind_of_key(algorithm: str) -> None:
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=KEYS[algorithm]())
    report = made.verify(made.sign(holder=holder))
    assert (report.indication, report.signatures[0].level) == (PASSED, "B-T"), report.as_json()


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_rsa_signs_with_either_padding(algorithm: str) -> None:
    document = made.sign(holder=rsa_holder(), algorithm=algorithm)
    assert made.verify(document).indication is PASSED
    (method,) = at(document, "//d:SignatureMethod/@Algorithm")
    assert ("MGF1" in method) == (algorithm == "PS256")


@pytest.mark.parametrize(("algorithm", "code"), [("HS256", "key_type"), ("ML-DSA-65", "no_xml_identifier")])
def test_what_xml_cannot_name_is_refused(algorithm: str, code: str) -> None:
    key = mldsa.MLDSA65PrivateKey.generate() if algorithm.startswith("ML") else None
    holder = issue("Lê Thị Cúc", shared_city().issuing, key=key)
    with pytest.raises(SigningError) as refused:
        made.sign(holder=holder, algorithm=algorithm)
    assert refused.value.code == code


def test_the_text_is_its_own_canonical_form() -> None:
    """What is digested when signing is text; a reader gets the same by canonicalising what stands in the file."""
    prepared = made.FORMAT.prepare(made.XML, request(statements=STATED))
    document = made.FORMAT.embed(prepared, shared_city().official.sign(prepared.to_be_signed_digest), None)
    root = etree.fromstring(document)
    (signed_info,) = root.xpath("//d:SignedInfo", namespaces=NAMES)
    (properties,) = root.xpath("//x:SignedProperties", namespaces=NAMES)
    assert canonical(signed_info) == prepared.signed_attributes
    assert canonical(properties) in document
    assert hashlib.sha256(prepared.signed_attributes).digest() == prepared.to_be_signed_digest


def request(**wanted: Any) -> PrepareRequest:
    city = shared_city()
    return PrepareRequest(city.official.der, city.official.chain, NOW, level=Level.B_B, **wanted)


def test_the_document_stays_byte_for_byte() -> None:
    document = made.sign()
    start, end = document.split(b"<ds:Signature ")[0], document.split(b"</ds:Signature>")[-1]
    assert start + end == made.XML


@pytest.mark.parametrize(
    "document",
    [
        made.XML.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        b"\xef\xbb\xbf" + made.XML,
        b"<a/>",
        b'<?xml version="1.0" encoding="us-ascii"?><a>x</a>',
        b"<a>x</a><!-- </a> --><?b?>\n",
        b'<p:a xmlns:p="urn:p" xml:space="preserve"> x </p:a  >',
        b"<a><![CDATA[<b>]]>&#xD;\r\n</a>",
    ],
    ids=["utf-16", "mark", "empty", "ascii", "behind the root", "prefix", "cdata"],
)
def test_documents_of_every_shape(document: bytes) -> None:
    signed = made.sign(document, statements=Statements(role="Chủ tịch"))
    report = made.verify(signed)
    assert (report.indication, report.signatures[0].coverage) == (PASSED, Coverage.WHOLE_FILE)


@pytest.mark.parametrize(
    "document", [b"", b"plain", b"<a>", b"<!DOCTYPE a><a/>", b'<?xml version="1.0"?><!DOCTYPE a><a/>', b"<a>\x00</a>"]
)
def test_what_is_no_xml_of_ours_is_not_signed_within(document: bytes) -> None:
    with pytest.raises(SigningError) as refused:
        made.sign(document)
    assert refused.value.code == "not_readable"


def test_enveloping_holds_its_content() -> None:
    document = made.sign(CONTENT, packaging=Packaging.ATTACHED)
    (signature,) = made.verify(document).signatures
    assert (signature.indication, signature.coverage, signature.level) == (PASSED, Coverage.ENCLOSED, "B-T")
    assert CONTENT not in document
    with pytest.raises(SigningError, match="no_content"):
        made.sign(b"", packaging=Packaging.ATTACHED)


@pytest.mark.parametrize("name", ["", "văn bản 1.txt"])
def test_detached_needs_its_content(name: str) -> None:
    document = made.sign(CONTENT, packaging=Packaging.DETACHED, file_name=name)
    assert made.verify(document, beside=BESIDE).indication is PASSED
    alone, other = made.verify(document), made.verify(document, beside=Beside(content=b"other"))
    assert (alone.sub_indication, other.sub_indication) == (
        SubIndication.SIGNED_DATA_NOT_FOUND,
        SubIndication.HASH_FAILURE,
    )
    digest = Beside(digest=hashlib.sha256(CONTENT).digest())
    assert made.verify(document, beside=digest).signatures[0].coverage is Coverage.DIGEST
    uri = at(document, "//d:Reference[1]/@URI")
    assert uri == ([] if not name else ["v%C4%83n%20b%E1%BA%A3n%201.txt"])


def test_an_element_is_signed_by_its_id() -> None:
    (signature,) = made.verify(made.sign(made.INVOICE, nodes=("data",))).signatures
    assert (signature.indication, signature.coverage) == (PASSED, Coverage.PARTIAL)
    with pytest.raises(SigningError, match="no_target"):
        made.sign(made.INVOICE, nodes=("gone",))


def test_the_root_by_its_id_is_the_whole() -> None:
    (signature,) = made.verify(made.sign(b'<a Id="all"><b/></a>', nodes=("all",))).signatures
    assert (signature.indication, signature.coverage) == (PASSED, Coverage.WHOLE_FILE)


def test_several_elements_at_once() -> None:
    document = made.sign(b'<a><b Id="one">1</b><c Id="two">2</c></a>', nodes=("one", "two"))
    (signature,) = made.verify(document).signatures
    assert signature.indication is PASSED
    assert made.verify(document.replace(b">2<", b">3<")).sub_indication is SubIndication.HASH_FAILURE


def test_an_element_alone_says_nothing_about_the_rest() -> None:
    """The rest of the file could say anything: nobody may see a tick beside it."""
    report = made.verify(made.sign(made.XML, nodes=("noi-dung",)))
    codes = {one.code for one in report.signatures[0].findings}
    assert (report.sub_indication, "left_out" in codes) == (SubIndication.SIG_CONSTRAINTS_FAILURE, True)


def test_several_files_of_a_container() -> None:
    files = {"a.txt": b"one", "b c.txt": b"two"}
    prepared = Xades().prepare_files({"a.txt": b"one", "b%20c.txt": b"two"}, request(), "00" * 32)
    signature = sign_message(shared_city().official.key, "ES256", prepared.signed_attributes)
    document = Xades().embed(prepared, signature, None)
    (located,) = Xades().locate_among(document, files)
    assert located.own is not None
    assert [one.name for one in located.own.references] == ["a.txt", "b c.txt", _properties(document)]
    assert (located.coverage, located.problems) == (Coverage.DETACHED, ())
    (missing,) = Xades().locate_among(document, {"a.txt": b"one"})
    assert missing.coverage is Coverage.UNKNOWN
    assert made.verify(document, beside=Beside(content=b"one")).sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND


def _properties(document: bytes) -> str:
    (uri,) = at(document, "//d:Reference[@Type]/@URI")
    return str(uri)


def test_what_the_signer_states() -> None:
    document = made.sign(statements=STATED)
    (signature,) = made.verify(document).signatures
    assert (signature.indication, signature.location, signature.claimed_time) == (PASSED, "Huế, VN", NOW)
    assert len(signature.judgement.case.content_stamps) == 1
    properties = [etree.QName(one).localname for one in at(document, "//x:SignedProperties/*/*")]
    assert properties == [
        "SigningTime",
        "SigningCertificateV2",
        "SignaturePolicyIdentifier",
        "SignatureProductionPlaceV2",
        "SignerRoleV2",
        "DataObjectFormat",
        "CommitmentTypeIndication",
        "AllDataObjectsTimeStamp",
    ]
    assert at(document, "//x:ClaimedRole/text()") == [STATED.role]
    assert at(document, "//x:CommitmentTypeId/x:Identifier/text()") == [
        "http://uri.etsi.org/01903/v1.2.2#ProofOfApproval"
    ]


def test_words_that_xml_cannot_hold_are_refused() -> None:
    with pytest.raises(SigningError, match="text_unfit"):
        made.sign(statements=Statements(role="a\x00b"))


def test_a_content_stamp_of_other_content_shows() -> None:
    def other(_imprint: bytes) -> bytes:
        return shared_city().stamp(hashlib.sha256(b"other").digest())

    report = made.verify(made.sign(statements=Statements(stamp_content=other)))
    assert "content_stamp_broken" in {one.code for one in report.signatures[0].findings}


TWO = b"<a><b Id='one'>1</b><b Id='two'>2</b></a>"
EACH = Statements(stamp_content=shared_city().stamp, stamp_each=True)


def test_each_signed_object_has_a_stamp_of_its_own() -> None:
    document = made.sign(TWO, statements=EACH, nodes=("one", "two"))
    (signature,) = made.verify(document).signatures
    assert len(signature.judgement.case.content_stamps) == 2
    assert not {"content_stamp_broken", "unsigned_unknown"} & {one.code for one in signature.findings}
    named = at(document, "//x:IndividualDataObjectsTimeStamp/x:Include/@URI")
    assert named == [f"#{one}" for one in at(document, "//d:Reference[@Id]/@Id")]

    def crossed(_imprint: bytes) -> bytes:
        return shared_city().stamp(hashlib.sha256(b"<b Id='two'>2</b>").digest())

    other = made.sign(TWO, statements=replace(EACH, stamp_content=crossed), nodes=("one", "two"))
    assert "content_stamp_broken" in {one.code for one in made.verify(other).signatures[0].findings}


@pytest.mark.parametrize("change", ["#nowhere", "", "http://a.example/", "#{name}", "twice", "false", "none"])
def test_a_stamp_over_what_is_no_signed_object_is_none(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(name: str, identifier: str, form: str, token: bytes, reference_id: str) -> str:
        written = xades_text.stamp(name, identifier, form, token, reference_id)
        include = f'<xades:Include URI="#{reference_id}" referencedData="true"></xades:Include>'
        assert include in written
        if change in ("twice", "false", "none"):
            other = {"twice": include * 2, "false": include.replace("true", "false"), "none": ""}[change]
            return written.replace(include, other)
        uri = change.format(name=identifier.removesuffix("-content-stamp-1") + "-properties")
        return written.replace(f'URI="#{reference_id}"', f'URI="{uri}"')

    monkeypatch.setattr(xades_properties, "stamp", odd)
    said = made.why(made.sign(statements=EACH))
    assert ("0 elements with the Id" if change == "#nowhere" else "a time stamp over") in said


@pytest.mark.parametrize("packaging", [Packaging.ATTACHED, Packaging.DETACHED])
def test_signers_beside_each_other(packaging: Packaging) -> None:
    beside = BESIDE if packaging is Packaging.DETACHED else Beside()
    document = made.add(made.sign(CONTENT, packaging=packaging), colleague(), beside=beside)
    document = made.add(document, rsa_holder(), beside=beside)
    report = made.verify(document, beside=beside)
    assert [one.indication for one in report.signatures] == [PASSED] * 3
    assert [one.signer for one in report.signatures] == ["Nguyễn Văn An", "Trần Thị Bình", "Lê Thị Cúc"]


def test_two_over_one_element() -> None:
    document = made.add(made.sign(made.INVOICE, nodes=("data",)), colleague())
    assert [one.indication for one in made.verify(document).signatures] == [PASSED, PASSED]


def test_a_document_that_several_sign() -> None:
    """Over all but signatures: each may come at any time, also after another was countersigned and archived."""
    first = made.extend(made.counter(made.sign(joint=True), colleague()), Level.B_LTA)
    for packaging in (Packaging.ENVELOPED, Packaging.BESIDE):
        report = made.verify(made.sign(first, holder=rsa_holder(), packaging=packaging, at=NOW + 90), moment=NOW + 200)
        assert [one.indication for one in report.signatures] == [PASSED] * 3
        assert [one.coverage for one in report.signatures][::2] == [Coverage.WHOLE_FILE] * 2
    changed = first.replace("Sở Nội vụ".encode(), b"So khac")
    assert made.verify(changed).sub_indication is SubIndication.HASH_FAILURE


def test_nobody_is_added_where_it_would_break_another() -> None:
    for packaging in (Packaging.BESIDE, Packaging.ENVELOPED):
        with pytest.raises(SigningError, match="covered_already"):
            made.sign(made.sign(), holder=colleague(), packaging=packaging)
    with pytest.raises(SigningError, match="no_content"):
        made.add(made.XML, colleague())
    detached = made.sign(CONTENT, packaging=Packaging.DETACHED)
    with pytest.raises(SigningError, match="no_content"):
        made.add(detached, colleague())


def test_signatures_over_signatures() -> None:
    document = made.counter(made.counter(made.sign(), colleague()), rsa_holder(), (0, 0))
    report = made.verify(document)
    shown = [(one.field, one.coverage, one.indication) for one in report.signatures]
    assert shown == [
        ("1", Coverage.WHOLE_FILE, PASSED),
        ("1.1", Coverage.SIGNATURE, PASSED),
        ("1.1.1", Coverage.SIGNATURE, PASSED),
    ]
    with pytest.raises(SigningError, match="no_target"):
        made.counter(document, colleague(), (1,))


def test_a_plain_signature_is_said_to_be_plain() -> None:
    """As electronic invoices carry them: no qualifying properties, the signing time in a property of its own."""
    document = plain_signature()
    (signature,) = made.verify(document).signatures
    codes = {one.code for one in signature.findings}
    assert (signature.format, signature.level, signature.indication) == ("XMLDSig", "", PASSED)
    assert {"profile_legacy", "ess_missing_legacy", "no_stamp"} <= codes
    assert signature.claimed_time == NOW
    assert made.verify(document.replace(b"1.000.000", b"9.000.000")).sub_indication is SubIndication.HASH_FAILURE
    with pytest.raises(SigningError, match="not_extendable"):
        made.extend(document, Level.B_T)


def plain_signature() -> bytes:
    """By hand, from the element up."""
    import base64
    from datetime import datetime

    from base.clock import VIETNAM
    from signing.formats.xml_algorithms import as_pair
    from signing.formats.xml_words import DS, ENVELOPED, INCLUSIVE
    from tests.xml_forging import redigest

    time = datetime.fromtimestamp(NOW, VIETNAM).strftime("%Y-%m-%dT%H:%M:%S")
    digest = '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/>'
    holder = shared_city().official
    text = (
        f'<DSCKS><NBan><Signature xmlns="{DS}" Id="seller"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{INCLUSIVE}"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
        f'<Reference URI="#data"><Transforms><Transform Algorithm="{ENVELOPED}"/></Transforms>{digest}</Reference>'
        f'<Reference URI="#time">{digest}</Reference></SignedInfo><SignatureValue/>'
        f"<KeyInfo><X509Data><X509Certificate>{base64.b64encode(holder.der).decode()}</X509Certificate></X509Data></KeyInfo>"
        '<Object Id="time"><SignatureProperties><SignatureProperty Target="#seller">'
        f"<SigningTime>{time}</SigningTime></SignatureProperty></SignatureProperties></Object></Signature></NBan></DSCKS>"
    )
    root = etree.fromstring(made.INVOICE)
    root.append(etree.fromstring(text.replace(f'<Transforms><Transform Algorithm="{ENVELOPED}"/></Transforms>', "")))
    first, second = root.xpath("//d:Reference", namespaces=NAMES)

    def alone(element: Any) -> bytes:
        """Read afresh: lxml's canonical form of a part gets a default name space from above wrong."""
        return bytes(etree.tostring(etree.fromstring(etree.tostring(element, with_tail=False)), method="c14n"))

    redigest(first, alone(root[0]))
    redigest(second, alone(root.xpath("//d:Object", namespaces=NAMES)[0]))
    (signed_info,) = root.xpath("//d:SignedInfo", namespaces=NAMES)
    value = as_pair(sign_message(holder.key, "ES256", alone(signed_info)), 32)
    root.xpath("//d:SignatureValue", namespaces=NAMES)[0].text = base64.b64encode(value).decode()
    return bytes(etree.tostring(root))
