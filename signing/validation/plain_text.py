"""
Words from a stranger's file, made fit to be shown.

They go onto pages, into reports and onto the operator's terminal, where control characters move the cursor or change
colours and direction overrides turn a sentence around.
"""

from __future__ import annotations

MOST_CHARACTERS = 500


def safe_text(value: str, most: int = MOST_CHARACTERS) -> str:
    """Without control and direction-changing characters; line breaks and other blanks become one space each."""
    spaced = (" " if character.isspace() else character for character in value[: 4 * most])
    return "".join(character for character in spaced if character.isprintable())[:most]
