"""
What happens to a stranger's document itself: locate, gather, judge. Touches no network, no database and no clock, so it
can run in a process under limits (confine.py); what has to be fetched is asked of whoever began it.

1. The first format that recognises the document locates its signatures, oldest first.
2. Each is gathered; what is missing for a *trusted* path (answers, lists) is asked for, each address once and in a few
   rounds (missing.py), then all is gathered again.
3. Each is judged; the worst verdict is the document's.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace

from base.errors import AntinError
from signing.formats import FORMATS
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import SignatureFacts, Trust
from signing.validation.findings import Finding, finding
from signing.validation.indications import Indication, SubIndication, worst
from signing.validation.judge import judge
from signing.validation.located import Beside, Coverage, LocatedSignature, SignatureKind
from signing.validation.missing import (
    Found,
    Wanted,
    hosts_named_by,
    issuers_among,
    names_of,
    usable,
    wanted_for,
)
from signing.validation.policy import Level
from signing.validation.report import Report, overall, signature_report

_UNREADABLE = {
    "pdf_encrypted": "document_encrypted",
    "pdf_password_wrong": "password_wrong",
    "pdf_encryption_unknown": "encryption_unknown",
    "container_unsafe": "container_unsafe",
}
_BESIDE = (Coverage.DETACHED, Coverage.DIGEST)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A document and what it is judged against. digests: over it, made once."""

    document: bytes = field(repr=False)
    beside: Beside
    trust: Trust
    digests: DocumentDigests = field(repr=False)


Asked = tuple[Wanted, ...]
Fetched = tuple[Found, ...]
MOST_FETCHES = 12
"""Addresses that one document may make us visit."""


def look_inside(inquiry: Inquiry) -> Generator[Asked, Fetched, Report]:
    """Yields what is missing and may be fetched, is sent what was found, a few times; returns the report."""
    document, digests, trust = inquiry.document, inquiry.digests, inquiry.trust
    signature_format = next((entry for entry in FORMATS if entry.recognises(document)), None)
    if signature_format is None:
        return only(inquiry, finding("unknown_format"))
    try:
        located = signature_format.locate(document, inquiry.beside)
    except AntinError as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from error  # says nothing about the document
        if error.code == "other_kind":
            return only(inquiry, finding("profile_unsupported", error.hint, debug=error.hint))
        code = _UNREADABLE.get(error.code, "document_unreadable")
        return only(inquiry, finding(code, debug=f"{error.code} {error.hint}"))
    if not located:
        return only(inquiry, finding("no_signature"))
    located, lost = _with_records(located, inquiry)
    from signing.validation.gather import gather  # its libraries are loaded by the first document (formats/pades.py)

    facts = [gather(digests, item, trust) for item in located]
    tried: set[str] = set()
    while trust.asked_online and (wanted := _wanted(facts, trust, tried)):
        tried.update(map(names_of, wanted))
        found = yield wanted
        lists, known = usable(found), issuers_among(found)
        if lists or known:
            trust = replace(trust, lists=(*trust.lists, *lists), known=(*trust.known, *known))
            facts = [gather(digests, item, trust) for item in located]
    reports = [signature_report(judge(item)) for item in facts]
    signatures = tuple(item for item in reports if item.kind is SignatureKind.SIGNATURE)
    stamps = tuple(item for item in reports if item.kind is SignatureKind.DOCUMENT_TIMESTAMP)
    if not signatures:
        return replace(only(inquiry, finding("no_signature")), stamps=stamps)
    unused = not inquiry.beside.empty and not any(item.coverage in _BESIDE for item in located)
    said = _said(trust, finding("detached_unused")) if unused else ()
    said += _said(trust, finding("record_unused")) if lost else ()
    failed = [(note.indication, note.sub_indication) for note in said if note.indication is not None]
    indication, sub_indication = worst([overall(signatures, stamps), *failed])
    return _report(inquiry, indication, sub_indication, said, signatures=signatures, stamps=stamps)


def _with_records(located: list[LocatedSignature], inquiry: Inquiry) -> tuple[list[LocatedSignature], bool]:
    """The signatures with the evidence records that came along, and whether any of those is about something else."""
    if not inquiry.beside.records:
        return located, False
    from signing.validation.evidence_record import inputs_of  # its library is loaded by the first record

    found, lost = inputs_of(inquiry.beside.records, inquiry.document)
    return [replace(item, records=(*item.records, *found)) for item in located], lost


def only(inquiry: Inquiry, found: Finding) -> Report:
    """A report about the document as a whole."""
    return _report(inquiry, found.indication or Indication.INDETERMINATE, found.sub_indication, (found,))


def _said(trust: Trust, note: Finding) -> tuple[Finding, ...]:
    applied = trust.policy.applied(note)
    return (applied,) if applied is not None and applied.level is not Level.IGNORE else ()


def _wanted(facts: Iterable[SignatureFacts], trust: Trust, tried: set[str]) -> Asked:
    """What the paths of signers and stamps lack, at most MOST_FETCHES in all."""
    hosts = hosts_named_by((*trust.anchors, *trust.known)) | frozenset(trust.hosts)
    wanted: dict[str, Wanted] = {}
    for item in facts:
        for signer in item.signers:
            for one in wanted_for(signer.chain, signer.revocation, trust.moment, tried, hosts):
                wanted.setdefault(names_of(one), one)
    return tuple(wanted.values())[: max(MOST_FETCHES - len(tried), 0)]


def _report(
    inquiry: Inquiry,
    indication: Indication,
    sub_indication: SubIndication | None,
    findings: tuple[Finding, ...],
    **signatures: object,
) -> Report:
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        document_digest=inquiry.digests.whole(),
        document_size=inquiry.digests.size,
        moment=inquiry.trust.moment,
        policy=inquiry.trust.policy,
        findings=findings,
        **signatures,  # type: ignore[arg-type]  # signatures and stamps, named by the callers above
    )
