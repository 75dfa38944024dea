"""
The policy that a verification is judged by: the level of each finding and how long each algorithm counts.

An operator's file changes levels, by codes of policy.py and no others. What makes a verdict mean anything (the digest,
the value, the path to an anchor, the shape of the file) stays at FAIL whatever a file says: a "valid" that stands on
less would be no verdict. Source: EN 319 102-1 §5.1.4.2 (constraints from a policy); levels as EU DSS names them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from signing.validation.algorithms import PolicyUnreadable, Suite, built_in_suite, read_toml
from signing.validation.findings import Finding
from signing.validation.indications import Indication, SubIndication
from signing.validation.policy import POLICY, Level, Rule

BUILT_IN = "antin"
ALWAYS_FAIL = frozenset(
    (
        *(code for code, rule in POLICY.items() if rule.indication is Indication.TOTAL_FAILED),
        *("profile_unsupported", "content_missing", "no_signing_certificate", "ess_missing", "ess_mismatch"),
        *("no_anchors", "chain_not_found", "chain_defect", "anchor_not_granted", "algorithm_unknown"),
        *("revoked_no_poe", "authority_revoked", "suspended", "revocation_unknown", "revocation_stale"),
        *("certificate_expired", "certificate_not_yet", "changed_unknown", "stamp_broken", "stamp_from_future"),
        *("content_stamp_broken", "archive_broken", "document_stamp_broken", "document_stamp_unusable"),
        *("no_signature", "unknown_format", "document_encrypted", "beyond_limits", "internal"),
        *("password_wrong", "encryption_unknown"),
    )
)
"""Codes that no file can make milder."""
_RAISED = Rule(Level.FAIL, Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)
"""What a finding leads to that a file has made a failure (EN 319 102-1 Table 6: constraints of the policy)."""


@dataclass(frozen=True, slots=True)
class ValidationPolicy:
    """name: as reports show it. changed: the rules that differ from policy.py. suite: how long algorithms count."""

    name: str
    changed: Mapping[str, Rule] = field(default_factory=dict, repr=False)
    suite: Suite = field(default_factory=built_in_suite, repr=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """The digest names exactly what was judged by: every level, every date (SHA-256, hexadecimal)."""
        rules = {**POLICY, **self.changed}
        said = [f"{code} {rule.level} {rule.indication} {rule.sub_indication}" for code, rule in sorted(rules.items())]
        text = "\n".join((*said, *self.suite.lines()))
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    def applied(self, said: Finding | None) -> Finding | None:
        """The finding with the level that this policy gives it."""
        if said is None or said.code not in self.changed:
            return said
        rule = self.changed[said.code]
        return replace(said, level=rule.level, indication=rule.indication, sub_indication=rule.sub_indication)


@cache
def built_in_policy() -> ValidationPolicy:
    """Ours, with our suite."""
    return ValidationPolicy(BUILT_IN)


def read_policy(data: bytes, suite: Suite) -> ValidationPolicy:
    """
    An operator's file: `name`, and a table `levels` from code to FAIL, WARN, INFORM or IGNORE.

    Raises: PolicyUnreadable: not TOML, an unknown code or level, or one that must stay a failure.
    """
    given = read_toml(data, {"name", "levels"})
    name, levels = given.get("name"), given.get("levels")
    if not isinstance(name, str) or not name.strip():
        raise PolicyUnreadable("name: a name is missing")
    if not isinstance(levels, dict):
        raise PolicyUnreadable("levels: a table is missing")
    changed = {code: _rule(code, word) for code, word in levels.items()}
    return ValidationPolicy(name.strip(), {c: rule for c, rule in changed.items() if rule != POLICY[c]}, suite)


def _rule(code: str, word: object) -> Rule:
    if code not in POLICY:
        raise PolicyUnreadable(f"levels.{code}: there is no such finding")
    if word not in tuple(Level):
        raise PolicyUnreadable(f"levels.{code}: must be one of {', '.join(Level)}")
    level = Level(str(word))
    if level is Level.FAIL:
        return POLICY[code] if POLICY[code].level is Level.FAIL else _RAISED
    if code in ALWAYS_FAIL:
        raise PolicyUnreadable(f"levels.{code}: must stay FAIL")
    return Rule(level)
