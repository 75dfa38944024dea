"""
Validation: what a signature is worth, after EN 319 102-1. Pure: no network, no database, no clock.

Reading order: indications → located → facts → cms, certificates, revocation, stamps (how facts are gathered from bytes)
→ checks/ (one rule each) → policy (how severe each is) → judge (THE TABLE of building blocks) → report.
"""
