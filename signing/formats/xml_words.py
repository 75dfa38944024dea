"""
The names that XML signatures are written in.

Source: XMLDSig 1.1 §4, §6; EN 319 132-1 §4.3 (name spaces, types of references); EN 319 162-1 §A.3 (the container of
signatures).
"""

from __future__ import annotations

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
XADES_ANY = "http://uri.etsi.org/01903/"
ASIC = "http://uri.etsi.org/02918/v1.2.1#"
XML = "http://www.w3.org/XML/1998/namespace"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
CANONICAL_FORMS: dict[str, bool] = {
    EXCLUSIVE: True,
    f"{EXCLUSIVE}WithComments": True,
    INCLUSIVE: False,
    f"{INCLUSIVE}#WithComments": False,
    INCLUSIVE_11: False,
    f"{INCLUSIVE_11}#WithComments": False,
}
"""
Identifier → whether it is exclusive. Comments are left out by all of them: of a reference inside the document they are
gone before (XMLDSig 1.1 §4.4.3.3), and in a signature we accept none.
"""
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
"""Of the Ids in signed SOAP messages."""
ENVELOPED = f"{DS}enveloped-signature"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"
BASE64 = f"{DS}base64"

SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
COUNTERSIGNED = "http://uri.etsi.org/01903#CountersignedSignature"
OBJECT = f"{DS}Object"
MANIFEST = f"{DS}Manifest"

SIGNATURE = f"{{{DS}}}Signature"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
KEY_INFO = f"{{{DS}}}KeyInfo"
DS_OBJECT = f"{{{DS}}}Object"
REFERENCE = f"{{{DS}}}Reference"
DS_MANIFEST = f"{{{DS}}}Manifest"
QUALIFYING = f"{{{XADES}}}QualifyingProperties"
CONTAINER = f"{{{ASIC}}}XAdESSignatures"
"""Around several signatures that have their content elsewhere."""


def ds(name: str) -> str:
    """The qualified name of an element of XMLDSig."""
    return f"{{{DS}}}{name}"


def xades(name: str) -> str:
    """That of an element of XAdES 1.3.2."""
    return f"{{{XADES}}}{name}"


def xades_141(name: str) -> str:
    """That of an element of XAdES 1.4.1."""
    return f"{{{XADES_141}}}{name}"


def local(tag: str) -> str:
    """A name without its name space."""
    return tag.rpartition("}")[2]
