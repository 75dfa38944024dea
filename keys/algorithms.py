"""The signature algorithms of keys in custody. A key has exactly one of them, for life."""

from __future__ import annotations

from enum import StrEnum


class Algorithm(StrEnum):
    """
    Names of RFC 7518 §3.1 and RFC 8037 §3.1.

    What `sign` gives: ES256 an ECDSA-Sig-Value in DER over SHA-256 on P-256; RS256 and PS256 the raw RSA signature
    (PSS with a salt as long as the digest); EdDSA the 64 bytes of Ed25519.
    """

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"
    EDDSA = "EdDSA"
