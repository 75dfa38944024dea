"""
The internal authorities: root → issuing → persons and the time-stamping unit.

Nothing is signed that was not linted: `order` (what is asked for) → `draft` (the exact bytes) → `linted.lint()` →
`linted.sign()`. The signature is put on the very bytes that the lints read.
"""
