"""
What keys offers to everybody else: one `Keys` per process, thread-safe. It never returns a private key.

Made by `keys.services.open_keys(base)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from base.services import BaseServices
from keys.handles import Credential, KeyFacts, KeyHandle, PersonSubject, RevocationReason, TokenType
from keys.sealing import MasterKey
from keys.sole_control import SignatureActivation

__all__ = [
    "Credential",
    "KeyFacts",
    "KeyHandle",
    "Keys",
    "PersonSubject",
    "RevocationReason",
    "SignatureActivation",
    "TokenType",
]


class Keys:
    """Tokens, secrets, signatures of persons, certificates and time stamps."""

    def __init__(self, base: BaseServices, master: MasterKey) -> None:
        self._base = base
        self._master = master

    # ── Secrets ──────────────────────────────────────────────────────────────────────────────────────────────────

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt for this installation (AES-256-GCM); opens only with the same context."""
        return self._master.seal(plain, context)

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Raises: SealError."""
        return self._master.unseal(sealed, context)

    def mac(self, context: str, *parts: str) -> bytes:
        """HMAC-SHA256 of length-prefixed parts under a key derived for the context. 32 bytes."""
        return self._master.mac(context, *parts)

    def derive_cookie_key(self) -> bytes:
        """32 bytes that key the CSRF tokens of the web shell."""
        return self._master.derive("antin.cookie")

    # ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────

    def sign_jwt(self, claims: Mapping[str, Any], *, typ: TokenType, alg: str = "ES256") -> str:
        """A JWS in compact form, signed by the active token key of that algorithm (ES256 | RS256)."""
        raise NotImplementedError

    def verify_own_jwt(
        self, token: str, *, typ: TokenType, issuer: str, leeway: int = 0, allow_expired: bool = False
    ) -> dict[str, Any]:
        """The claims of a token that we signed; `aud` is for the caller to check. Raises: JoseError."""
        raise NotImplementedError

    def verify_jwt_with(
        self,
        token: str,
        jwks: Mapping[str, Any],
        *,
        algs: Sequence[str],
        typ: str | None,
        issuer: str,
        audience: str,
    ) -> dict[str, Any]:
        """The claims of somebody else's token, checked with these keys. typ None: unchecked. Raises: JoseError."""
        raise NotImplementedError

    def jwks(self) -> bytes:
        """The published JWK set as JSON: next, active and retired token keys, public parts only."""
        raise NotImplementedError

    # ── Persons ──────────────────────────────────────────────────────────────────────────────────────────────────

    def enrol_person(self, subject: PersonSubject) -> Credential:
        """Generate a P-256 key in custody and issue a certificate of the internal authority. Raises: LintFailed."""
        raise NotImplementedError

    def credentials_of(self, owner: str) -> list[Credential]:
        """Every credential of an owner, oldest first."""
        raise NotImplementedError

    def credential(self, handle: KeyHandle) -> Credential:
        """Raises: KeyRefused("unknown_key", status 404)."""
        raise NotImplementedError

    def spend_activation(
        self, token: str, *, handle: KeyHandle, document_digest: str, audience: str = ""
    ) -> SignatureActivation:
        """
        Check an activation token and use it up for one document.

        document_digest: hexadecimal SHA-256 of the document; audience: empty means the configured one.
        Raises: JoseError, KeyRefused("activation_refused" | "activation_spent" | "activation_expired").
        """
        raise NotImplementedError

    def sign_digest(self, handle: KeyHandle, *, digest: bytes, activation: SignatureActivation) -> bytes:
        """An ECDSA signature (DER) over a 32-byte SHA-256 digest; uses up the activation. Raises: KeyRefused."""
        raise NotImplementedError

    def revoke(self, handle: KeyHandle, reason: RevocationReason) -> None:
        """Revoke the certificate of a key, destroy the key, publish a new CRL at once. Raises: KeyRefused."""
        raise NotImplementedError

    # ── PKI ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def timestamp(self, imprint: bytes, *, algorithm: str = "sha256", nonce: int | None = None) -> bytes:
        """An RFC 3161 TimeStampToken (CMS ContentInfo, DER) over a digest; certificates included."""
        raise NotImplementedError

    def timestamp_response(self, request_der: bytes) -> bytes:
        """An RFC 3161 TimeStampResp (DER) for a TimeStampReq; a bad request gets a rejection, nothing is raised."""
        raise NotImplementedError

    def trust_anchors(self) -> list[bytes]:
        """DER certificates of our roots."""
        raise NotImplementedError

    def issuer_certificates(self) -> list[bytes]:
        """DER certificates of our issuing authorities."""
        raise NotImplementedError

    def crl(self, issuer: str = "issuing") -> bytes:
        """The current revocation list (DER) of "issuing" or "root"."""
        raise NotImplementedError

    # ── Operation ────────────────────────────────────────────────────────────────────────────────────────────────

    def ready(self) -> bool:
        """Whether tokens can be signed, certificates issued, and the revocation lists are in their time."""
        raise NotImplementedError

    def list_keys(self) -> list[KeyFacts]:
        """All keys but those of persons, oldest first."""
        raise NotImplementedError

    def rotate(self, purpose: str, alg: str, *, force: bool = False) -> KeyHandle:
        """
        Next becomes active, active retires, a new next is published. Returns the handle that is now active.

        purpose: "token" or "tsu". Raises: KeyRefused("too_early"): next was not published long enough and not forced.
        """
        raise NotImplementedError
