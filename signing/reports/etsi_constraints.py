"""Each check that was carried out, as a validation constraint of TS 119 102-2 §4.2.5."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

from signing.reports.etsi_words import DS, SHA256, XADES, add, main_indication, sub_indication
from signing.validation.judge import Judgement
from signing.validation.policy import Level
from signing.validation.policy_file import ValidationPolicy

OURS = "urn:antin:validation-constraint"
APPLIED = "urn:etsi:019102:constraintStatus:applied"
DISABLED = "urn:etsi:019102:constraintStatus:disabled"


def constraints(one: Element, judgement: Judgement, policy: ValidationPolicy) -> None:
    """A constraint for each check, named by its building block and its rule; what it said in both languages."""
    whole = add(one, "ValidationConstraintsEvaluationReport")
    _policy(whole, policy)
    for carried in judgement.carried:
        entry = add(whole, "ValidationConstraint")
        rule = carried.check.removeprefix("check_").replace("_", "-")
        add(entry, "ValidationConstraintIdentifier", f"{OURS}:{carried.block}:{rule}")
        said = carried.said
        disabled = said is not None and said.level is Level.IGNORE
        add(add(entry, "ConstraintStatus"), "Status", DISABLED if disabled else APPLIED)
        if disabled:
            continue
        status = add(entry, "ValidationStatus")
        if said is None or said.level is not Level.FAIL:
            add(status, "MainIndication", main_indication("passed"))
        else:
            add(status, "MainIndication", main_indication(str(said.indication).removeprefix("TOTAL-")))
            add(status, "SubIndication", sub_indication(str(said.sub_indication)))
        if said is not None:
            data = add(add(status, "AssociatedValidationReportData"), "AdditionalValidationReportData")
            for lang, sentence in (("vi", said.text.vi), ("en", said.text.en)):
                entry = add(data, "ReportData")
                add(entry, "Type", f"{OURS}:finding:{said.level.value.lower()}:{lang}")
                add(entry, "Value", sentence)


def _policy(whole: Element, policy: ValidationPolicy) -> None:
    """What was judged by, by name and digest (TS 119 102-2 §4.2.5.2; the identifier as XAdES has it)."""
    entry = add(whole, "SignatureValidationPolicy")
    identified = add(add(entry, "SignaturePolicyIdentifier"), f"{{{XADES}}}SignaturePolicyId")
    add(add(identified, f"{{{XADES}}}SigPolicyId"), f"{{{XADES}}}Identifier", f"{OURS}:policy:{policy.digest}")
    digest = add(identified, f"{{{XADES}}}SigPolicyHash")
    add(digest, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    add(digest, f"{{{DS}}}DigestValue", base64.b64encode(bytes.fromhex(policy.digest)).decode())
    add(entry, "PolicyName", f"{policy.name} ({policy.suite.name})")
