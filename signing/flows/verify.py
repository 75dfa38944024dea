"""
Verify a document: gather (locate, parse, fetch lists) → judge (the table) → report. Keeps nothing, never raises.

1. The first format that recognises the document locates its signatures, oldest first.
2. Anchors: those given, else our own; our own authorities and lists are always at hand.
3. Lists that are missing for a *trusted* path are fetched from where its certificates say, unless offline.
4. Each signature is gathered and judged; the worst verdict is the document's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from base.errors import AntinError
from base.http import HttpClient
from signing.flows.fetch_lists import fetch_lists, missing_lists
from signing.flows.own_trust import NO_SOURCE, TrustSource
from signing.formats import FORMATS
from signing.validation.document_digests import DocumentDigests
from signing.validation.facts import SignatureFacts, Trust
from signing.validation.findings import Finding, finding
from signing.validation.indications import Indication, SubIndication, worst
from signing.validation.judge import judge
from signing.validation.located import ALONE, Beside, Coverage, SignatureKind
from signing.validation.policy import Level
from signing.validation.policy_file import ValidationPolicy, built_in_policy
from signing.validation.report import Report, overall, signature_report

log = logging.getLogger("antin.verify")
_UNREADABLE = {"pdf_encrypted": "document_encrypted", "container_unsafe": "container_unsafe"}
_BESIDE = (Coverage.DETACHED, Coverage.DIGEST)


def verify_document(
    document: bytes,
    *,
    moment: int,
    own: TrustSource = NO_SOURCE,
    anchors: Sequence[bytes] = (),
    lists: Sequence[bytes] = (),
    beside: Beside = ALONE,
    http: HttpClient | None = None,
    policy: ValidationPolicy | None = None,
) -> Report:
    """
    Verify every signature of a document.

    moment:  time of validation, epoch seconds. anchors: DER of trusted roots; none means our own.
    lists:   DER of further revocation lists. http: None means offline.
    beside:  what was brought along with a detached signature. policy: what is judged by; None means ours.
    Returns: always a Report; an error on our side becomes INDETERMINATE / GENERIC.
    """
    trust = Trust(
        anchors=tuple(anchors) or own.anchors,
        known=own.known,
        lists=(*own.lists, *lists),
        moment=moment,
        asked_online=http is not None,
        domains=own.domains,
        granted={} if anchors else own.granted,  # what was given for this one verification is limited by nobody
        late={} if anchors else own.late,
        policy=policy or built_in_policy(),
    )
    digests = DocumentDigests(document)
    try:
        return _verify(document, digests, trust, beside, http)
    except (Exception, RecursionError, MemoryError) as error:
        # the last net: whatever a hostile file provokes, people get a verdict, and it is never "passed"
        log.exception("verification failed on our side")
        return _only(digests, trust, finding("internal", debug=type(error).__name__))


def _verify(document: bytes, digests: DocumentDigests, trust: Trust, beside: Beside, http: HttpClient | None) -> Report:
    signature_format = next((entry for entry in FORMATS if entry.recognises(document)), None)
    if signature_format is None:
        return _only(digests, trust, finding("unknown_format"))
    try:
        located = signature_format.locate(document, beside)
    except AntinError as error:
        code = _UNREADABLE.get(error.code, "document_unreadable")
        return _only(digests, trust, finding(code, debug=f"{error.code} {error.hint}"))
    if not located:
        return _only(digests, trust, finding("no_signature"))
    from signing.validation.gather import gather  # its libraries are loaded by the first document (formats/pades.py)

    facts = [gather(digests, item, trust) for item in located]
    if http is not None and (fetched := fetch_lists(_missing(facts, trust.moment), http)):
        trust = replace(trust, lists=(*trust.lists, *fetched))
        facts = [gather(digests, item, trust) for item in located]
    reports = [signature_report(judge(item)) for item in facts]
    signatures = tuple(item for item in reports if item.kind is SignatureKind.SIGNATURE)
    stamps = tuple(item for item in reports if item.kind is SignatureKind.DOCUMENT_TIMESTAMP)
    unused = not beside.empty and not any(item.coverage in _BESIDE for item in located)
    notes = (trust.policy.applied(finding("detached_unused")),) if unused else ()
    if not signatures:
        return replace(_only(digests, trust, finding("no_signature")), stamps=stamps)
    said = tuple(note for note in notes if note is not None and note.level is not Level.IGNORE)
    failed = [(note.indication, note.sub_indication) for note in said if note.indication is not None]
    indication, sub_indication = worst([overall(signatures, stamps), *failed])
    return _report(digests, trust, indication, sub_indication, said, signatures=signatures, stamps=stamps)


def _missing(facts: Iterable[SignatureFacts], moment: int) -> Iterable[str]:
    """Addresses of the lists that the trusted paths of signers and stamps lack."""
    for item in facts:
        for signer in item.signers:
            yield from missing_lists(signer.chain, signer.revocation, moment)


def _only(digests: DocumentDigests, trust: Trust, found: Finding) -> Report:
    """A report about the document as a whole."""
    return _report(digests, trust, found.indication or Indication.INDETERMINATE, found.sub_indication, (found,))


def _report(
    digests: DocumentDigests,
    trust: Trust,
    indication: Indication,
    sub_indication: SubIndication | None,
    findings: tuple[Finding, ...],
    **signatures: object,
) -> Report:
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        document_digest=digests.whole(),
        document_size=digests.size,
        moment=trust.moment,
        policy=trust.policy,
        findings=findings,
        **signatures,  # type: ignore[arg-type]  # signatures and stamps, named by the callers above
    )
