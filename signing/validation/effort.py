"""
How much work one document may cause: signature checks on certificates and revocation lists, counted.

The certificates in a file are not covered by its signature, and sixty of them with one name and one key made a search
without an end. What is over the budget finds no issuer, so a document that spends it never passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")
MOST_CHECKS = 3000


class Effort:
    """What is left of one document's budget, and the answers that it has paid for."""

    __slots__ = ("_answers", "left")

    def __init__(self, checks: int = MOST_CHECKS) -> None:
        self.left = checks
        self._answers: dict[tuple[object, ...], Any] = {}

    def take(self) -> bool:
        """Whether one more check may be made."""
        self.left -= 1
        return self.left >= 0

    def once(self, question: tuple[object, ...], find: Callable[[], Answer]) -> Answer:
        """The answer to a question about this document, found when it is first asked."""
        if question not in self._answers:
            self._answers[question] = find()
        answer: Answer = self._answers[question]
        return answer
