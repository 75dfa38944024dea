"""
Certificate lints: one rule, one file, one source. A new one is a file and a line in LINTS.

They read the draft as a stranger would, not the code that made it.
"""

from __future__ import annotations

from keys.ca.lints import (
    authority_key,
    basic_constraints,
    extended_key_usage,
    extensions_known,
    key_parameters,
    key_strength,
    key_usage,
    legal_subject,
    longest_life,
    name_encoding,
    name_text,
    person_subject,
    policies,
    revocation_address,
    serial_number,
    signature_algorithm,
    statements,
    status_of_responder,
    validity,
    weak_key,
)
from keys.ca.lints.base import Lint

LINTS: tuple[Lint, ...] = (
    serial_number.LINT,
    validity.LINT,
    signature_algorithm.LINT,
    key_strength.LINT,
    weak_key.LINT,
    basic_constraints.LINT,
    key_usage.LINT,
    extended_key_usage.LINT,
    authority_key.LINT,
    revocation_address.LINT,
    policies.LINT,
    name_text.LINT,
    name_encoding.LINT,
    person_subject.LINT,
    legal_subject.LINT,
    longest_life.LINT,
    key_parameters.LINT,
    status_of_responder.LINT,
    statements.LINT,
    extensions_known.LINT,
)
