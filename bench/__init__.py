"""
Measurements, printed as ratios to a limit taken in the same run; never timed tests.

Reading order: __main__.py (what is measured, in order) → scenarios.py → load.py (the closed-loop client) → limits.py →
report.py.
"""
