"""
What the revisions after a signature did to the document, judged revision by revision.

The allow-list is pyHanko's: validation data, document time stamps, further signatures, filled form fields; everything
else (pages, content, catalogue) is forbidden. On top: what a field looks like (pdf_looks), and annotations where a
certification permits them (pdf_annotations).
Source: ISO 32000-2 §12.8.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    FormUpdate,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, enumerate_sig_fields

from signing.formats.pdf_annotations import AnnotationRule
from signing.formats.pdf_looks import data_fields, masked, painted_over
from signing.validation.located import Changes


@dataclass(frozen=True, slots=True)
class Locks:
    """What a signature forbids later revisions: DocMDP permission and field locks."""

    permission: MDPPerm | None
    fields: FieldMDPSpec | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a run of revisions, and what was touched (field names, or why it is forbidden)."""

    changes: Changes
    things: tuple[str, ...] = ()


class _OfThisRevision(FormUpdatingRule):
    """
    The library's rule, asked only about objects that the revision wrote.

    It also names what a field leads to and nobody touched, and takes that for a change of a locked field: then nothing
    at all could follow a lock.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        written = {*new.explicit_refs_in_revision(), *new.refs_freed_in_revision()}
        return [pair for pair in super().apply(old, new) if pair[1].updated_ref in written]


_WITH_LOCKS = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=_OfThisRevision([SigFieldCreationRule(), SigFieldModificationRule(), GenericFieldModificationRule()]),
)
_ORDER = tuple(Changes)
NOTHING = Judged(Changes.NONE)


class ChangeJudge:
    """Judges each step between two revisions once and adds the steps up; make one per document."""

    def __init__(self, reader: PdfFileReader) -> None:
        self._reader = reader
        self._steps: dict[int, Judged] = {}
        self._signature_fields: set[str] | None = None

    def since(self, revision: int, locks: Locks) -> Judged:
        """Everything after `revision`: the worst step, and all things touched."""
        total = NOTHING
        for later in range(revision + 1, self._reader.xrefs.total_revisions):
            step = self._step(later, locks)
            worst = max(total.changes, step.changes, key=_ORDER.index)
            total = Judged(worst, tuple(dict.fromkeys((*total.things, *step.things))))
            if worst in (Changes.FORBIDDEN, Changes.UNKNOWN):
                return Judged(worst, step.things)
        return total

    def _step(self, revision: int, locks: Locks) -> Judged:
        unlocked = locks.permission is None and locks.fields is None
        if unlocked and revision in self._steps:
            return self._steps[revision]
        old = self._reader.get_historical_resolver(revision - 1)
        new = self._reader.get_historical_resolver(revision)
        try:
            judged = self._compare(old, new, locks)
        except SuspiciousModification as error:
            judged = Judged(Changes.FORBIDDEN, (str(error)[:300],))
        except MemoryError:
            raise
        except (Exception, RecursionError) as error:  # the library's rules stumble over odd objects in many ways
            judged = Judged(Changes.UNKNOWN, (f"{type(error).__name__}: {str(error)[:200]}",))
        if unlocked:
            self._steps[revision] = judged
        return judged

    def _compare(self, old: HistoricalResolver, new: HistoricalResolver, locks: Locks) -> Judged:
        policy = _WITH_LOCKS if locks.fields is not None else DEFAULT_DIFF_POLICY
        notes, permission = AnnotationRule(), locks.permission
        if permission is MDPPerm.ANNOTATE:
            policy = StandardDiffPolicy([*policy.global_rules, notes], policy.form_rule)
            permission = MDPPerm.FILL_FORMS  # the library knows no more than that it is a certification
        result = policy.apply(old, new, field_mdp_spec=locks.fields, doc_mdp=permission)
        level = result.modification_level
        if level.value > level_allowed(locks.permission):
            return Judged(Changes.FORBIDDEN, (f"modification level {level.name}",))
        things = tuple(sorted(str(name) for name in result.changed_form_fields))
        if level is ModificationLevel.NONE:
            return NOTHING
        if painted := painted_over(old, new):
            return Judged(
                Changes.FORBIDDEN, tuple(f"field {name} is drawn though nobody signed in it" for name in painted)
            )
        if level is ModificationLevel.LTA_UPDATES:
            return Judged(Changes.VALIDATION_DATA, things)
        data = [name for name in things if name not in self._names_of_signature_fields()]
        before, after = (data_fields(old), data_fields(new)) if data else ({}, {})
        if replaced := masked(before, after):
            return Judged(Changes.FORBIDDEN, tuple(f"appearance of field {name} replaced" for name in replaced))
        filled = {name for name in data if before.get(name) != after.get(name)}
        things = tuple(name for name in things if name in filled or name not in data)
        if notes.added:
            return Judged(Changes.ANNOTATIONS, (*notes.added, *things))
        return Judged(Changes.FORM_FILLING if filled else Changes.SIGNATURES, things)

    def _names_of_signature_fields(self) -> set[str]:
        if self._signature_fields is None:
            self._signature_fields = {str(name) for name, _value, _field in enumerate_sig_fields(self._reader)}
        return self._signature_fields


def level_allowed(permission: MDPPerm | None) -> int:
    """The highest modification level that a DocMDP permission allows; approval signatures allow form filling."""
    return ModificationLevel.FORM_FILLING.value if permission is None else int(permission.value)
