"""
Requests for certificates (PKCS #10): written for keys of ours, read from others. Pure.

A request proves that whoever made it holds the private key, and nothing else: name, usages and names of hosts in it are
wishes that nobody reads.

Source: RFC 2986 §3, §4; RFC 4211 §4 (why possession is proven); CA/Browser Forum Baseline Requirements §3.2.1.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.algorithms import Algorithm
from keys.ca.drafting import SIGNING_KEYS
from keys.der import CONTEXT, integer, sequence, signed_frame, wrapped
from keys.errors import KeyRefused
from keys.weaknesses import weakness_of

MOST_BYTES = 16 * 1024
_CURVES: dict[str, Algorithm] = {
    "secp256r1": Algorithm.ES256,
    "secp384r1": Algorithm.ES384,
    "secp521r1": Algorithm.ES512,
}
_OTHERS = dict(
    zip(
        SIGNING_KEYS[2:],
        (Algorithm.EDDSA, Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87),
        strict=True,
    )
)


def write_request(subject: x509.Name, public_key: bytes, algorithm: Algorithm, sign: Callable[[bytes], bytes]) -> bytes:
    """CertificationRequest, DER. sign: of the key that public_key (SubjectPublicKeyInfo, DER) belongs to."""
    information = sequence(integer(0), subject.public_bytes(), public_key, wrapped(CONTEXT, b""))
    return signed_frame(information, sign(information), algorithm)


def proven_key(request: bytes) -> tuple[bytes, Algorithm]:
    """
    The key (SubjectPublicKeyInfo, DER) whose holder signed the request, PEM or DER, and what such a key signs with.

    Raises: KeyRefused("request_refused"): too long, unreadable, signed by another key or with a weak hash, or the key
            is weak or of a kind that is not certified.
    """
    if len(request) > MOST_BYTES:
        raise _refused(f"{len(request)} bytes")
    try:
        load = x509.load_pem_x509_csr if b"-----BEGIN" in request else x509.load_der_x509_csr
        found = load(request)
        key = found.public_key()
        digest = found.signature_hash_algorithm
        reason = weakness_of(key)
        is_good = not reason and found.is_signature_valid
    except Exception as error:  # the parser raises ValueError, UnsupportedAlgorithm, TypeError and more
        raise _refused(type(error).__name__) from error
    if reason:
        raise _refused(reason)
    if not is_good:
        raise _refused("the signature is not that of the key")
    if digest is not None and digest.name in {"md5", "sha1", "sha224"}:
        raise _refused(digest.name)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), _algorithm_of(key)


def _algorithm_of(key: object) -> Algorithm:
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPublicKey):
        return Algorithm.PS256
    for kind, algorithm in _OTHERS.items():
        if isinstance(key, kind):
            return algorithm
    raise _refused("a key that is not certified")


def _refused(debug: str) -> KeyRefused:
    return KeyRefused(
        "request_refused",
        vi="Yêu cầu cấp chứng thư số không được chấp nhận.",
        en="The request for a certificate is not acceptable.",
        debug=debug,
        status=422,
    )
