"""
The signed properties of XAdES: what a signer states, each in its standard form and in the order of the schema.

Source: EN 319 132-1 §5.2, §6.3 (baseline B-B: SigningTime, SigningCertificateV2, DataObjectFormat); schema of XAdES
1.3.2; the identifiers of commitments in §5.2.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from base.clock import as_utc
from signing.formats.base import PrepareRequest, SignaturePolicy, Statements
from signing.formats.refusals import stamped
from signing.formats.xades_text import XMLNS_XADES, digest, quoted, stamp, words
from signing.formats.xml_algorithms import DIGEST_URIS
from signing.formats.xml_words import EXCLUSIVE

_COMMITMENT_OIDS = "1.2.840.113549.1.9.16.6."
_COMMITMENTS = {
    "1": "ProofOfOrigin",
    "2": "ProofOfReceipt",
    "3": "ProofOfDelivery",
    "4": "ProofOfSender",
    "5": "ProofOfApproval",
    "6": "ProofOfCreation",
}


@dataclass(frozen=True, slots=True)
class SignedData:
    """One signed object: the Id of its reference, its media type, and the octets that are digested."""

    identifier: str
    media_type: str
    octets: bytes


def signed_properties(
    name: str, request: PrepareRequest, digest_name: str, objects: Sequence[SignedData], *, counter: bool
) -> str:
    """
    The SignedProperties element. name: of the signature, from which the Ids are made.

    Raises: what the timestamper of the statements raises; SignatureRefused: no stamp came, or text unfit for XML.
    """
    about_signer = (
        f"<xades:SigningTime>{as_utc(request.signing_time):%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        f"{_certificate(request.certificate, digest_name)}{_about_signer(request.statements)}"
    )
    about_data = "" if counter else _about_data(request.statements, objects)
    about_data += _commitment(request.statements)
    if not counter:
        about_data += _content_stamp(name, request.statements, objects)
    around = f"<xades:SignedDataObjectProperties>{about_data}</xades:SignedDataObjectProperties>" if about_data else ""
    return (
        f'<xades:SignedProperties{XMLNS_XADES} Id="{name}-properties">'
        f"<xades:SignedSignatureProperties>{about_signer}</xades:SignedSignatureProperties>{around}"
        "</xades:SignedProperties>"
    )


def _certificate(der: bytes, digest_name: str) -> str:
    stated = digest(DIGEST_URIS[digest_name], hashlib.new(digest_name, der).digest(), declared=True)
    inside = f"<xades:Cert><xades:CertDigest>{stated}</xades:CertDigest></xades:Cert>"
    return f"<xades:SigningCertificateV2>{inside}</xades:SigningCertificateV2>"


def _about_signer(statements: Statements) -> str:
    found = _policy(statements.policy) if statements.policy is not None else ""
    named = (("City", statements.locality), ("CountryName", statements.country))
    place = "".join(f"<xades:{name}>{words(text)}</xades:{name}>" for name, text in named if text)
    if place:
        found += f"<xades:SignatureProductionPlaceV2>{place}</xades:SignatureProductionPlaceV2>"
    if statements.role:
        claimed = f"<xades:ClaimedRole>{words(statements.role)}</xades:ClaimedRole>"
        found += f"<xades:SignerRoleV2><xades:ClaimedRoles>{claimed}</xades:ClaimedRoles></xades:SignerRoleV2>"
    return found


def _policy(policy: SignaturePolicy) -> str:
    named = f'<xades:Identifier Qualifier="OIDAsURN">urn:oid:{words(policy.identifier)}</xades:Identifier>'
    hashed = digest(DIGEST_URIS["sha256"], policy.sha256, declared=True)
    where = ""
    if policy.address:
        address = f"<xades:SPURI>{words(policy.address)}</xades:SPURI>"
        where = f"<xades:SigPolicyQualifier>{address}</xades:SigPolicyQualifier>"
        where = f"<xades:SigPolicyQualifiers>{where}</xades:SigPolicyQualifiers>"
    return (
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId>"
        f"<xades:SigPolicyId>{named}</xades:SigPolicyId><xades:SigPolicyHash>{hashed}</xades:SigPolicyHash>{where}"
        "</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    )


def _about_data(statements: Statements, objects: Sequence[SignedData]) -> str:
    """The format of each signed object."""
    found = ""
    for one in objects:
        kind = words(statements.media_type or one.media_type)
        about = f'<xades:DataObjectFormat ObjectReference="#{quoted(one.identifier)}">'
        found += f"{about}<xades:MimeType>{kind}</xades:MimeType></xades:DataObjectFormat>"
    return found


def _commitment(statements: Statements) -> str:
    if not statements.commitment:
        return ""
    known = _COMMITMENTS.get(statements.commitment.removeprefix(_COMMITMENT_OIDS))
    if known and statements.commitment.startswith(_COMMITMENT_OIDS):
        named = f"<xades:Identifier>http://uri.etsi.org/01903/v1.2.2#{known}</xades:Identifier>"
    else:
        named = f'<xades:Identifier Qualifier="OIDAsURN">urn:oid:{words(statements.commitment)}</xades:Identifier>'
    return (
        f"<xades:CommitmentTypeIndication><xades:CommitmentTypeId>{named}</xades:CommitmentTypeId>"
        "<xades:AllSignedDataObjects></xades:AllSignedDataObjects></xades:CommitmentTypeIndication>"
    )


def _content_stamp(name: str, statements: Statements, objects: Sequence[SignedData]) -> str:
    if statements.stamp_content is None:
        return ""
    if statements.stamp_each:
        found = ""
        for number, one in enumerate(objects, 1):
            token = stamped(statements.stamp_content, hashlib.sha256(one.octets).digest())
            identifier = f"{name}-content-stamp-{number}"
            found += stamp("IndividualDataObjectsTimeStamp", identifier, EXCLUSIVE, token, one.identifier)
        return found
    over = hashlib.sha256(b"".join(one.octets for one in objects)).digest()
    token = stamped(statements.stamp_content, over)
    return stamp("AllDataObjectsTimeStamp", f"{name}-content-stamp", EXCLUSIVE, token)
