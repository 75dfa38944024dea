"""Signatures in a container of several files. Source: EN 319 162-1 §4.4, Annex A.4; EN 319 102-1 §5.2.7.4."""

from __future__ import annotations

from signing.validation.case import Case
from signing.validation.findings import Finding, finding

MOST_NAMES = 10


def check_everything_is_covered(case: Case) -> Finding | None:
    """No file of the container is without a signature: whoever opens it would take it for signed."""
    uncovered = case.facts.located.uncovered
    return finding("files_uncovered", shown(uncovered)) if uncovered else None


def note_files_of_others(case: Case) -> Finding | None:
    """Files that this signature does not cover, though another one in the container does."""
    others = case.facts.located.other_files
    return finding("files_of_others", shown(others)) if others else None


def check_listed_files_are_there(case: Case) -> Finding | None:
    """Every file that the signed manifest names is in the container."""
    missing = tuple(name for name, _algorithm, outcome in case.facts.listed if outcome is None)
    return finding("file_missing", shown(missing)) if missing else None


def check_listed_files(case: Case) -> Finding | None:
    """Every file has the digest that the signed manifest states."""
    unlike = [(name, outcome) for name, _algorithm, outcome in case.facts.listed if outcome and not outcome.holds]
    changed = tuple(name for name, outcome in unlike if not outcome.unknown)
    if changed:
        return finding("file_changed", shown(changed))
    return finding("algorithm_unknown", unlike[0][1].why[:60]) if unlike else None


def check_listed_algorithms(case: Case) -> Finding | None:
    """The digests of the manifest counted when the signature is proven to have existed (EN 319 102-1 §5.2.8.4)."""
    compared = [algorithm for _name, algorithm, outcome in case.facts.listed if outcome and not outcome.unknown]
    suite = case.facts.trust.policy.suite
    weak = [algorithm for algorithm in compared if suite.digest_until(algorithm) <= case.best_time]
    return finding("algorithm_weak_no_poe", weak[0].upper()) if weak else None


def shown(names: tuple[str, ...]) -> str:
    """The first few names, for a sentence."""
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")


CRYPTOGRAPHY_CHECKS = (check_listed_files_are_there, check_listed_files)
ACCEPTANCE_CHECKS = (check_everything_is_covered, note_files_of_others, check_listed_algorithms)
