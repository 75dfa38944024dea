"""
Verify a document: gather (locate, parse, fetch lists) → judge (the table) → report. Keeps nothing, never raises.

1. The first format that recognises the document locates its signatures, oldest first.
2. Anchors: those given, else our own; our own authorities and lists are always at hand.
3. Lists that are missing for a *trusted* path are fetched from where its certificates say, unless offline.
4. Each signature is gathered and judged; the worst verdict is the document's.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from base.errors import AntinError
from base.http import HttpClient
from signing.formats import FORMATS
from signing.validation.facts import SignatureFacts, SignerFacts, Trust
from signing.validation.findings import Finding, finding
from signing.validation.indications import Indication, SubIndication
from signing.validation.judge import judge
from signing.validation.located import SignatureKind
from signing.validation.report import Report, overall, signature_report
from signing.validation.revocation import Status

log = logging.getLogger("antin.verify")
MOST_FETCHES = 6


@dataclass(frozen=True, slots=True)
class TrustSource:
    """
    What our own installation adds: DER of its roots, its authorities' certificates and its current revocation lists.

    Empty on a machine without one; verification then stands on the given anchors alone.
    """

    anchors: tuple[bytes, ...] = ()
    known: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()


NO_SOURCE = TrustSource()


def verify_document(
    document: bytes,
    *,
    moment: int,
    own: TrustSource = NO_SOURCE,
    anchors: Sequence[bytes] = (),
    lists: Sequence[bytes] = (),
    detached: bytes | None = None,
    http: HttpClient | None = None,
) -> Report:
    """
    Verify every signature of a document.

    moment:  time of validation, epoch seconds. anchors: DER of trusted roots; none means our own.
    lists:   DER of further revocation lists. http: None means offline.
    Returns: always a Report; an error on our side becomes INDETERMINATE / GENERIC.
    """
    trust = Trust(
        anchors=tuple(anchors) or own.anchors,
        known=own.known,
        lists=(*own.lists, *lists),
        moment=moment,
        asked_online=http is not None,
    )
    try:
        return _verify(document, trust, detached, http)
    except (Exception, RecursionError, MemoryError) as error:
        # the last net: whatever a hostile file provokes, people get a verdict, and it is never "passed"
        log.exception("verification failed on our side")
        return _only(document, trust, finding("internal", debug=type(error).__name__))


def _verify(document: bytes, trust: Trust, detached: bytes | None, http: HttpClient | None) -> Report:
    signature_format = next((entry for entry in FORMATS if entry.recognises(document)), None)
    if signature_format is None:
        return _only(document, trust, finding("unknown_format"))
    try:
        located = signature_format.locate(document)
    except AntinError as error:
        code = "document_encrypted" if error.code == "pdf_encrypted" else "document_unreadable"
        return _only(document, trust, finding(code, debug=f"{error.code} {error.hint}"))
    if not located:
        return _only(document, trust, finding("no_signature"))
    from signing.validation.gather import gather  # its libraries are loaded by the first document (formats/pades.py)

    facts = [gather(document, item, trust) for item in located]
    if http is not None and (fetched := _fetch_missing(facts, http)):
        trust = replace(trust, lists=(*trust.lists, *fetched))
        facts = [gather(document, item, trust) for item in located]
    reports = [signature_report(judge(item)) for item in facts]
    signatures = tuple(item for item in reports if item.kind is SignatureKind.SIGNATURE)
    stamps = tuple(item for item in reports if item.kind is SignatureKind.DOCUMENT_TIMESTAMP)
    notes = (finding("detached_unused"),) if detached is not None else ()
    if not signatures:
        return replace(_only(document, trust, finding("no_signature")), stamps=stamps)
    indication, sub_indication = overall(signatures, stamps)
    return _report(document, trust, indication, sub_indication, notes, signatures=signatures, stamps=stamps)


def _fetch_missing(facts: Iterable[SignatureFacts], http: HttpClient) -> tuple[bytes, ...]:
    """Lists for trusted paths that have none. An address from an untrusted certificate is never visited."""
    addresses: dict[str, None] = {}
    for item in facts:
        for signer in (item.signer, *(stamp.signer for stamp in item.stamps)):
            addresses.update(dict.fromkeys(_missing(signer)))
    found: list[bytes] = []
    for address in list(addresses)[:MOST_FETCHES]:
        try:
            answer = http.get(address)
        except AntinError as error:
            log.info("revocation list not fetched: %s", error.code)
            continue
        if answer.status == 200:
            found.append(answer.body)
    return tuple(found)


def _missing(signer: SignerFacts) -> Iterable[str]:
    chain = signer.chain
    if chain is None or not chain.trusted or chain.defect:
        return
    for state in signer.revocation:
        if state.status is Status.UNKNOWN:
            yield from chain.links[state.position].crl_addresses


def _only(document: bytes, trust: Trust, found: Finding) -> Report:
    """A report about the document as a whole."""
    return _report(document, trust, found.indication or Indication.INDETERMINATE, found.sub_indication, (found,))


def _report(
    document: bytes,
    trust: Trust,
    indication: Indication,
    sub_indication: SubIndication | None,
    findings: tuple[Finding, ...],
    **signatures: object,
) -> Report:
    return Report(
        indication=indication,
        sub_indication=sub_indication,
        document_digest=hashlib.sha256(document).hexdigest(),
        document_size=len(document),
        moment=trust.moment,
        findings=findings,
        **signatures,  # type: ignore[arg-type]  # signatures and stamps, named by the callers above
    )


def own_trust(
    anchors: Callable[[], Iterable[bytes]],
    issuers: Callable[[], Iterable[bytes]],
    crl: Callable[[str], bytes],
    names: Callable[[], Iterable[str]],
) -> TrustSource:
    """Our own installation as a source of trust: its roots, authorities and current revocation lists (keys.api)."""
    return TrustSource(tuple(anchors()), tuple(issuers()), tuple(crl(name) for name in names()))
