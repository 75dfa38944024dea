"""
Opened keys by what they are for: one type per use, so that a key of one purpose cannot stand where another is wanted.

Only `keys.custody` and `keys.keyring` make them, after holding the row's purpose against lifecycle/purposes.py.
"""

from __future__ import annotations

from typing import ClassVar

from keys.algorithms import Algorithm
from keys.backends.base import Signer
from keys.lifecycle.purposes import Use, check_use
from keys.lifecycle.states import Purpose


class PurposeSigner:
    """A signer for one use. Thread-safe as the signer inside."""

    __slots__ = ("_signer",)
    use: ClassVar[Use]

    def __init__(self, signer: Signer, purpose: Purpose) -> None:
        """Raises: KeyRefused("wrong_purpose"): a key of that purpose never does this."""
        check_use(purpose, self.use)
        self._signer = signer

    def __reduce__(self) -> str:
        raise TypeError("keys do not travel")

    @property
    def algorithm(self) -> Algorithm:
        return self._signer.algorithm

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)

    def sign_digest(self, digest: bytes) -> bytes:
        return self._signer.sign_digest(digest)


class TokenKeySigner(PurposeSigner):
    """Signs tokens."""

    __slots__ = ()
    use = Use.TOKEN


class DocumentSigner(PurposeSigner):
    """Signs what a person approved."""

    __slots__ = ()
    use = Use.DOCUMENT


class CertificateSigner(PurposeSigner):
    """Signs certificates that passed the lints."""

    __slots__ = ()
    use = Use.CERTIFICATE


class CrlSigner(PurposeSigner):
    """Signs revocation lists."""

    __slots__ = ()
    use = Use.CRL


class OcspSigner(PurposeSigner):
    """Signs answers about the status of a certificate."""

    __slots__ = ()
    use = Use.OCSP


class TimestampSigner(PurposeSigner):
    """Signs time stamps."""

    __slots__ = ()
    use = Use.TIMESTAMP


class TrustListSigner(PurposeSigner):
    """Signs our trust list."""

    __slots__ = ()
    use = Use.TRUST_LIST


class ReportSigner(PurposeSigner):
    """Seals reports of this service."""

    __slots__ = ()
    use = Use.REPORT


class SealSigner(PurposeSigner):
    """Seals documents of an agency."""

    __slots__ = ()
    use = Use.SEAL


class AuditSigner(PurposeSigner):
    """Signs heads of the audit log."""

    __slots__ = ()
    use = Use.AUDIT
