"""Only a list that its operator signed, whole, is a list; every way around that we know of is tried (T12, X1 to X8)."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree

from keys.errors import KeyRefused
from keys.trust.lists.enveloped import verify_list
from keys.trust.lists.strict_xml import canonical
from keys.trust.lists.words import DS, EXCLUSIVE, TSL, XADES
from tests.signing_pki import DAY, NOW
from tests.trust_lists import Operator, altered, operator, shared_operator, the_list

GOOD = shared_operator().publishes(the_list())
PINNED = [shared_operator().der]


def why(raw: bytes, signers: list[bytes] | None = None, at: int = NOW) -> str:
    with pytest.raises(KeyRefused, match="trust_list_refused") as caught:
        verify_list(raw, signers or PINNED, at=at)
    return caught.value.hint


def found(root: Any, path: str) -> Any:
    named = {"d": DS, "t": TSL, "x": XADES}
    (one,) = root.xpath(path, namespaces=named)
    return one


def test_a_good_list() -> None:
    verified = verify_list(GOOD, [operator().der, *PINNED], at=NOW)
    assert verified.signer == PINNED[0]
    assert verified.signed_at == NOW - 3600
    assert b"Signature" not in verified.content
    assert b"Supervisory body" in verified.content


def test_another_signer() -> None:
    assert "not one that was pinned" in why(GOOD, [operator().der])


def test_a_signer_with_the_pinned_name_only() -> None:
    """KeyInfo says the pinned certificate, the key is another one's."""

    def claim(root: Any) -> None:
        found(root, "//d:X509Certificate[ancestor::d:Signature]").text = base64.b64encode(PINNED[0]).decode()

    assert "not one that was pinned" in why(altered(operator().publishes(the_list()), claim))


def test_a_value_by_another_key() -> None:
    """Everything names the pinned certificate, but the value was made with another key."""
    other = operator()
    forged = Operator(type(other.holder)(other.holder.key, shared_operator().holder.certificate))
    assert why(forged.publishes(the_list())) == "the signature is wrong"


def test_a_signer_out_of_its_time() -> None:
    ended = operator(not_before=NOW - 30 * DAY, not_after=NOW - DAY)
    assert "out of its time" in why(ended.publishes(the_list()), [ended.der])


def test_a_signer_for_something_else() -> None:
    other = operator(ExtendedKeyUsageOID.SERVER_AUTH)
    assert "for something else" in why(other.publishes(the_list()), [other.der])


@pytest.mark.parametrize("name", ["SchemeTerritory", "ServiceStatus", "StatusStartingTime", "NextUpdate"])
def test_one_changed_word(name: str) -> None:
    def change(root: Any) -> None:
        one = found(root, f"//t:{name}")
        (one if len(one) == 0 else one[0]).text = "VN2"

    assert why(altered(GOOD, change)) == "it was changed after it was signed"


def test_a_changed_signing_time() -> None:
    assert "changed" in why(altered(GOOD, lambda root: _set(found(root, "//x:SigningTime"), "2030-01-01T00:00:00Z")))


def _set(element: Any, text: str) -> None:
    element.text = text


def drop_signature(root: Any) -> None:
    root.remove(found(root, "d:Signature"))


def drop_value(root: Any) -> None:
    found(root, "//d:SignatureValue").text = ""


def other_canonicalisation(root: Any) -> None:
    found(root, "//d:CanonicalizationMethod").set("Algorithm", f"{EXCLUSIVE}WithComments")


def script(root: Any) -> None:
    found(root, "(//d:Transform)[1]").set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def one_transform(root: Any) -> None:
    transforms = found(root, "(//d:Transforms)[1]")
    transforms.remove(transforms[1])


def path_filter(root: Any) -> None:
    etree.SubElement(found(root, "(//d:Transform)[2]"), f"{{{DS}}}XPath").text = "self::node()"


def remote(root: Any) -> None:
    found(root, "(//d:Reference)[1]").set("URI", "http://127.0.0.1/list.xml")


def part_only(root: Any) -> None:
    found(root, "t:SchemeInformation").set("Id", "part")
    found(root, "(//d:Reference)[1]").set("URI", "#part")


def no_properties(root: Any) -> None:
    signed = found(root, "//d:SignedInfo")
    signed.remove(signed[-1])


def third_reference(root: Any) -> None:
    signed = found(root, "//d:SignedInfo")
    signed.append(copy.deepcopy(signed[-1]))


def weak_digest(root: Any) -> None:
    found(root, "(//d:DigestMethod)[1]").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def shared_secret(root: Any) -> None:
    method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    found(root, "//d:SignatureMethod").set("Algorithm", method)


