"""
XML signatures taken apart and put together again by somebody who has a key of his own, or none.

`altered` changes the tree as it is; `resigned` then signs SignedInfo again with the key of a holder, as an insider
could; `redigest` writes the digest of what a reference leads to.
"""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable
from typing import Any

from lxml import etree

from signing.formats.xml_algorithms import as_pair
from signing.formats.xml_words import DS, XADES
from tests.signing_acts import sign_message
from tests.signing_pki import Holder, shared_city

NAMES = {"d": DS, "x": XADES}
Change = Callable[[Any], Any]


def found(root: Any, path: str) -> Any:
    """The one element at that path; `d:` is XMLDSig, `x:` is XAdES."""
    (one,) = root.xpath(path, namespaces=NAMES)
    return one


def canonical(element: Any) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def altered(document: bytes, change: Change) -> bytes:
    """The document after a change of its tree; what the change returns is the root from then on."""
    root = etree.fromstring(document)
    new = change(root)
    root = root if new is None else new
    return bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True))


def resigned(document: bytes, change: Change, holder: Holder | None = None) -> bytes:
    """The same, and the value of the first signature is made again over what its SignedInfo says then."""
    signer = holder or shared_city().official

    def both(root: Any) -> Any:
        new = change(root)
        now = root if new is None else new
        signature = next(now.iter(f"{{{DS}}}Signature"))
        value = as_pair(sign_message(signer.key, "ES256", canonical(found(signature, "d:SignedInfo"))), 32)
        found(signature, "d:SignatureValue").text = base64.b64encode(value).decode()
        return now

    return altered(document, both)


def redigest(reference: Any, octets: bytes) -> None:
    """Let a reference say the SHA-256 of these octets."""
    found(reference, "d:DigestValue").text = base64.b64encode(hashlib.sha256(octets).digest()).decode()


def moved(element: Any, to: Any) -> Any:
    """A copy of the element, which leaves its place."""
    again = copy.deepcopy(element)
    again.tail = None
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    to.append(again)
    return again


def ds(name: str) -> str:
    return f"{{{DS}}}{name}"
