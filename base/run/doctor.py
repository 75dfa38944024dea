"""`antin doctor`: a list of questions, each answered by yes, or by what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from base.errors import AntinError


@dataclass(frozen=True, slots=True)
class Question:
    """`ask` returns what was found; it raises AntinError with the sentence to print when something is missing."""

    about: str
    ask: Callable[[], str]


def examine(questions: Sequence[Question], say: Callable[[str], None]) -> int:
    """Ask all, print one line each. Returns the exit status: 1 when any answer is bad."""
    bad = 0
    for question in questions:
        try:
            say(f"  ✓ {question.about}: {question.ask()}")
        except AntinError as error:
            bad = 1
            say(f"  ✗ {question.about}: {error.vi or error.en}" + (f" · {error.en}" if error.vi else ""))
        except Exception as error:  # the doctor reports what he sees and goes on to the next question
            bad = 1
            say(f"  ✗ {question.about}: {type(error).__name__}: {error}")
    return bad
