"""Names, identifiers and small elements of TS 119 102-2. Nothing here is read: the XML is only ever written."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

VR = "http://uri.etsi.org/19102/v1.4.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
CERTIFICATE = "urn:etsi:019102:validationObject:certificate"
TIMESTAMP = "urn:etsi:019102:validationObject:timestamp"
PROCESS_BASIC = "urn:etsi:019102:validationprocess:Basic"
PROCESS_WITH_TIME = "urn:etsi:019102:validationprocess:LTVM"
PROCESS_ARCHIVE = "urn:etsi:019102:validationprocess:LTA"

for _prefix, _namespace in (("vr", VR), ("ds", DS), ("xades", XADES)):
    ElementTree.register_namespace(_prefix, _namespace)


def root() -> Element:
    """The ValidationReport."""
    return Element(f"{{{VR}}}ValidationReport")


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A child; a name without a namespace is the report's own. Control characters are no XML and are left out."""
    child = SubElement(parent, name if name.startswith("{") else f"{{{VR}}}{name}", attributes)
    if text is not None:
        child.text = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    return child


def serialised(element: Element) -> bytes:
    """UTF-8, indented, with a declaration."""
    ElementTree.indent(element)
    written: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def instant(moment: int) -> str:
    """xs:dateTime in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main_indication(word: str) -> str:
    """Source: TS 119 102-2 §4.2.4.3.2; `TOTAL-PASSED` → its identifier."""
    return f"urn:etsi:019102:mainindication:{word.lower()}"


def sub_indication(word: str) -> str:
    """Source: TS 119 102-2 §4.2.4.3.3."""
    return f"urn:etsi:019102:subindication:{word}"
