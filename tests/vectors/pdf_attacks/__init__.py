"""
Forged PDFs, made on the spot from a good signed document. One function per attack, named after it; all in ATTACKS.

Each takes the signed bytes and returns a file that must never be TOTAL-PASSED. Sources: Mladenov et al., "1 Trillion
Dollar Refund" (2019; USF, ISA, SWA); Mainka et al., "Shadow Attacks" (2021); Rohlmann et al., "Breaking the
Specification" (2021).
"""

from __future__ import annotations

from tests.vectors.pdf_attacks import appended, confusions, dictionary, objects

ATTACKS = {attack.__name__: attack for attack in (*dictionary.ATTACKS, *appended.ATTACKS, *objects.ATTACKS, *confusions.ATTACKS)}