def other_target(root: Any) -> None:
    found(root, "//x:QualifyingProperties").set("Target", "#another")


def two_signatures(root: Any) -> None:
    second = copy.deepcopy(found(root, "d:Signature"))
    for element in second.iter():
        element.attrib.pop("Id", None)
    root.append(second)


def signature_inside(root: Any) -> None:
    second = copy.deepcopy(found(root, "d:Signature"))
    for element in second.iter():
        element.attrib.pop("Id", None)
    found(root, "//d:Object").append(second)


def same_id(root: Any) -> None:
    found(root, "t:SchemeInformation").set("Id", "properties")


def same_id_in_other_letters(root: Any) -> None:
    found(root, "t:SchemeInformation").set("{http://www.w3.org/XML/1998/namespace}id", "properties")


def instruction(root: Any) -> None:
    root.insert(0, etree.ProcessingInstruction("style", "x"))


def wrapped_in_the_signature(root: Any) -> Any:
    """The signed list goes into an Object of its own signature; around it stands another list."""
    other = etree.fromstring(operator().publishes(the_list(sequence=99)))
    other.remove(found(other, "d:Signature"))
    signature = found(root, "d:Signature")
    root.remove(signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(root)
    other.attrib.pop("Id")
    other.append(signature)
    found(other, "(//d:Reference)[1]").set("URI", "#list")
    return other


def wrapped_deeper(root: Any) -> Any:
    """The signed list stands inside another one, which has no signature of its own."""
    other = etree.fromstring(operator().publishes(the_list(sequence=99)))
    other.remove(found(other, "d:Signature"))
    other.attrib.pop("Id")
    other.append(root)
    return other


def properties_elsewhere(root: Any) -> None:
    """The digested properties are kept beside; those that stand where we read say something else."""
    properties = found(root, "//x:SignedProperties")
    kept = copy.deepcopy(properties)
    properties.set("Id", "others")
    found(properties, ".//x:SigningTime").text = "2020-01-01T00:00:00Z"
    etree.SubElement(found(root, "d:Signature"), f"{{{DS}}}Object").append(kept)


ATTACKS: dict[Callable[[Any], Any], str] = {
    drop_signature: "0 elements at Signature",
    drop_value: "the signature is wrong",
    other_canonicalisation: "canonicalisation",
    script: "other transforms",
    one_transform: "other transforms",
    path_filter: "a transform with parameters",
    remote: "not over the whole list",
    part_only: "not over the whole list",
    no_properties: "two references",
    third_reference: "two references",
    weak_digest: "digest http://www.w3.org/2000/09/xmldsig#sha1",
    shared_secret: "signature algorithm",
    other_target: "about another signature",
    two_signatures: "2 elements at Signature",
    signature_inside: "several signatures",
    same_id: "the same Id",
    same_id_in_other_letters: "the same Id",
    instruction: "something other than elements",
    wrapped_in_the_signature: "not over the whole list",
    wrapped_deeper: "0 elements at Signature",
    properties_elsewhere: "not those of this signature",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_taken_apart(attack: Callable[[Any], Any]) -> None:
    assert ATTACKS[attack] in why(altered(GOOD, attack))


def test_a_comment_hides_nothing() -> None:
    """A comment is not signed, so a word that it cuts in two is read as one, or not at all."""
    cut = GOOD.replace(b"<SchemeTerritory>VN<", b"<SchemeTerritory>V<!-- -->N<")
    assert cut != GOOD
    assert b"<SchemeTerritory>VN<" in verify_list(cut, PINNED, at=NOW).content


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"junk",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        GOOD.replace(b"?>", b"?><!DOCTYPE a SYSTEM 'http://127.0.0.1/x'>", 1),
        GOOD.decode().encode("utf-16"),
        b"<a>" * 100_000,
        b"<a " + b" ".join(b"b%d='1'" % n for n in range(100)) + b">",
        GOOD[:-30],
        b"<a>" + b"x" * 9_000_000 + b"</a>",
        GOOD.replace(b'xmlns="http://uri.etsi.org/02231/v2#"', b'xmlns="1"'),
    ],
    ids=range(11),
)
def test_junk_is_refused(raw: bytes) -> None:
    why(raw)


def test_the_digested_node_is_the_one_that_is_used() -> None:
    """Canonical bytes parse to the same canonical bytes: nothing is read that was not digested."""
    content = verify_list(GOOD, PINNED, at=NOW).content
    assert canonical(etree.fromstring(content)) == content
