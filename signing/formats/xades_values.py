"""
What the properties of a XAdES signature state: who signed when, and what came along to verify it.

Source: EN 319 132-1 §5.2.1, §5.2.2 (signed), §5.4, §5.5.1 (validation data); XMLDSig 1.1 §4.5.4 (X509Data).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from base.clock import VIETNAM
from signing.formats.xades_parts import Parts, decoded, only, open_digest, text_of
from signing.formats.xades_references import Resolved
from signing.formats.xades_stamps import ARCHIVE_STAMP, CONTENT_STAMP, DER, EACH_STAMP, SIGNATURE_STAMP
from signing.formats.xml_algorithms import DIGEST_NAMES
from signing.formats.xml_document import XmlBroken
from signing.formats.xml_words import DS, XADES_141, ds, local, xades, xades_141
from signing.validation.signed import EssId

COUNTER = xades("CounterSignature")
CERTIFICATES, REVOCATION = xades("CertificateValues"), xades("RevocationValues")
STAMP_DATA = xades_141("TimeStampValidationData")
JUDGED = frozenset((SIGNATURE_STAMP, ARCHIVE_STAMP, COUNTER, CERTIFICATES, REVOCATION, STAMP_DATA))
_UNJUDGED_NAMES = (
    "CompleteCertificateRefs",
    "CompleteRevocationRefs",
    "AttributeCertificateRefs",
    "AttributeRevocationRefs",
    "SigAndRefsTimeStamp",
    "RefsOnlyTimeStamp",
)
UNJUDGED = frozenset(
    (xades("ArchiveTimeStamp"), *map(xades, _UNJUDGED_NAMES), *(xades_141(f"{name}V2") for name in _UNJUDGED_NAMES))
)
"""Of the extended forms: known, but nothing depends on them here."""
_KEY_INFO = frozenset(("KeyName", "KeyValue", "RetrievalMethod", "X509Data", "PGPData", "SPKIData", "MgmtData"))
_X509_DATA = frozenset(("X509IssuerSerial", "X509SKI", "X509SubjectName", "X509Certificate", "X509CRL"))
MOST_CERTIFICATES = 64
MOST_LISTS = 64


@dataclass(frozen=True, slots=True)
class Stated:
    """What is signed about the signer. signing_time: epoch seconds. place: in words."""

    ess: tuple[EssId, ...] = ()
    signing_time: int | None = None
    place: str = ""
    content_stamps: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """DER of each certificate, list and OCSP response. other: how many revocation values of another kind."""

    certificates: tuple[bytes, ...]
    lists: tuple[bytes, ...]
    answers: tuple[bytes, ...]
    other: int


def stated_by(parts: Parts) -> Stated:
    """Raises: XmlBroken."""
    if parts.signed is None:
        return Stated()
    about_signer = only(parts.signed, xades("SignedSignatureProperties"))
    about_data = only(parts.signed, xades("SignedDataObjectProperties"))
    data = () if about_data is None else tuple(about_data)
    stamps = tuple(one for one in data if one.tag in (CONTENT_STAMP, EACH_STAMP))
    if about_signer is None:
        return Stated(content_stamps=stamps)
    time = only(about_signer, xades("SigningTime"))
    moment = None if time is None else moment_of(text_of(time), UTC)
    return Stated(_ess(about_signer), moment, _place(about_signer), stamps)


def _ess(about_signer: Any) -> tuple[EssId, ...]:
    """The digests of the certificates; the first one names the signer's."""
    newer = only(about_signer, xades("SigningCertificateV2"))
    older = only(about_signer, xades("SigningCertificate"))
    named = newer if newer is not None else older
    if named is None:
        return ()
    found = []
    for certificate in named:
        digest = only(certificate, xades("CertDigest"))
        if certificate.tag != xades("Cert") or digest is None:
            raise XmlBroken("a certificate without its digest")
        stated = open_digest(digest)
        found.append(EssId(DIGEST_NAMES.get(stated.algorithm, stated.algorithm[:60]), stated.value))
    return tuple(found)


def _place(about_signer: Any) -> str:
    newer = only(about_signer, xades("SignatureProductionPlaceV2"))
    place = newer if newer is not None else only(about_signer, xades("SignatureProductionPlace"))
    return "" if place is None else ", ".join(text_of(one) for one in place if text_of(one))


def claimed_beside(parts: Parts, resolved: Iterable[Resolved]) -> int | None:
    """
    The signing time of a plain signature, where the software of electronic invoices puts it: a SignatureProperty that
    is signed. It states no zone, which in Vietnam means Vietnamese time.
    """
    covered = [one.node for one in resolved if one.node is not None]
    for holder in parts.objects:
        if not any(node is holder or node in holder for node in covered):
            continue
        for element in holder.iter():
            if isinstance(element.tag, str) and local(element.tag) == "SigningTime":
                try:
                    return moment_of(text_of(element), VIETNAM)
                except XmlBroken:
                    return None
    return None


def moment_of(text: str, zone: tzinfo) -> int:
    """An xsd:dateTime as epoch seconds; `zone` counts where it states none. Raises: XmlBroken."""
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError) as error:
        raise XmlBroken("a time that is none") from error


def brought_by_signature(parts: Parts) -> Brought:
    """From KeyInfo and the unsigned properties. Raises: XmlBroken: what is not there in the form it must have."""
    certificates, lists, answers, other = [], [], [], 0
    for data in _x509_data(parts):
        certificates += [decoded(one) for one in data.findall(ds("X509Certificate"))]
        lists += [decoded(one) for one in data.findall(ds("X509CRL"))]
    for holder in _holders(parts):
        for one in holder.iter():
            match local(one.tag):
                case "EncapsulatedX509Certificate":
                    certificates.append(_encapsulated(one))
                case "EncapsulatedCRLValue":
                    lists.append(_encapsulated(one))
                case "EncapsulatedOCSPValue":
                    answers.append(_encapsulated(one))
                case "OtherCertificate" | "OtherValue":
                    other += 1
    if len(certificates) > MOST_CERTIFICATES or len(lists) + len(answers) > MOST_LISTS:
        raise XmlBroken(f"{len(certificates)} certificates, {len(lists) + len(answers)} revocation values")
    return Brought(_once(certificates), _once(lists), _once(answers), other)


def _x509_data(parts: Parts) -> list[Any]:
    """What stands in KeyInfo is under no signature, so a certificate must not vanish by another name."""
    if parts.key_info is None:
        return []
    found = list(parts.key_info.findall(ds("X509Data")))
    named = [(one, _KEY_INFO) for one in parts.key_info] + [(one, _X509_DATA) for data in found for one in data]
    for element, allowed in named:
        if element.tag.startswith(f"{{{DS}}}") and local(element.tag) not in allowed:
            raise XmlBroken(f"{local(element.tag)[:40]} in the key information")
    return found


def _once(values: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(values))


def _holders(parts: Parts) -> Iterable[Any]:
    for one in parts.unsigned:
        if one.tag in (CERTIFICATES, REVOCATION):
            yield one
        elif one.tag == STAMP_DATA:
            if any(inner.tag not in (CERTIFICATES, REVOCATION) for inner in one):
                raise XmlBroken(f"validation data of another kind than {XADES_141}")
            yield from one


def _encapsulated(element: Any) -> bytes:
    if element.get("Encoding", DER) != DER:
        raise XmlBroken("a value that is not in DER")
    return decoded(element)
