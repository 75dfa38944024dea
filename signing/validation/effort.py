"""
How much work one document may cause while paths are built: signature checks on certificates, counted.

The certificates in a file are not covered by its signature, and sixty of them with one name and one key made a search
without an end. What is over the budget finds no issuer, so a document that spends it never passes.
"""

from __future__ import annotations

MOST_CHECKS = 3000


class Effort:
    """What is left of one document's budget."""

    __slots__ = ("left",)

    def __init__(self, checks: int = MOST_CHECKS) -> None:
        self.left = checks

    def take(self) -> bool:
        """Whether one more check may be made."""
        self.left -= 1
        return self.left >= 0
