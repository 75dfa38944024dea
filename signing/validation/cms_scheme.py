"""
By which scheme a CMS signature was made: the algorithm identifiers of its signer, taken at their word and no further.

Source: RFC 5652 §5.4, §5.6; RFC 5753; RFC 4056; RFC 8419; RFC 9882 §3.1 to §3.3.
"""

from __future__ import annotations

from signing.validation.cms import CmsFacts
from signing.validation.crypto import ML_DSA, AlgorithmUnknown, SignatureWrong
from signing.validation.signed import Scheme

_WITHOUT_PARAMETERS = 13
"""Bytes of an AlgorithmIdentifier that is an identifier of that arc and nothing else."""
_EDWARDS = ("ed25519", "ed448")


def scheme_of(facts: CmsFacts) -> Scheme:
    """
    The scheme; the digest inside the signature algorithm must be the signer's digest.

    Raises: SignatureWrong: identifiers that contradict each other; AlgorithmUnknown.
    """
    parameters = facts.signature_parameters
    if parameters["algorithm"].dotted in ML_DSA:
        return _ml_dsa(facts)
    try:
        name = parameters.signature_algo
        plain = name in ("rsassa_pkcs1v15", *_EDWARDS)
        used = facts.digest_algorithm if plain else parameters.hash_algo
    except ValueError as error:
        raise AlgorithmUnknown(facts.signature_algorithm) from error
    if name == "rsassa_pkcs1v15" and facts.signature_algorithm != "rsassa_pkcs1v15":
        used = parameters.hash_algo
    if name not in _EDWARDS and used != facts.digest_algorithm:
        raise SignatureWrong("the digest of the signature algorithm is not the digest of the signer")
    if name == "ed25519" and facts.digest_algorithm != "sha512":
        raise SignatureWrong("Ed25519 goes with SHA-512")  # RFC 8419 §3.1
    salt = parameters["parameters"]["salt_length"].native if name == "rsassa_pss" else 0
    return Scheme(name, used, salt)


def _ml_dsa(facts: CmsFacts) -> Scheme:
    """Pure ML-DSA, the algorithm written without parameters."""
    identifier = facts.signature_parameters["algorithm"].dotted
    if len(facts.signature_parameters.dump()) != _WITHOUT_PARAMETERS:
        raise SignatureWrong("ML-DSA with parameters")
    if facts.digest_algorithm not in ML_DSA[identifier].digests:
        raise AlgorithmUnknown(f"{facts.digest_algorithm} with {ML_DSA[identifier].kind.__name__}")
    return Scheme(identifier)
