"""
What was signed: formats, validation, the signing desk, verification.

Reading order: formats/base.py (what a signature format does) → validation/judge.py (the building blocks of EN 319 102-1
in order) → flows/sign.py (a signature from approval to evidence) → flows/verify.py → store/ → web/.
"""
