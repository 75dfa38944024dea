"""
The result of a verification: one verdict for the document, and for each signature the fields that must be shown.

Source: Circular 15/2025/TT-BKHCN (minimum fields: issuing authority, signer, managing unit, time, integrity, validity
at signing, period of the certificate); EN 319 102-1 §5.1.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

from base.clock import VIETNAM
from signing.validation.case import Case
from signing.validation.domains import name_of
from signing.validation.findings import Finding
from signing.validation.indications import Indication, SubIndication, Verdict, worst
from signing.validation.judge import Carried, Judgement
from signing.validation.located import Changes, Coverage, SignatureKind
from signing.validation.plain_text import safe_text
from signing.validation.policy import Level
from signing.validation.policy_file import ValidationPolicy
from signing.validation.signed import ValidationData

UNLEVELLED = frozenset(("XMLDSig",))
"""Profiles without what every baseline level has: they are of none."""


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """
    One signature or document time stamp.

    signing_time: epoch seconds; time_source: `time-stamp`, `claimed` or `none`. integrity: `intact`, `altered`,
                  `unknown`.
    trust: `trusted`, `untrusted`; trust_domain: the group of anchors it stands on (domains.py), or empty.
    coverage and changes: words of `located`. certificate times in epoch seconds.
    judgement:    what the report was drawn from, for formats that say more (signing/reports).
    """

    kind: SignatureKind
    position: int
    field: str
    format: str
    level: str
    indication: Indication
    sub_indication: SubIndication | None
    signer: str
    organisation: str
    unit: str
    signing_time: int | None
    time_source: str
    claimed_time: int | None
    stamp_authority: str
    integrity: str
    coverage: Coverage
    changes: Changes
    changed_things: tuple[str, ...]
    trust: str
    trust_domain: str
    valid_at_signing: bool
    issuer: str
    serial: str
    certificate_from: int | None
    certificate_until: int | None
    certificate_sha256: str
    algorithm: str
    reason: str
    location: str
    findings: tuple[Finding, ...]
    judgement: Judgement = dataclass_field(repr=False, compare=False)

    @property
    def files(self) -> tuple[str, ...]:
        """In a container, the names of those it covers."""
        return tuple(safe_text(name) for name in self.judgement.case.facts.located.files)

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON; times as ISO 8601 with the Vietnamese offset."""
        return {
            "kind": str(self.kind),
            "position": self.position,
            "field": self.field,
            "format": self.format,
            "level": self.level,
            "indication": str(self.indication),
            "sub_indication": _word(self.sub_indication),
            "signer": self.signer,
            "organisation": self.organisation,
            "unit": self.unit,
            "signing_time": iso(self.signing_time),
            "time_source": self.time_source,
            "claimed_time": iso(self.claimed_time),
            "time_stamp_authority": self.stamp_authority,
            "integrity": self.integrity,
            "coverage": str(self.coverage),
            "files": list(self.files),
            "changes_after": str(self.changes),
            "changed": list(self.changed_things),
            "trust": self.trust,
            "trust_domain": _domain(self.trust_domain),
            "valid_at_signing": self.valid_at_signing,
            "issuer": self.issuer,
            "certificate": {
                "serial": self.serial,
                "not_before": iso(self.certificate_from),
                "not_after": iso(self.certificate_until),
                "sha256": self.certificate_sha256,
            },
            "algorithm": self.algorithm,
            "reason": self.reason,
            "location": self.location,
            "findings": [_finding(found) for found in self.findings],
            "checks": [
                {"block": one.block, "check": one.check, "result": result_of(one)} for one in self.judgement.carried
            ],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """
    The whole. document_digest: SHA-256, hexadecimal; moment: epoch seconds of validation.

    findings are about the document as a whole; signatures and stamps are oldest first. policy: what was judged by.
    """

    indication: Indication
    sub_indication: SubIndication | None
    document_digest: str
    document_size: int
    moment: int
    policy: ValidationPolicy
    signatures: tuple[SignatureReport, ...] = ()
    stamps: tuple[SignatureReport, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 2 indeterminate."""
        return {Indication.TOTAL_PASSED: 0, Indication.TOTAL_FAILED: 1, Indication.INDETERMINATE: 2}[self.indication]

    @property
    def stamp_time(self) -> int | None:
        """The proven time of the newest signature, if a time stamp proves it."""
        newest = self.signatures[-1] if self.signatures else None
        return newest.signing_time if newest and newest.time_source == "time-stamp" else None

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "indication": str(self.indication),
            "sub_indication": _word(self.sub_indication),
            "document_digest": self.document_digest,
            "document_size": self.document_size,
            "validated_at": iso(self.moment),
            "policy": {"name": self.policy.name, "sha256": self.policy.digest, "algorithms": self.policy.suite.name},
            "signatures": [signature.as_json() for signature in self.signatures],
            "document_time_stamps": [stamp.as_json() for stamp in self.stamps],
            "findings": [_finding(found) for found in self.findings],
        }


def signature_report(judgement: Judgement) -> SignatureReport:
    """What is shown of one judged signature."""
    case = judgement.case
    facts, signer = case.facts, case.facts.signer
    located = facts.located
    leaf = signer.chain.leaf if signer.chain else None
    stamped = located.kind is SignatureKind.DOCUMENT_TIMESTAMP
    claimed = None if stamped else case.claimed_time
    time = case.best_time if case.proven else claimed
    return SignatureReport(
        kind=located.kind,
        position=located.position,
        field=safe_text(located.field),
        format=located.format,
        level="" if stamped or located.profile in UNLEVELLED else _level(case),
        indication=judgement.verdict[0],
        sub_indication=judgement.verdict[1],
        signer=leaf.subject if leaf else "",
        organisation=leaf.organisation if leaf else "",
        unit=leaf.unit if leaf else "",
        signing_time=time,
        time_source="time-stamp" if case.proven else ("claimed" if claimed is not None else "none"),
        claimed_time=claimed,
        stamp_authority=next((stamp.authority for stamp in (*case.stamps, *case.archives) if stamp.usable), ""),
        integrity=_integrity(judgement),
        coverage=located.coverage,
        changes=located.changes_after,
        changed_things=tuple(safe_text(thing) for thing in located.changed_things),
        trust="trusted" if signer.chain and signer.chain.trusted and not signer.chain.defect else "untrusted",
        trust_domain=_domain_of(judgement),
        valid_at_signing=bool(leaf and leaf.holds_at(case.best_time)) and not _is_revoked(judgement.findings),
        issuer=leaf.issuer if leaf else "",
        serial=leaf.serial if leaf else "",
        certificate_from=leaf.not_before if leaf else None,
        certificate_until=leaf.not_after if leaf else None,
        certificate_sha256=leaf.sha256 if leaf else "",
        algorithm=_algorithm(judgement),
        reason=safe_text(located.reason),
        location=safe_text(located.location),
        findings=judgement.findings,
        judgement=judgement,
    )


def _level(case: Case) -> str:
    """The baseline level by what is there; whether it is any good, the findings say."""
    if case.facts.located.store is not None:
        return _level_by_store(case, case.facts.located.store)
    if any(not archive.record for archive in case.facts.archives):
        return "B-LTA"
    if not case.stamps:
        return "B-B"
    signed = case.facts.signer.signed
    return "B-LT" if signed is not None and (signed.lists or signed.answers) else "B-T"


def _level_by_store(case: Case, store: ValidationData) -> str:
    """
    The same where validation data is held by the document: it counts if it is about this signature, and a time stamp
    over the document keeps it from B-T to B-LTA, by what it covers.
    """
    if not case.stamps and not case.archives:
        return "B-B"
    chain = case.facts.signer.chain
    held = {*store.lists, *store.answers}
    if chain is not None and chain.trusted:
        told = {state.position for state in case.facts.signer.history if state.source in held}
        lasting = bool(held) and told >= set(range(len(chain.links) - 1))
    else:
        lasting = bool(held)
    if not lasting:
        return "B-T"
    around = (archive for archive in case.facts.archives if not archive.record)
    return "B-LTA" if any(not held.isdisjoint(archive.covers) for archive in around) else "B-LT"


def overall(signatures: Sequence[SignatureReport], stamps: Sequence[SignatureReport]) -> Verdict:
    """
    The worst signature decides; a time stamp of the document only when it is false, not when it is merely
    unknown.
    """
    verdicts = [(signature.indication, signature.sub_indication) for signature in signatures]
    verdicts += [
        (stamp.indication, stamp.sub_indication) for stamp in stamps if stamp.indication is Indication.TOTAL_FAILED
    ]
    return worst(verdicts)


def result_of(carried: Carried) -> str:
    """`passed`, or how severe what the check said is: `fail`, `warn`, `inform`, `ignore`."""
    return "passed" if carried.said is None else carried.said.level.value.lower()


def iso(moment: int | None) -> str | None:
    """ISO 8601 in Vietnamese time."""
    return None if moment is None else datetime.fromtimestamp(moment, VIETNAM).isoformat()


def _integrity(judgement: Judgement) -> str:
    """Whether the content is what was signed: digest, value, container and later changes taken together."""
    codes = {found.code for found in judgement.findings}
    if codes & {
        "hash_mismatch",
        "file_changed",
        "changed_forbidden",
        "container",
        "signature_wrong",
        "document_stamp_broken",
    }:
        return "altered"
    signer = judgement.case.facts.signer
    outcomes = (signer.digest, signer.signature)
    whole = all(outcome is not None and outcome.holds for outcome in outcomes) and not codes & {
        "changed_unknown",
        "file_missing",
    }
    return "intact" if whole else "unknown"


def _domain_of(judgement: Judgement) -> str:
    chain = judgement.case.facts.signer.chain
    if chain is None or not chain.trusted or chain.defect:
        return ""
    return judgement.case.facts.trust.domains.get(chain.links[-1].der, "")


def _domain(domain: str) -> dict[str, str] | None:
    name = name_of(domain)
    return {"name": domain, "vi": name.vi, "en": name.en} if domain else None


def _is_revoked(findings: tuple[Finding, ...]) -> bool:
    return any(found.code in ("revoked", "revoked_no_poe", "authority_revoked", "suspended") for found in findings)


def _algorithm(judgement: Judgement) -> str:
    signer = judgement.case.facts.signer
    if signer.signed is None or signer.chain is None:
        return ""
    digest = signer.signed.digest_algorithm.upper()
    shown = digest.replace("_", "-") if digest.startswith("SHA3") else digest.replace("SHA", "SHA-")
    return f"{shown}, {signer.chain.leaf.key}"


def _word(sub_indication: SubIndication | None) -> str | None:
    return None if sub_indication is None else str(sub_indication)


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "level": str(found.level),
        "sub_indication": _word(found.sub_indication) if found.level is Level.FAIL else None,
        "vi": found.text.vi,
        "en": found.text.en,
        "advice_vi": found.advice.vi,
        "advice_en": found.advice.en,
    }
