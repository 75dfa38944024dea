"""
You cannot sign what was not linted.

`sign()` takes nothing but a LintedCertificate; only `lint()` makes one; it holds the bytes that the lints read and can
be used once.

Source: the practice of pre-issuance linting, CA/Browser Forum Baseline Requirements §4.3.1.2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence

from cryptography import x509

from keys.ca.draft import draft_certificate
from keys.ca.lints import LINTS
from keys.ca.lints.base import Lint
from keys.ca.order import CertificateOrder
from keys.der import signed_frame
from keys.errors import KeyRefused, LintFailed
from keys.signers import CertificateSigner

_PASSED = object()
_PROCESS_KEY = secrets.token_bytes(32)


class LintedCertificate:
    """
    The signed part of one certificate that passed every lint. Good for one signature.

    What passed is sealed with a key of this process, so neither other bytes nor another order can be put into it, and
    it is neither copied nor derived from.
    """

    __slots__ = ("_lock", "_seal", "_to_be_signed", "_used", "order")

    def __init_subclass__(cls) -> None:
        raise TypeError("a LintedCertificate is not derived from")

    def __reduce__(self) -> str:
        raise TypeError("a LintedCertificate is not copied")

    def __init__(self, order: CertificateOrder, to_be_signed: bytes, *, passed: object = None) -> None:
        if passed is not _PASSED:
            raise TypeError("a LintedCertificate comes from lint() only")
        self.order = order
        self._to_be_signed = to_be_signed
        self._seal = _sealed(order, to_be_signed)
        self._used = False
        self._lock = threading.Lock()

    def take(self) -> bytes:
        """The bytes to sign, once. Raises: KeyRefused("certificate_already_signed" | "certificate_not_linted")."""
        to_be_signed = self._to_be_signed
        with self._lock:
            if self._used:
                raise KeyRefused("certificate_already_signed", status=409)
            self._used = True
        if not hmac.compare_digest(self._seal, _sealed(self.order, to_be_signed)):
            raise KeyRefused("certificate_not_linted", debug="changed after the lints")
        return to_be_signed


def _sealed(order: CertificateOrder, to_be_signed: bytes) -> bytes:
    """Over the bytes and over which order they answer: the issuer in it decides whose signature is accepted."""
    return hmac.digest(_PROCESS_KEY, hashlib.sha256(repr(order).encode()).digest() + to_be_signed, "sha256")


def lint(order: CertificateOrder, lints: Sequence[Lint] = LINTS) -> LintedCertificate:
    """Draft the certificate and hold every lint against it. Raises: LintFailed: names all that failed."""
    try:
        draft = draft_certificate(order)
    except ValueError as error:  # names too long, an end before the beginning, and other things X.509 cannot say
        raise LintFailed((f"draft: {error}",)) from error
    return _judge(order, draft, lints)


def _judge(order: CertificateOrder, draft: x509.Certificate, lints: Sequence[Lint]) -> LintedCertificate:
    findings = tuple(f"{one.name}: {finding}" for one in lints if (finding := one.check(draft, order)))
    if findings:
        raise LintFailed(findings)
    return LintedCertificate(order, draft.tbs_certificate_bytes, passed=_PASSED)


def sign(linted: LintedCertificate, authority: CertificateSigner) -> x509.Certificate:
    """
    Sign with the authority's key.

    Raises: KeyRefused: not linted, changed since, used before, wrong algorithm;
            ValueError, InvalidSignature: the key is not the issuer's.
    """
    if type(linted) is not LintedCertificate:
        raise KeyRefused("certificate_not_linted", debug=type(linted).__name__)
    if authority.algorithm is not linted.order.signed_with:
        raise KeyRefused("wrong_algorithm", debug=f"drafted for {linted.order.signed_with}, not {authority.algorithm}")
    to_be_signed = linted.take()
    signed = signed_frame(to_be_signed, authority.sign(to_be_signed), authority.algorithm)
    certificate = x509.load_der_x509_certificate(signed)
    issuer = linted.order.issuer.certificate if linted.order.issuer else certificate
    certificate.verify_directly_issued_by(issuer)
    return certificate
