"""
Attacks on the reader of XML signatures: our own files, of kinds that verifiers have accepted; none may pass (X3 to
X9). Whoever forges here has a signed document, and where it says `resigned` a key that is trusted as well.
"""

from __future__ import annotations

import base64
import copy
import hashlib
from typing import Any

import pytest
from lxml import etree

from signing.formats.base import Level
from signing.formats.xml_words import BASE64, EXCLUSIVE, INCLUSIVE, MANIFEST
from signing.validation.indications import Indication
from tests import signing_xades as made
from tests.signing_pki import shared_city
from tests.signing_xades import codes_of, why
from tests.xml_forging import altered, canonical, ds, found, redigest, resigned

PART = made.sign(made.INVOICE, nodes=("data",), level=Level.B_B)
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"


def properties(root: Any) -> Any:
    return found(root, "//x:SignedProperties")


# X3: nothing is fetched, nothing expands


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE HDon>",
        b'<!DOCTYPE HDon SYSTEM "http://127.0.0.1/x.dtd">',
        b'<!DOCTYPE HDon [<!ENTITY a "b">]>',
        b'<!DOCTYPE HDon [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE HDon [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE HDon [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]>',
        b'<!DOCTYPE HDon [<!ATTLIST DLHDon Id ID "data">]>',
    ],
)
def test_a_document_type_is_refused(head: bytes) -> None:
    assert "profile_unsupported DOCTYPE" in why(b'<?xml version="1.0"?>' + head + PART)
    assert "profile_unsupported DOCTYPE" in why(
        ('<?xml version="1.0"?>' + head.decode() + PART.decode()).encode("utf-16")
    )


def test_nothing_is_included() -> None:
    """An inclusion is an element like any other, and one that nobody signed."""

    def include(root: Any) -> None:
        named = {"xi": "http://www.w3.org/2001/XInclude"}
        etree.SubElement(root, "{http://www.w3.org/2001/XInclude}include", nsmap=named).set("href", "/etc/passwd")

    assert "left_out" in why(altered(PART, include))


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>" * 200 + b"</a>" * 200,
        b"<a" + b"".join(b' xmlns:n%d="u:%d"' % (n, n) for n in range(3_000)) + b">" + b"<b/>" * 60_000 + b"</a>",
        b"<a>" + b"<b/>" * 300_000 + b"</a>",
        b'<?xml version="1.1"?><a/>',
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
    ],
    ids=["deep", "name spaces", "elements", "version", "encoding"],
)
def test_what_costs_too_much_or_is_no_unicode_is_refused(raw: bytes) -> None:
    assert any(one in why(raw) for one in ("document_unreadable", "profile_unsupported XML ISO-8859-1"))


# X4: transforms and addresses


@pytest.mark.parametrize("algorithm", [XPATH, XSLT, "http://www.w3.org/2002/06/xmldsig-filter2", "urn:mine", ""])
def test_a_transform_that_is_not_on_the_list(algorithm: str) -> None:
    """Each could make the digest one of something that nobody sees."""

    def add(root: Any) -> None:
        transforms = found(root, "//d:Reference[1]/d:Transforms")
        chosen = etree.Element(ds("Transform"), Algorithm=algorithm)
        if algorithm == XPATH:
            etree.SubElement(chosen, ds("XPath")).text = "true()"
        transforms.insert(0, chosen)

    def only(root: Any) -> None:
        transforms = found(root, "//d:Reference[1]/d:Transforms")
        transforms[0].set("Algorithm", algorithm)

    for change in (add, only):
        assert "profile_unsupported" in why(resigned(PART, change))


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("/descendant::ds:Signature", True),
        ("/descendant::ds:Signature | //Tien", False),
        ("/descendant::ds:Signature/..", False),
        ("//ds:Signature", False),
        ("/descendant::other:Signature", False),
        ("/descendant::Signature", False),
    ],
)
def test_one_sentence_of_xpath_is_known_by_heart(sentence: str, passes: bool) -> None:
    """Whatever takes more out than signatures would leave that unsigned."""
    joint = made.sign(made.INVOICE, level=Level.B_B, joint=True)

    def say(root: Any) -> None:
        found(root, "//d:Transform/*").text = sentence

    forged = resigned(joint, say)
    assert (made.verify(forged).indication is Indication.TOTAL_PASSED) is passes
    assert passes or "profile_unsupported http" in why(forged)
    for change in (b'Filter="union"', b'Filter="intersect"'):
        other = joint.replace(b'Filter="subtract"', change)
        assert "profile_unsupported http" in why(resigned(other, lambda _root: None))


def test_what_is_inside_another_signature_is_not_signed_by_that() -> None:
    """All signatures are taken out, so whatever pretends to be one must hold by itself."""
    joint = made.sign(made.INVOICE, level=Level.B_B, joint=True)

    def pretend(root: Any) -> None:
        etree.SubElement(etree.SubElement(root, ds("Signature")), ds("Object")).text = "9.000.000"

    report = made.verify(altered(joint, pretend))
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED, Indication.TOTAL_FAILED]
    assert report.indication is Indication.TOTAL_FAILED


