"""
ML-DSA as JOSE names it: key type AKP, with the same three methods as PyJWT's algorithm objects, which lack it.

Source: RFC 9964 §3 (signatures: FIPS 204 over the signing input, with an empty context), §4 (key type AKP: `alg` and
`pub` required, `priv` is the 32 bytes of the seed).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from keys.algorithms import Algorithm

ML_DSA = (Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87)
MlDsaKey = mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
KINDS: Mapping[Algorithm, type[MlDsaKey]] = {
    Algorithm.ML_DSA_44: mldsa.MLDSA44PublicKey,
    Algorithm.ML_DSA_65: mldsa.MLDSA65PublicKey,
    Algorithm.ML_DSA_87: mldsa.MLDSA87PublicKey,
}


class MlDsaAlgorithm:
    """One parameter set. Only for public keys: private ones never come or go as a JWK."""

    def __init__(self, algorithm: Algorithm) -> None:
        self._algorithm = algorithm

    def verify(self, message: bytes, key: MlDsaKey, signature: bytes) -> bool:
        """Whether the key signed the message."""
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def to_jwk(self, key: MlDsaKey, *, as_dict: bool) -> dict[str, Any]:
        """The public JWK. as_dict: as PyJWT has it; there is no other form."""
        pub = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
        return {"kty": "AKP", "alg": str(self._algorithm), "pub": pub}

    def from_jwk(self, jwk: Mapping[str, Any]) -> MlDsaKey:
        """Raises: ValueError: of another type or algorithm, not canonical base64url, or of the wrong length."""
        pub = jwk.get("pub")
        if jwk.get("kty") != "AKP" or jwk.get("alg") != str(self._algorithm) or not isinstance(pub, str):
            raise ValueError("no AKP key of this algorithm")
        raw = base64.b64decode(pub + "=" * (-len(pub) % 4), altchars=b"-_", validate=True)
        if binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_LETTERS) != pub.encode():
            raise ValueError("not canonical")
        return KINDS[self._algorithm].from_public_bytes(raw)


_URL_LETTERS = bytes.maketrans(b"+/", b"-_")
