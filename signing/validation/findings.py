"""A finding: what one check says. Its severity comes from the policy, its words from the wording."""

from __future__ import annotations

from dataclasses import dataclass

from base.texts import Text
from signing.validation.indications import Indication, SubIndication
from signing.validation.plain_text import safe_text
from signing.validation.policy import POLICY, Level
from signing.validation.wording import WORDS


@dataclass(frozen=True, slots=True)
class Finding:
    """
    code:  stable machine word. level: FAIL, WARN, INFORM or IGNORE; a FAIL carries the verdict it leads to.
    text:  one sentence for the citizen; advice: what she can do, may be empty. debug: for the operator.
    """

    code: str
    level: Level
    indication: Indication | None
    sub_indication: SubIndication | None
    text: Text
    advice: Text
    debug: str = ""


def finding(code: str, detail: str | Text = "", *, debug: str = "") -> Finding:
    """The finding of that code, with `detail` in its sentence. Raises: KeyError: a code without policy or words."""
    rule, words = POLICY[code], WORDS[code]
    both = detail if isinstance(detail, Text) else Text(plain := safe_text(detail), plain)
    return Finding(
        code=code,
        level=rule.level,
        indication=rule.indication,
        sub_indication=rule.sub_indication,
        text=Text(words.found.vi.replace("{detail}", both.vi), words.found.en.replace("{detail}", both.en)),
        advice=words.advice,
        debug=debug,
    )
