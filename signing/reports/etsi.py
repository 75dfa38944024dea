"""
The report of ETSI TS 119 102-2 V1.4.1: XML in the vocabulary that other validators and archives read.

One SignatureValidationReport for each signature and each document time stamp, in the order of the document; where there
is none, one that says so. What was used (certificates, time stamps, revocation lists) follows as validation objects, in
full.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from base.texts import Lang
from signing.reports.base import NamedReport, ReportFormat
from signing.reports.etsi_constraints import constraints
from signing.reports.etsi_objects import ObjectList
from signing.reports.etsi_words import (
    DS,
    PROCESS_ARCHIVE,
    PROCESS_BASIC,
    PROCESS_WITH_TIME,
    SHA256,
    TIMESTAMP,
    VR,
    add,
    instant,
    main_indication,
    root,
    serialised,
    sub_indication,
)
from signing.validation.facts import SignerFacts
from signing.validation.located import SignatureKind
from signing.validation.report import Report, SignatureReport


def render(report: Report, lang: Lang, name: str) -> bytes:
    """UTF-8 with an XML declaration. Source: TS 119 102-2 §4."""
    return render_all([NamedReport(name, report)], lang)


def render_all(several: Sequence[NamedReport], _lang: Lang) -> bytes:
    """One ValidationReport: which document a signature is of stands in its SignersDocument, by digest (§4.2.8)."""
    whole = root()
    objects = ObjectList()
    for report in (one.report for one in several):
        for signature in (*report.signatures, *report.stamps):
            _signature(whole, report, signature, objects)
        if not report.signatures and not report.stamps:
            _status(add(whole, "SignatureValidationReport"), report.indication, report.sub_indication)
    if objects.entries:
        whole.append(objects.as_element())
    return serialised(whole)


def _signature(whole: Element, report: Report, signature: SignatureReport, objects: ObjectList) -> None:
    """In the order that the schema wants."""
    one = add(whole, "SignatureValidationReport")
    case = signature.judgement.case
    signer = case.facts.signer
    for stamp in (*case.facts.stamps, *(archive.stamp for archive in case.facts.archives)):
        objects.add_stamp(stamp)
    _identifier(one, signer)
    constraints(one, signature.judgement, report.policy)
    times = add(one, "ValidationTimeInfo")
    add(times, "ValidationTime", instant(report.moment))
    best = add(times, "BestSignatureTime")
    add(best, "POETime", instant(case.best_time))
    add(best, "TypeOfProof", "urn:etsi:019102:poetype:validation")
    if case.proven and case.facts.stamps and signature.kind is SignatureKind.SIGNATURE:
        add(best, "POEObject", VOReference=objects.name_of(TIMESTAMP, _proof(signature)))
    if signer.signed is not None:
        document = add(one, "SignersDocument")
        objects.digest(add(document, "DigestAlgAndValue"), SHA256, bytes.fromhex(report.document_digest))
        _attributes(one, signature, objects)
    if signer.chain is not None:
        person = add(one, "SignerInformation")
        add(person, "SignerCertificate", VOReference=objects.add_certificate(signer.chain.leaf.der))
        add(person, "Signer", signature.signer)
    process = PROCESS_WITH_TIME if case.facts.stamps else PROCESS_BASIC
    process = PROCESS_ARCHIVE if case.facts.archives else process
    add(add(one, "SignatureValidationProcess"), "SignatureValidationProcessID", process)
    status = _status(one, signature.indication, signature.sub_indication)
    _chain(status, signer, objects)


def _identifier(one: Element, signer: SignerFacts) -> None:
    """The signature by its value, and by the digest of what the value was made over."""
    if signer.signed is None:
        return
    identifier = add(one, "SignatureIdentifier")
    if signer.signed.message is not None:
        signed = hashlib.sha256(signer.signed.message).digest()
        ObjectList.digest(add(identifier, "DigestAlgAndValue"), SHA256, signed)
    add(identifier, f"{{{DS}}}SignatureValue", base64.b64encode(signer.signed.signature).decode())
    add(identifier, "HashOnly", "false")
    add(identifier, "DocHashOnly", "false")


def _attributes(one: Element, signature: SignatureReport, objects: ObjectList) -> None:
    case = signature.judgement.case
    found = Element(f"{{{VR}}}SignatureAttributes")
    if signature.claimed_time is not None:
        add(add(found, "SigningTime", Signed="true"), "Time", instant(signature.claimed_time))
    if signature.kind is SignatureKind.SIGNATURE:
        for stamp in case.facts.stamps:
            if stamp.time is not None and stamp.token:
                entry = add(found, "SignatureTimeStamp")
                add(entry, "AttributeObject", VOReference=objects.name_of(TIMESTAMP, stamp.token))
                add(entry, "TimeStampValue", instant(stamp.time))
    if signature.reason:
        add(add(found, "Reason", Signed="true"), "ReasonElement", signature.reason)
    if len(found):
        one.append(found)


def _status(one: Element, indication: object, sub: object) -> Element:
    status = add(one, "SignatureValidationStatus")
    add(status, "MainIndication", main_indication(str(indication)))
    if sub is not None:
        add(status, "SubIndication", sub_indication(str(sub)))
    return status


def _chain(status: Element, signer: SignerFacts, objects: ObjectList) -> None:
    """The path that was found, from the signer up; the last one is an anchor only if it is trusted."""
    if signer.chain is None:
        return
    names = [objects.add_certificate(link.der) for link in signer.chain.links]
    data = add(status, "AssociatedValidationReportData")
    if signer.chain.trusted:
        add(data, "TrustAnchor", VOReference=names[-1])
    chain = add(data, "CertificateChain")
    add(chain, "SigningCertificate", VOReference=names[0])
    between = names[1:-1] if signer.chain.trusted else names[1:]
    for name in between:
        add(chain, "IntermediateCertificate", VOReference=name)
    if signer.chain.trusted:
        add(chain, "TrustAnchor", VOReference=names[-1])
    for state in signer.revocation:
        if state.at is not None:
            entry = add(data, "RevocationStatusInformation")
            add(entry, "ValidationObjectId", VOReference=names[state.position])
            add(entry, "RevocationTime", instant(state.at))
            add(entry, "RevocationReason", f"urn:etsi:019102:revocationReason:{state.reason or 'unspecified'}")
            break


def _proof(signature: SignatureReport) -> bytes:
    """The token whose time counts."""
    case = signature.judgement.case
    stamps = (*case.facts.stamps, *(archive.stamp for archive in case.facts.archives))
    return next(stamp.token for stamp in stamps if stamp.time == case.best_time)


ETSI = ReportFormat("etsi", ("application/xml", "text/xml"), ".xml", render, render_all)
