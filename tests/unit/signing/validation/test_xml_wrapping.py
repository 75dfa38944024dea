"""
Wrapping: what was signed is somewhere else than what people read, or other properties are read than were signed (X1,
X2). Whoever forges here has a signed document, and where it says `resigned` a key that is trusted as well.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from lxml import etree

from signing.formats.base import Level, Packaging
from signing.formats.xml_words import ENVELOPED, XADES
from signing.validation.indications import Indication
from tests import signing_xades as made
from tests.signing_pki import NOW, shared_city
from tests.signing_xades import why
from tests.xml_forging import altered, ds, found, moved, redigest, resigned

PART = made.sign(made.INVOICE, nodes=("data",), level=Level.B_B)
WHOLE = made.sign(level=Level.B_B)
AROUND = made.sign(b"plain words", packaging=Packaging.ATTACHED, level=Level.B_B)


def evil(identifier: str = "") -> Any:
    """What the attacker wants people to read."""
    element = etree.fromstring(b"<DLHDon><TTChung><SHDon>43</SHDon></TTChung><Tien>9.000.000</Tien></DLHDon>")
    if identifier:
        element.set("Id", identifier)
    return element


def test_the_originals_pass() -> None:
    assert {made.verify(one).indication for one in (PART, WHOLE, AROUND)} == {Indication.TOTAL_PASSED}


# X1: wrapping


@pytest.mark.parametrize("identifier", ["", "data", "other"])
@pytest.mark.parametrize("home", ["object", "sibling", "child", "key-info", "property"])
def test_the_signed_element_is_elsewhere(home: str, identifier: str) -> None:
    """What was signed is kept where nobody looks, and something else stands in its place."""

    def wrap(root: Any) -> None:
        signature, original = root[1], root[0]
        root.insert(0, evil(identifier))
        homes = {
            "object": lambda: etree.SubElement(signature, ds("Object")),
            "sibling": lambda: etree.SubElement(root, "Extensions"),
            "child": lambda: root[0],
            "key-info": lambda: found(signature, "d:KeyInfo"),
            "property": lambda: found(signature, "d:Object/x:QualifyingProperties/x:SignedProperties"),
        }
        moved(original, homes[home]())

    assert why(altered(PART, wrap))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_two_elements_have_the_signed_id(place: int) -> None:
    assert "2 elements with the Id data" in why(altered(PART, lambda root: root.insert(place, evil("data"))))


@pytest.mark.parametrize("name", ["ID", "id", "{http://www.w3.org/XML/1998/namespace}id"])
def test_an_id_by_another_name_is_an_id(name: str) -> None:
    """Readers disagree about which attributes are Ids; whoever has one counts."""

    def second(root: Any) -> None:
        other = evil()
        other.set(name, "data")
        root.insert(0, other)

    assert "2 elements with the Id data" in why(altered(PART, second))


@pytest.mark.parametrize("document", [PART, WHOLE, AROUND], ids=["part", "whole", "around"])
def test_a_new_root_around_it(document: bytes) -> None:
    def around(root: Any) -> Any:
        new = etree.fromstring(b"<HDon><DLHDon><Tien>9.000.000</Tien></DLHDon></HDon>")
        new.append(root)
        return new

    assert why(altered(document, around))


def test_words_beside_the_signed_element() -> None:
    def attribute(root: Any) -> None:
        root.set("Tien", "9.000.000")

    def text(root: Any) -> None:
        root[0].tail = "Tien: 9.000.000"

    def element(root: Any) -> None:
        etree.SubElement(root, "Tien")

    for change in (attribute, text, element):
        assert "left_out" in why(altered(PART, change))


def test_an_object_that_nobody_signed() -> None:
    def add(root: Any) -> None:
        held = etree.SubElement(root, ds("Object"))
        held.text = "9.000.000"

    assert "left_out" in why(altered(AROUND, add))
    assert "left_out" in why(altered(WHOLE, lambda root: add(root[-1])))


def test_a_signature_cannot_be_over_itself_alone() -> None:
    """The root is the signature: nothing is left when it is taken out."""

    def self_signed(root: Any) -> None:
        reference = found(root, "d:SignedInfo/d:Reference[1]")
        reference.set("URI", "")
        found(reference, "d:Transforms/d:Transform").set("Algorithm", ENVELOPED)
        redigest(reference, b"")

    assert "the whole document" in why(resigned(AROUND, self_signed))


# X2: the properties that are read are those that are signed


def properties(root: Any) -> Any:
    return found(root, "//x:SignedProperties")


def test_properties_are_about_this_signature() -> None:
    def aim(root: Any) -> None:
        found(root, "//x:QualifyingProperties").set("Target", "#another")

    assert "another signature" in why(altered(PART, aim))


def test_signed_properties_elsewhere_do_not_count() -> None:
    """The reference leads to the original, kept aside; the place is taken by others with a new time."""

    def exchange(root: Any) -> None:
        original = properties(root)
        fake = copy.deepcopy(original)
        fake.set("Id", "fake")
        found(fake, ".//x:SigningTime").text = "2020-01-01T00:00:00Z"
        original.getparent().replace(original, fake)
        etree.SubElement(root[-1], ds("Object")).append(original)

    assert "not those that the reference leads to" in why(altered(PART, exchange))


def test_qualifying_properties_twice() -> None:
    def twice(root: Any) -> None:
        holder = etree.SubElement(root[-1], ds("Object"))
        second = copy.deepcopy(found(root, "//x:QualifyingProperties"))
        second[0].set("Id", "second")
        holder.append(second)

    assert "several qualifying properties" in why(altered(PART, twice))


def test_properties_that_no_reference_covers() -> None:
    def uncover(root: Any) -> None:
        reference = found(root, "//d:Reference[@Type]")
        reference.getparent().remove(reference)

    assert "0 references to the signed properties" in why(resigned(PART, uncover))


def test_properties_by_another_type_do_not_count() -> None:
    def retype(root: Any) -> None:
        found(root, "//d:Reference[@Type]").set("Type", "http://uri.etsi.org/01903/v1.1.1#SignedProperties")

    assert "0 references to the signed properties" in why(resigned(PART, retype))


def test_a_plain_signature_cannot_carry_properties_in_disguise() -> None:
    """The holder of the properties is renamed, so that no reader looks for them where they are signed."""

    def hide(root: Any) -> None:
        found(root, "//x:QualifyingProperties").tag = f"{{{XADES}}}Other"

    assert "not where they belong" in why(altered(PART, hide))


# counter-signatures


def test_a_counter_signature_is_over_the_signature_it_stands_in() -> None:
    """Moved into another signature, it would vouch for that one."""
    person = shared_city().person()
    first = made.counter(made.sign(made.INVOICE, nodes=("data",)), person)
    second = etree.fromstring(made.sign(made.INVOICE, nodes=("data",), at=NOW + 9))

    def steal(root: Any) -> None:
        taken = found(root, "//x:CounterSignature")
        kept = found(second, "//x:UnsignedSignatureProperties")
        kept.append(copy.deepcopy(taken))
        taken.getparent().remove(taken)
        root.append(copy.deepcopy(found(second, "//d:Signature[not(ancestor::x:CounterSignature)]")))

    assert "something else than the signature it stands in" in why(altered(first, steal))


def test_a_counter_signature_on_its_own_is_no_signature() -> None:
    person = shared_city().person()

    def free(root: Any) -> None:
        counter = found(root, "//x:CounterSignature")
        root.append(counter[0])
        counter.getparent().remove(counter)

    assert "not where it belongs" in why(altered(made.counter(PART, person), free))


def test_one_broken_among_good_ones_shows() -> None:
    person = shared_city().person()
    two = made.add(PART, person)
    value = found(etree.fromstring(two), "(//d:SignatureValue)[2]").text
    other = made.verify(two.replace(value.encode(), (("B" if value[0] == "A" else "A") + value[1:]).encode()))
    assert [one.indication for one in other.signatures] == [Indication.TOTAL_PASSED, Indication.TOTAL_FAILED]


def test_too_many_signatures() -> None:
    def many(root: Any) -> None:
        for _ in range(20):
            root.append(copy.deepcopy(root[-1]))

    assert "too many signatures" in why(altered(PART, many))
