"""
What a ceremony shall make, and whether that can be. Pure.

Source: ETSI EN 319 411-1 §6.5.1 (key ceremony: script, witnesses, record); CA/B Baseline Requirements §6.1.1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from keys.algorithms import Algorithm
from keys.errors import KeyRefused

MOST_YEARS = 20
MOST_AUTHORITIES = 8
_NAME = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")
_ALGORITHMS = frozenset(Algorithm) - {Algorithm.EDDSA}
"""EN 319 412 leaves the choice to TS 119 312, which has no Ed25519."""


@dataclass(frozen=True, slots=True)
class AuthorityPlan:
    """
    One authority. name: as in /pki/ca/<name>.cer. title: what its common name says after the organisation.

    backend: where its key is made and stays; empty: as the settings say.
    """

    name: str
    title: str
    algorithm: Algorithm
    years: int
    backend: str = ""


@dataclass(frozen=True, slots=True)
class CeremonyScript:
    """
    root: to be made, or None: the one called `above` issues. issuing: what stands under it.

    witnesses: who was there, as they want to be named in the minutes. is_offline: whether the root is from now on
    opened only inside approved operations.
    """

    root: AuthorityPlan | None
    issuing: tuple[AuthorityPlan, ...]
    above: str
    place: str
    witnesses: tuple[str, ...]
    is_offline: bool = True

    @property
    def root_name(self) -> str:
        return self.root.name if self.root else self.above

    @property
    def plans(self) -> tuple[AuthorityPlan, ...]:
        return (*((self.root,) if self.root else ()), *self.issuing)

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything the outcome depends on; who was there is for the minutes, and no name stands in an event."""
        return {
            "above": self.above,
            "authorities": [
                {
                    "name": one.name,
                    "title": one.title,
                    "algorithm": str(one.algorithm),
                    "years": one.years,
                    "backend": one.backend,
                }
                for one in self.plans
            ],
            "makes_root": self.root is not None,
            "offline": self.is_offline,
        }


def check_script(script: CeremonyScript) -> None:
    """Raises: KeyRefused("ceremony_refused"): with the first thing that cannot be, in words."""
    problem = _problem(script)
    if problem:
        raise KeyRefused(
            "ceremony_refused",
            vi="Kịch bản của buổi lễ tạo khóa không thực hiện được.",
            en="The script of the ceremony cannot be carried out.",
            hint=problem,
            status=422,
        )


def _problem(script: CeremonyScript) -> str:
    names = [one.name for one in script.plans]
    if not 0 < len(names) <= MOST_AUTHORITIES:
        return f"a ceremony makes 1 to {MOST_AUTHORITIES} authorities"
    if len({*names, script.root_name}) != len(names) + (script.root is None):
        return "two authorities have one name"
    if script.root is None and not script.above:
        return "no root is made and none is named"
    for one in script.plans:
        if not _NAME.fullmatch(one.name):
            return f"a name has lower-case letters, digits and hyphens, 2 to 40 of them, not {one.name[:60]!r}"
        if not 1 <= one.years <= MOST_YEARS:
            return f"{one.name} lives 1 to {MOST_YEARS} years"
        if one.algorithm not in _ALGORITHMS:
            return f"{one.name} cannot have a key for {one.algorithm}"
    return ""
