"""
Whether a trust list is its operator's: one enveloped XAdES signature over the whole, by a pinned certificate. Pure.

Not a general verifier. One shape is accepted, the one TS 119 612 Annex B lays down, and nothing is looked up that the
shape does not fix: no KeyInfo, no transform but the two, no address. What is used afterwards is what was digested.

Source: ETSI TS 119 612 §5.7.1, Annex B; XMLDSig 1.1 §3.2, §12.1; EN 319 132-1 §5.2.2 (SigningCertificateV2). Known
attacks: signature wrapping, references to other nodes, properties that are not the digested ones, two Ids.
"""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.trust.lists.algorithms import hash_of, verify
from keys.trust.lists.certificates import extension_of
from keys.trust.lists.strict_xml import canonical, only, parse, refused, text_of
from keys.trust.lists.words import DS, ENVELOPED, EXCLUSIVE, LIST_SIGNER, SIGNED_PROPERTIES, TSL, XADES

_ROOT = f"{{{TSL}}}TrustServiceStatusList"
_SIGNATURE = f"{{{DS}}}Signature"


@dataclass(frozen=True, slots=True)
class VerifiedList:
    """content: the canonical bytes that were signed; signer: DER; signed_at: as the signer states it, epoch seconds."""

    content: bytes = field(repr=False)
    signer: bytes = field(repr=False)
    signed_at: int


def verify_list(raw: bytes, signers: Sequence[bytes], *, at: int) -> VerifiedList:
    """
    signers: DER of the operator's certificates, pinned by people; one of them must be in its time `at`.

    Raises: KeyRefused("trust_list_refused"); hint says which rule.

    1. One root, one signature, and that is a child of the root; every Id once.
    2. Exactly two references: the root with the two transforms, and the signed properties of this very signature.
    3. Their digests.
    4. The signed properties name a pinned certificate, which may sign lists, and whose key made the signature value.
    """
    root = parse(raw)
    if root.tag != _ROOT:
        raise refused("it is no trust list")
    signature = only(root, _SIGNATURE)
    if len(list(root.iter(_SIGNATURE))) != 1:
        raise refused("it has several signatures")
    signed_info = only(signature, f"{{{DS}}}SignedInfo")
    properties = only(signature, f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties/{{{XADES}}}SignedProperties")
    _check_target(signature, properties)
    over_root, over_properties = _references(signed_info)
    content = canonical(_without_signature(root))
    _check_root_reference(over_root, root, content)
    _check_properties_reference(over_properties, properties)
    signer = _pinned(properties, signers)
    _check_signer(signer, at)
    method = only(signed_info, f"{{{DS}}}CanonicalizationMethod")
    if method.get("Algorithm") != EXCLUSIVE or len(method):
        raise refused("canonicalisation of the signed information")
    algorithm = only(signed_info, f"{{{DS}}}SignatureMethod").get("Algorithm", "")
    value = _decoded(only(signature, f"{{{DS}}}SignatureValue"))
    verify(algorithm, signer.public_key(), value, canonical(signed_info))
    return VerifiedList(content, signer.public_bytes(Encoding.DER), _signing_time(properties))


def _without_signature(root: Any) -> Any:
    """The enveloped-signature transform; the text behind the signature belongs to the list and stays."""
    bare = copy.deepcopy(root)
    signature = only(bare, _SIGNATURE)
    tail, before = signature.tail or "", signature.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        bare.text = (bare.text or "") + tail
    bare.remove(signature)
    return bare


def _references(signed_info: Any) -> tuple[Any, Any]:
    found = signed_info.findall(f"{{{DS}}}Reference")
    typed = [one for one in found if one.get("Type") == SIGNED_PROPERTIES]
    if len(found) != 2 or len(typed) != 1:
        raise refused("it must have two references: the list and the signed properties")
    (other,) = (one for one in found if one is not typed[0])
    return other, typed[0]


def _check_root_reference(reference: Any, root: Any, content: bytes) -> None:
    identifier = root.get("Id")
    if reference.get("URI") not in ("", f"#{identifier}" if identifier else ""):
        raise refused("the signature is not over the whole list")
    if _transforms(reference) != [ENVELOPED, EXCLUSIVE]:
        raise refused("other transforms than the two")
    _check_digest(reference, content)


def _check_properties_reference(reference: Any, properties: Any) -> None:
    identifier = properties.get("Id")
    if not identifier or reference.get("URI") != f"#{identifier}":
        raise refused("the signed properties are not those of this signature")
    if _transforms(reference) != [EXCLUSIVE]:
        raise refused("other transforms than the one")
    _check_digest(reference, canonical(properties))


def _transforms(reference: Any) -> list[str]:
    found = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if any(len(one) for one in found):
        raise refused("a transform with parameters")
    return [one.get("Algorithm", "") for one in found]


def _check_digest(reference: Any, data: bytes) -> None:
    expected = _decoded(only(reference, f"{{{DS}}}DigestValue"))
    if hash_of(only(reference, f"{{{DS}}}DigestMethod").get("Algorithm", ""), data) != expected:
        raise refused("it was changed after it was signed")


def _check_target(signature: Any, properties: Any) -> None:
    """EN 319 132-1 §5.1.1: the properties say which signature they are about."""
    identifier = signature.get("Id")
    if not identifier or properties.getparent().get("Target") != f"#{identifier}":
        raise refused("the signed properties are about another signature")


def _pinned(properties: Any, signers: Sequence[bytes]) -> x509.Certificate:
    """The pinned certificate that the signed properties name by digest."""
    path = f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}"
    named = properties.findall(f"{path}SigningCertificateV2") + properties.findall(f"{path}SigningCertificate")
    if len(named) != 1 or not len(named[0]):
        raise refused("it does not say which certificate signed it")
    stated = only(named[0][0], f"{{{XADES}}}CertDigest")
    algorithm = only(stated, f"{{{DS}}}DigestMethod").get("Algorithm", "")
    expected = _decoded(only(stated, f"{{{DS}}}DigestValue"))
    for der in signers:
        if hash_of(algorithm, der) == expected:
            return x509.load_der_x509_certificate(der)
    raise refused("its signer is not one that was pinned")


def _check_signer(signer: x509.Certificate, at: int) -> None:
    """In its time, and where it says what it is for, that is signing lists (TS 119 612 §5.7.1)."""
    if not signer.not_valid_before_utc.timestamp() <= at <= signer.not_valid_after_utc.timestamp():
        raise refused("its signer's certificate is out of its time")
    purposes = extension_of(signer, x509.ExtendedKeyUsage)
    if purposes is not None and LIST_SIGNER not in {one.dotted_string for one in purposes}:
        raise refused("its signer's certificate is for something else")
    usage = extension_of(signer, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise refused("its signer's certificate is for something else")


def _signing_time(properties: Any) -> int:
    return moment_of(text_of(only(properties, f"{{{XADES}}}SignedSignatureProperties/{{{XADES}}}SigningTime")))


def moment_of(text: str) -> int:
    """An xsd:dateTime as epoch seconds; without an offset it is UTC. Raises: KeyRefused."""
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise refused("a time that is none") from error


def _decoded(element: Any) -> bytes:
    try:
        return base64.b64decode("".join(text_of(element).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("base64 that is none") from error