def test_base64_is_for_text_alone() -> None:
    """Elements inside would vanish from what is digested."""

    def decode(root: Any) -> None:
        root[0].clear()
        root[0].set("Id", "data")
        root[0].text = "QUJD"
        etree.SubElement(root[0], "Tien").text = "9.000.000"
        reference = found(root, "//d:Reference[1]")
        found(reference, "d:Transforms/d:Transform").set("Algorithm", BASE64)
        redigest(reference, b"ABC")

    assert "more than text" in why(resigned(PART, decode))


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/x", "file:///etc/hostname", "../../etc/hostname", "x.xml#data"])
def test_no_address_is_opened(uri: str) -> None:
    """What is elsewhere was not brought along, wherever it is said to be."""

    def lead(root: Any) -> None:
        reference = found(root, "//d:Reference[1]")
        reference.set("URI", uri)
        reference.remove(reference[0])

    assert "SIGNED_DATA_NOT_FOUND content_missing" in why(resigned(PART, lead))


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("#", "elements with the Id"),
        ("#nothing", "elements with the Id"),
        ("#xpointer(id('nothing'))", "elements with the Id"),
        ("#xpointer(/)", "hash_mismatch"),
        ("#xpointer(//DLHDon)", "profile_unsupported #xpointer"),
        ("#xpointer(id('data') | /)", "profile_unsupported #xpointer"),
        ("#xpointer(id('data'))#x", "profile_unsupported #xpointer"),
    ],
)
def test_no_pointer_but_an_id_or_all(uri: str, said: str) -> None:
    assert said in why(resigned(PART, lambda root: found(root, "//d:Reference[1]").set("URI", uri)))


# X5: two readers, two values


@pytest.mark.parametrize("path", ["//d:Reference[1]/d:DigestValue", "//d:SignatureValue", "//d:X509Certificate[1]"])
@pytest.mark.parametrize("node", [etree.Comment("x"), etree.ProcessingInstruction("x")], ids=["comment", "instruction"])
def test_a_value_cut_in_two(path: str, node: Any) -> None:
    def cut(root: Any) -> None:
        element = root.xpath(path, namespaces={"d": "http://www.w3.org/2000/09/xmldsig#"})[0]
        text = element.text
        element.text = text[:10]
        element.append(copy.deepcopy(node))
        element[0].tail = text[10:]

    assert "comment or an instruction" in why(altered(PART, cut))


@pytest.mark.parametrize("name", ["SignedInfo", "SignatureValue", "KeyInfo", "DigestValue", "DigestMethod"])
def test_an_element_twice(name: str) -> None:
    def twice(root: Any) -> None:
        original = root.xpath(f"//d:{name}", namespaces={"d": "http://www.w3.org/2000/09/xmldsig#"})[0]
        original.addnext(copy.deepcopy(original))

    assert "other elements than allowed" in why(altered(PART, twice))


def test_a_comment_is_not_content_and_people_are_told() -> None:
    def say(root: Any) -> None:
        root[0].append(etree.Comment("9.000.000"))

    report = made.verify(altered(PART, say))
    assert report.indication is Indication.TOTAL_PASSED
    assert "structure" in codes_of(report)


def test_base64_has_one_way_to_be_written() -> None:
    """The unused bits of the last character would be free for anything."""
    value = PART.split(b'-value">')[1].split(b"<")[0]
    assert value.endswith(b"==")
    loose = value[:-3] + bytes((value[-3] + 1,)) + b"=="
    assert "mean nothing" in why(PART.replace(value, loose))


def test_an_ecdsa_value_is_as_long_as_its_curve() -> None:
    def longer(root: Any) -> None:
        element = found(root, "//d:SignatureValue")
        pair = base64.b64decode(element.text)
        element.text = base64.b64encode(bytes(16) + pair[:32] + bytes(16) + pair[32:]).decode()

    assert "an ECDSA value of 96 bytes" in why(altered(PART, longer))


# X6: void canonicalisation


def test_what_has_no_canonical_form_is_not_an_empty_one() -> None:
    """A relative name space makes some libraries digest nothing at all."""

    def void(root: Any) -> None:
        reference = found(root, "//d:Reference[1]")
        redigest(reference, b"")

    forged = resigned(PART, void).replace(b'<DLHDon Id="data">', b'<DLHDon xmlns:q="1" Id="data">')
    assert why(forged)
    plain = resigned(PART, lambda root: found(root, "//d:Reference[1]/d:Transforms/*").set("Algorithm", INCLUSIVE))
    assert why(plain.replace(b'<DLHDon Id="data">', b'<DLHDon xmlns:q="1" Id="data">'))


def test_attributes_that_would_be_inherited_are_not_guessed() -> None:
    def inherit(root: Any) -> None:
        root.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
        found(root, "//d:Reference[1]/d:Transforms/*").set("Algorithm", INCLUSIVE)

    assert "inherits" in why(resigned(PART, inherit))


