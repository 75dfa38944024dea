"""Each check that was carried out, as a validation constraint of TS 119 102-2 §4.2.5."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from signing.reports.etsi_words import add, main_indication, sub_indication
from signing.validation.judge import Judgement
from signing.validation.policy import Level

OURS = "urn:antin:validation-constraint"
APPLIED = "urn:etsi:019102:constraintStatus:applied"


def constraints(one: Element, judgement: Judgement) -> None:
    """A constraint for each check, named by its building block and its rule; what it said in both languages."""
    whole = add(one, "ValidationConstraintsEvaluationReport")
    for carried in judgement.carried:
        entry = add(whole, "ValidationConstraint")
        rule = carried.check.removeprefix("check_").replace("_", "-")
        add(entry, "ValidationConstraintIdentifier", f"{OURS}:{carried.block}:{rule}")
        add(add(entry, "ConstraintStatus"), "Status", APPLIED)
        said = carried.said
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
