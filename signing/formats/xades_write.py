"""
A signature written around what it is over, with the value left out; then with it.

prepare: the signed properties, the references, SignedInfo: what a key signs is the text of SignedInfo as it stands.
embed:   the value goes in, and the time stamp over it.
Source: XMLDSig 1.1 §3.1, §4; EN 319 132-1 §5.3, §6.3.
"""

from __future__ import annotations

import hashlib

from signing.formats.base import Level, Prepared, PrepareRequest, Timestamper
from signing.formats.refusals import stamped
from signing.formats.xades_order import Order
from signing.formats.xades_properties import SignedData, signed_properties
from signing.formats.xades_text import XMLNS_DS, XMLNS_XADES, b64, digest, method, reference, stamp
from signing.formats.xml_algorithms import DIGEST_URIS, XmlAlgorithm, as_pair, xml_algorithm_of
from signing.formats.xml_words import EXCLUSIVE, SIGNED_PROPERTIES

FORMAT = "XAdES"


def prepared(order: Order, request: PrepareRequest) -> Prepared:
    """Raises: SignatureRefused; what the timestamper of a content stamp raises passes through."""
    signs = xml_algorithm_of(request.algorithm)
    name = order.name
    named = [(f"{name}-reference-{number}", one) for number, one in enumerate(order.data, 1)]
    objects = [SignedData(identifier, one.media_type, one.octets) for identifier, one in named]
    properties = signed_properties(name, request, signs.digest, objects, counter=order.counter)
    uri = DIGEST_URIS[signs.digest]
    references = "".join(
        reference(identifier, one.uri, one.transforms, digest(uri, _hash(signs, one.octets)), one.kind)
        for identifier, one in named
    )
    stated = digest(uri, _hash(signs, properties.encode()))
    references += reference("", f"#{name}-properties", (EXCLUSIVE,), stated, SIGNED_PROPERTIES)
    chosen = method("CanonicalizationMethod", EXCLUSIVE) + method("SignatureMethod", signs.uri)
    signed_info = f"<ds:SignedInfo{XMLNS_DS}>{chosen}{references}</ds:SignedInfo>"
    certificates = dict.fromkeys((request.certificate, *request.chain))
    held = "".join(f"<ds:X509Certificate>{b64(der)}</ds:X509Certificate>" for der in certificates)
    before_value = f'<ds:Signature{XMLNS_DS} Id="{name}">{signed_info}<ds:SignatureValue Id="{name}-value">'
    before_unsigned = (
        f"</ds:SignatureValue><ds:KeyInfo><ds:X509Data>{held}</ds:X509Data></ds:KeyInfo>{order.objects}"
        f'<ds:Object><xades:QualifyingProperties{XMLNS_XADES} Target="#{name}">{properties}'
    )
    head = order.room.before + before_value.encode()
    middle = before_unsigned.encode()
    tail = b"</xades:QualifyingProperties></ds:Object></ds:Signature>" + order.room.after
    return Prepared(
        format=FORMAT,
        level=request.level,
        document_digest=order.document_digest,
        to_be_signed_digest=hashlib.new(signs.digest, signed_info.encode()).digest(),
        signed_attributes=signed_info.encode(),
        certificate=request.certificate,
        chain=request.chain,
        document=b"",
        update=head + middle + tail,
        place=(len(head), len(head) + len(middle)),
        algorithm=request.algorithm,
    )


def embedded(order: Prepared, signature: bytes, timestamper: Timestamper | None) -> bytes:
    """
    The signed file. signature: ECDSA in DER, the others as they are.

    Raises: SignatureRefused, and what the timestamper raises: there is no B-T without its stamp.
    """
    signs = xml_algorithm_of(order.algorithm)
    value = b64(as_pair(signature, signs.half) if signs.half else signature).encode()
    at, later = order.place
    unsigned = b""
    if order.level is not Level.B_B:
        name = order.update[:at].rpartition(b'Id="')[2].removesuffix(b'-value">').decode()
        over = f'<ds:SignatureValue{XMLNS_DS} Id="{name}-value">'.encode() + value + b"</ds:SignatureValue>"
        token = stamped(timestamper, hashlib.sha256(over).digest())
        unsigned = _unsigned(stamp("SignatureTimeStamp", f"{name}-stamp", EXCLUSIVE, token)).encode()
    return order.update[:at] + value + order.update[at:later] + unsigned + order.update[later:]


def _hash(signs: XmlAlgorithm, data: bytes) -> bytes:
    return hashlib.new(signs.digest, data).digest()


def _unsigned(properties: str) -> str:
    inside = f"<xades:UnsignedSignatureProperties>{properties}</xades:UnsignedSignatureProperties>"
    return f"<xades:UnsignedProperties>{inside}</xades:UnsignedProperties>"
