"""
The checks: each a function of a Case that returns a Finding, or None when there is nothing to say.

A new check is one function in the file of its building block and one line in CHECKS of that file; policy.py gives its
level, wording.py its words.
"""
