"""
The text of an XML signature, written as its exclusive canonical form has it: what is digested is, byte for byte, what
stands in the file.

Every element that is canonicalised on its own declares its name spaces where the canonical form would, so no form has
to be computed for anything that we write ourselves. Source: Exclusive XML Canonicalization 1.0 §3; Canonical XML §2.3.
"""

from __future__ import annotations

import base64
import re

from signing.errors import SignatureRefused
from signing.formats.xml_words import DS, FILTER, XADES

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALL_OUT = (
    f'<ds:Transform Algorithm="{FILTER}"><filter:XPath xmlns:filter="{FILTER}" Filter="subtract">'
    "/descendant::ds:Signature</filter:XPath></ds:Transform>"
)
"""That all signatures are taken out: whoever signs later changes nothing of what is digested."""
XMLNS_DS = f' xmlns:ds="{DS}"'
XMLNS_XADES = f' xmlns:xades="{XADES}"'


def words(text: str) -> str:
    """A text node. Raises: SignatureRefused: characters that XML cannot hold."""
    if _FORBIDDEN.search(text):
        raise SignatureRefused(
            "text_unfit",
            vi="Nội dung khai khi ký có ký tự không ghi được vào tệp XML.",
            en="What is stated with the signature holds characters that XML cannot hold.",
            status=422,
        )
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def quoted(text: str) -> str:
    """The value of an attribute. Raises: SignatureRefused."""
    plain = words(text).replace("&gt;", ">").replace('"', "&quot;")
    return plain.replace("\t", "&#x9;").replace("\n", "&#xA;")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def method(name: str, uri: str, *, declared: bool = False) -> str:
    """An element of XMLDSig that names an algorithm."""
    return f'<ds:{name}{XMLNS_DS if declared else ""} Algorithm="{uri}"></ds:{name}>'


def digest(uri: str, value: bytes, *, declared: bool = False) -> str:
    """DigestMethod and DigestValue."""
    xmlns = XMLNS_DS if declared else ""
    return f"{method('DigestMethod', uri, declared=declared)}<ds:DigestValue{xmlns}>{b64(value)}</ds:DigestValue>"


def reference(identifier: str, uri: str | None, transforms: tuple[str, ...], digested: str, kind: str = "") -> str:
    """A Reference; its attributes in canonical order."""
    named = f' Id="{identifier}"' if identifier else ""
    typed = f' Type="{kind}"' if kind else ""
    leads = "" if uri is None else f' URI="{quoted(uri)}"'
    applied = "".join(_ALL_OUT if one == FILTER else method("Transform", one) for one in transforms)
    applied = f"<ds:Transforms>{applied}</ds:Transforms>" if applied else ""
    return f"<ds:Reference{named}{typed}{leads}>{applied}{digested}</ds:Reference>"


def stamp(name: str, identifier: str, canonical_form: str, token: bytes, reference_id: str = "") -> str:
    """A time stamp property of XAdES 1.3.2. reference_id: of the one object that it is over, where it names it."""
    named = f'<xades:Include URI="#{reference_id}" referencedData="true"></xades:Include>' if reference_id else ""
    chosen = method("CanonicalizationMethod", canonical_form, declared=True)
    inside = f"<xades:EncapsulatedTimeStamp>{b64(token)}</xades:EncapsulatedTimeStamp>"
    return f'<xades:{name} Id="{identifier}">{named}{chosen}{inside}</xades:{name}>'
