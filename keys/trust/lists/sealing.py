"""
Signing a trust list: XAdES B-B, enveloped, ECDSA with SHA-256; the one shape that enveloped.py accepts. Pure.

Source: ETSI TS 119 612 §5.7.1, Annex B; ETSI EN 319 132-1 §6.3 (level B-B: time, certificate); XMLDSig 1.1 §6.4.3.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from keys.trust.lists.algorithms import ECDSA_SHA256, SHA256, hash_of
from keys.trust.lists.strict_xml import canonical
from keys.trust.lists.words import DS, ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES, XADES

_HALF = 32


def seal_list(root: Any, certificate: bytes, sign: Callable[[bytes], bytes], *, at: int) -> bytes:
    """
    The signed list, UTF-8. certificate: DER of the signer, on P-256; sign: DER of an ECDSA signature over a message.

    1. The digest of the list as it stands.
    2. Everything but the value goes in, so that all of it has its final namespaces when it is digested.
    3. The digest of the signed properties, then the value.
    """
    over_list = hash_of(SHA256, canonical(root))
    signature = etree.SubElement(root, _ds("Signature"), nsmap={"ds": DS})
    signature.set("Id", "signature")
    signed_info = _add(signature, "SignedInfo")
    _add(signed_info, "CanonicalizationMethod", EXCLUSIVE)
    _add(signed_info, "SignatureMethod", ECDSA_SHA256)
    _reference(signed_info, "", [ENVELOPED, EXCLUSIVE], over_list)
    value = _add(signature, "SignatureValue")
    held = _add(_add(_add(signature, "KeyInfo"), "X509Data"), "X509Certificate")
    held.text = base64.b64encode(certificate).decode()
    properties = _properties(_add(signature, "Object"), certificate, at)
    last = _reference(signed_info, "#properties", [EXCLUSIVE], hash_of(SHA256, canonical(properties)))
    last.set("Type", SIGNED_PROPERTIES)
    r, s = decode_dss_signature(sign(canonical(signed_info)))
    value.text = base64.b64encode(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")).decode()
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _reference(to: Any, uri: str, transforms: list[str], value: bytes) -> Any:
    reference = _add(to, "Reference")
    reference.set("URI", uri)
    applied = _add(reference, "Transforms")
    for transform in transforms:
        _add(applied, "Transform", transform)
    _add(reference, "DigestMethod", SHA256)
    _add(reference, "DigestValue").text = base64.b64encode(value).decode()
    return reference


def _properties(to: Any, certificate: bytes, at: int) -> Any:
    qualifying = etree.SubElement(to, _xades("QualifyingProperties"), nsmap={"xades": XADES})
    qualifying.set("Target", "#signature")
    properties = etree.SubElement(qualifying, _xades("SignedProperties"))
    properties.set("Id", "properties")
    signed = etree.SubElement(properties, _xades("SignedSignatureProperties"))
    etree.SubElement(signed, _xades("SigningTime")).text = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    named = etree.SubElement(etree.SubElement(signed, _xades("SigningCertificateV2")), _xades("Cert"))
    stated = etree.SubElement(named, _xades("CertDigest"))
    _add(stated, "DigestMethod", SHA256)
    _add(stated, "DigestValue").text = base64.b64encode(hash_of(SHA256, certificate)).decode()
    return properties


def _add(to: Any, name: str, algorithm: str = "") -> Any:
    made = etree.SubElement(to, _ds(name))
    if algorithm:
        made.set("Algorithm", algorithm)
    return made


def _ds(name: str) -> str:
    return f"{{{DS}}}{name}"


def _xades(name: str) -> str:
    return f"{{{XADES}}}{name}"