# X7: the algorithm


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", "profile_unsupported HMAC"),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "profile_unsupported HMAC"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "signature_wrong"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "signature_wrong"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "algorithm_weak"),
        ("none", "algorithm_unknown"),
        ("", "algorithm_unknown"),
    ],
)
def test_another_signature_method(uri: str, said: str) -> None:
    assert said in why(resigned(PART, lambda root: found(root, "//d:SignatureMethod").set("Algorithm", uri)))


def test_a_method_with_parameters() -> None:
    def shorten(root: Any) -> None:
        etree.SubElement(found(root, "//d:SignatureMethod"), ds("HMACOutputLength")).text = "8"

    assert "HMACOutputLength" in why(resigned(PART, shorten))


@pytest.mark.parametrize(
    ("path", "of"), [("//d:Reference[1]", "//DLHDon"), ("//d:Reference[2]", "//x:SignedProperties")]
)
def test_a_weak_digest_of_one_reference(path: str, of: str) -> None:
    def weaken(root: Any) -> None:
        reference = found(root, path)
        found(reference, "d:DigestMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")
        octets = canonical(found(root, of))
        found(reference, "d:DigestValue").text = base64.b64encode(hashlib.sha1(octets).digest()).decode()

    assert "algorithm_weak" in why(resigned(PART, weaken))


# X8: whose key


def test_a_key_without_a_certificate() -> None:
    def bare(root: Any) -> None:
        info = found(root, "//d:KeyInfo")
        for one in list(info):
            info.remove(one)
        value = etree.SubElement(etree.SubElement(info, ds("KeyValue")), ds("RSAKeyValue"))
        etree.SubElement(value, ds("Modulus")).text = "AQAB"

    assert "no_signing_certificate" in why(altered(PART, bare))


def test_a_certificate_does_not_vanish_by_another_name() -> None:
    """What is in KeyInfo is under no signature; that it was touched must show all the same."""

    def rename(root: Any) -> None:
        found(root, "//d:X509Certificate[2]").tag = ds("Other")

    assert "Other in the key information" in why(altered(PART, rename))


def test_another_certificate_in_front() -> None:
    other = made.sign(made.INVOICE, holder=shared_city().person(), nodes=("data",), level=Level.B_B)

    def exchange(root: Any) -> None:
        theirs = etree.fromstring(other)
        info = found(root, "//d:KeyInfo")
        info.getparent().replace(info, copy.deepcopy(found(theirs, "//d:KeyInfo")))

    assert "no_signing_certificate" in why(altered(PART, exchange))


def test_properties_that_name_no_certificate() -> None:
    def forget(root: Any) -> None:
        named = found(root, "//x:SigningCertificateV2")
        named.getparent().remove(named)
        redigest(found(root, "//d:Reference[@Type]"), canonical(properties(root)))

    assert "ess_missing" in why(resigned(PART, forget))


def test_a_value_by_a_key_that_the_certificate_does_not_have() -> None:
    person = shared_city().person()
    assert "signature_wrong" in why(resigned(PART, lambda _root: None, person))


# X9: manifests


def with_manifest(uri: str, digest_of: bytes, kind: str = MANIFEST) -> bytes:
    """A signature over a manifest in an object of its own, beside the signed element."""

    def add(root: Any) -> None:
        signature = root[-1]
        holder = etree.Element(ds("Object"), Id="held")
        signature.insert(3, holder)
        manifest = etree.SubElement(holder, ds("Manifest"))
        inner = copy.deepcopy(found(root, "//d:SignedInfo/d:Reference[1]"))
        inner.set("URI", uri)
        redigest(inner, digest_of)
        manifest.append(inner)
        outer = copy.deepcopy(inner)
        outer.set("URI", "#held")
        if kind:
            outer.set("Type", kind)
        redigest(outer, canonical(holder))
        found(root, "//d:SignedInfo").append(outer)

    return resigned(PART, add)


def test_a_manifest_is_checked_to_its_end() -> None:
    good = canonical(etree.fromstring(PART)[0])
    assert made.verify(with_manifest("#data", good)).indication is Indication.TOTAL_PASSED
    for kind in (MANIFEST, ""):
        assert "hash_mismatch #data" in why(with_manifest("#data", b"other", kind))
    assert "0 elements" in why(with_manifest("#gone", good))


def test_exclusive_prefixes_are_read_and_nothing_else_is() -> None:
    def prefixes(root: Any) -> None:
        transform = found(root, "//d:Reference[1]/d:Transforms/*")
        etree.SubElement(transform, f"{{{EXCLUSIVE}}}InclusiveNamespaces").set("PrefixList", "a b")

    assert made.verify(resigned(PART, prefixes)).indication is Indication.TOTAL_PASSED

    def strange(root: Any) -> None:
        etree.SubElement(found(root, "//d:Reference[1]/d:Transforms/*"), "Strange")

    assert "parameters" in why(resigned(PART, strange))
