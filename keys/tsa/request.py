"""
Reading a TimeStampReq; what cannot be served becomes a Rejection with the failure code of the standard.

Source: RFC 3161 §2.4.1, §2.4.2; ETSI EN 319 422 §4, §5 (which algorithms).
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import tsp

MAX_REQUEST_BYTES = 4096
DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Accepted hash algorithms; SHA-1 and everything older is refused."""
MAX_NONCE_BITS = 512


@dataclass(frozen=True, slots=True)
class ImprintOrder:
    """What to stamp. algorithm: sha256 | sha384 | sha512; with_certificates: put the unit's chain into the token."""

    algorithm: str
    imprint: bytes
    nonce: int | None
    with_certificates: bool


class Rejection(Exception):
    """
    The request is not served.

    failure: name of the PKIFailureInfo bit: bad_alg, bad_request, bad_data_format, unaccepted_policy,
             unaccepted_extensions, time_not_available, system_failure.
    """

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text


def read_request(der: bytes, policy: str) -> ImprintOrder:
    """
    Judge a request.

    Raises: Rejection.
    """
    version, algorithm, imprint, wanted_policy, nonce, with_certificates, extended = _parse(der)
    if version != "v1":
        raise Rejection("bad_request", "only version 1 is known")
    check_imprint(algorithm, imprint)
    if wanted_policy is not None and wanted_policy != policy:
        raise Rejection("unaccepted_policy", f"only policy {policy} is served")
    if extended:
        raise Rejection("unaccepted_extensions", "extensions are not served")
    if nonce is not None and nonce.bit_length() > MAX_NONCE_BITS:
        raise Rejection("bad_request", "the nonce is too long")
    return ImprintOrder(algorithm, imprint, nonce, with_certificates)


def check_imprint(algorithm: str, imprint: bytes) -> None:
    """Raises: Rejection: an algorithm that is not served, or a digest of another length."""
    if algorithm not in DIGEST_BYTES:
        raise Rejection("bad_alg", "only SHA-256, SHA-384 and SHA-512 are served")
    if len(imprint) != DIGEST_BYTES[algorithm]:
        raise Rejection("bad_data_format", "the digest has the wrong length")


def _parse(der: bytes) -> tuple[str, str, bytes, str | None, int | None, bool, bool]:
    """Every field, read at once: asn1crypto parses lazily and would otherwise fail in the middle of our work."""
    if len(der) > MAX_REQUEST_BYTES:
        raise Rejection("bad_data_format", "the request is too long")
    try:
        request = tsp.TimeStampReq.load(der, strict=True)
        imprint = request["message_imprint"]
        algorithm = imprint["hash_algorithm"]
        if algorithm["parameters"].native is not None:
            raise Rejection("bad_data_format", "the hash algorithm has parameters")
        return (
            request["version"].native,
            algorithm["algorithm"].native,
            imprint["hashed_message"].native,
            request["req_policy"].dotted if request["req_policy"].native is not None else None,
            request["nonce"].native,
            bool(request["cert_req"].native),
            bool(request["extensions"].native),
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise Rejection("bad_data_format", "not a TimeStampReq") from error
