"""Proofs of possession (RFC 9449): one rule a file in checks/, in the order of proof.py. Pure."""
