"""
Whom verification trusts: anchors in named domains. Our own roots are the domain `own` and stand in no table.

Source: ETSI EN 319 102-1 §5.2.6.2 (trust anchors are the verifier's choice); Decree 23/2025/ND-CP (the government's own
authority beside public authorities under the national root).
"""
