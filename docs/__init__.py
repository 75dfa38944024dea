"""The documentation; `generate.py` writes the pages of `generated/` from the code they describe."""
