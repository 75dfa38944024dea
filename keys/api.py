"""
What keys offers to everybody else: one `Keys` per process, thread-safe. It never returns a private key.

Made by `keys.services.open_keys(base)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keys.custody import Custody
from keys.flows import (
    admit_keys,
    agency_seal,
    end_key,
    enrol,
    expiry,
    readiness,
    renew_crl,
    rotate,
    seal_report,
    sign_digest,
    suspend,
    timestamp,
    tokens,
)
from keys.flows.answer_ocsp import OcspAnswer, Responder
from keys.flows.encryption import decrypt_token
from keys.flows.on_demand import provide_token_key
from keys.flows.published_store import PublishedStore
from keys.flows.trust_anchors import TrustStore
from keys.flows.trust_overview import TrustOverview
from keys.flows.watch_clock import ClockWatch
from keys.flows.watch_lists import ListFacts, watch_lists
from keys.handles import (
    Credential,
    KeyFacts,
    KeyHandle,
    PeerCertificate,
    PersonSubject,
    ProvenKey,
    RevocationReason,
    TokenType,
)
from keys.jose import Types, thumbprint, verify_possession
from keys.jwe import encrypt, recipient
from keys.lifecycle.purposes import Use
from keys.lifecycle.rotation import check_publication
from keys.peers import authorities_in, distinguished_name, read_peer, verify_peer
from keys.seal_permit import SealPermit
from keys.sole_control import SignatureActivation
from keys.trust.anchor import AnchorFacts

__all__ = [
    "Credential",
    "KeyFacts",
    "KeyHandle",
    "Keys",
    "PeerCertificate",
    "PersonSubject",
    "ProvenKey",
    "RevocationReason",
    "SealPermit",
    "SignatureActivation",
    "TokenType",
]


class Keys:
    """Tokens, secrets, signatures of persons, certificates and time stamps."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._master = custody.master
        self._responder = Responder(custody)
        self._watch = ClockWatch(custody.base)
        self._trust = TrustStore(custody)
        self.followed = TrustOverview(custody)
        self._published = PublishedStore(custody)

    @property
    def custody(self) -> Custody:
        """For keys.services, which runs the chores; nobody outside keys may use it."""
        return self._custody

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
        """
        A JWS in compact form, signed by the active token key of that algorithm.

        alg: ES256, RS256, PS256, EdDSA, or one that `provide_token_key` was asked for. Raises: KeysUnavailable.
        """
        signer = self._custody.ring.signer(alg)
        token = signer.sign(claims, typ)
        self._custody.uses.count(signer.kid, Use.TOKEN)
        return token

    def provide_token_key(self, alg: str) -> None:
        """See to it that tokens can be signed with ES384, ES512 or ML-DSA. Raises: KeyRefused("wrong_algorithm")."""
        provide_token_key(self._custody, alg)

    def verify_own_jwt(
        self, token: str, *, typ: TokenType, issuer: str, leeway: int = 0, allow_expired: bool = False
    ) -> dict[str, Any]:
        """The claims of a token that we signed; `aud` is for the caller to check. Raises: JoseError."""
        return tokens.verify_own_jwt(
            self._custody, token, typ=typ, issuer=issuer, leeway=leeway, allow_expired=allow_expired
        )

    def verify_jwt_with(
        self,
        token: str,
        jwks: Mapping[str, Any],
        *,
        algs: Sequence[str],
        typ: Types,
        issuer: str,
        audience: str,
        at: int | None = None,
        needs_exp: bool = True,
    ) -> dict[str, Any]:
        """
        The claims of somebody else's token, checked with these keys. Raises: JoseError.

        typ: one, one of several (None: a token without), or None: unchecked. at: the moment (epoch seconds) at which it
        had to be in its time; None: now. needs_exp: whether it must end at all.
        """
        return tokens.verify_jwt_with(
            self._custody, token, jwks, algs=algs, typ=typ, issuer=issuer, audience=audience, at=at, needs_exp=needs_exp
        )

    def verify_possession(self, token: str, *, algs: Sequence[str], typ: str) -> ProvenKey:
        """The key a token brings along and is signed with, and its claims, unjudged. Raises: JoseError."""
        return verify_possession(token, algs=self._custody.permitted(algs), typ=typ)

    def permitted(self, algorithms: Sequence[str]) -> list[str]:
        """Those of them that may be used here: in approved mode (ANTIN_APPROVED_ONLY) fewer than otherwise."""
        return self._custody.permitted(algorithms)

    def encrypt(self, content: str | bytes, jwks: Mapping[str, Any], *, alg: str, enc: str) -> str:
        """
        A JWE in compact form for a key of this set; a str is a token of ours, bytes are anything else.

        Raises: JoseError("key_unknown"): no key of the set fits; JoseError("alg_refused").
        """
        is_token = isinstance(content, str)
        raw = content.encode() if isinstance(content, str) else content
        return encrypt(raw, jwks, alg=alg, enc=enc, is_token=is_token)

    def admit_jwks(self, jwks: Mapping[str, Any]) -> None:
        """
        Judge the RSA keys of a set that somebody registers. Raises: KeyRefused("weak_key"): one has a known weakness,
        or shares a prime with another key that was ever shown here.
        """
        admit_keys.admit_jwks(self._custody, jwks)

    def without_shared_primes(self, jwks: Mapping[str, Any]) -> Mapping[str, Any]:
        """A set that was fetched, without the RSA keys that share a prime with one that is known here: an alarm."""
        return admit_keys.without_shared_primes(self._custody, jwks)

    def check_recipient(self, jwks: Mapping[str, Any], alg: str) -> None:
        """Raises: JoseError("key_unknown"): no key of the set fits to encrypt with."""
        recipient(jwks, alg)

    def decrypt(self, token: str) -> str:
        """The token inside a JWE for one of our published encryption keys. Raises: JoseError("not_decrypted")."""
        return decrypt_token(self._custody, token)

    def jwks(self) -> bytes:
        """
        The published JWK set as JSON: next, active and retired token keys, active encryption keys; public parts.

        Without keys of the type AKP (RFC 9964): they are in `jwks_with_akp`, for whoever has asked for them.
        """
        return self._custody.ring.current().jwks

    def jwks_with_akp(self) -> bytes:
        """The whole JWK set as JSON."""
        return self._custody.ring.current().jwks_with_akp

    # ── Persons ──────────────────────────────────────────────────────────────────────────────────────────────────

    def enrol_person(self, subject: PersonSubject) -> Credential:
        """Generate a P-256 key in custody and issue a certificate of the internal authority. Raises: LintFailed."""
        return enrol.enrol_person(self._custody, subject)

    def credentials_of(self, owner: str) -> list[Credential]:
        """Every credential of an owner, oldest first."""
        return enrol.credentials_of(self._custody, owner)

    def credential(self, handle: KeyHandle) -> Credential:
        """Raises: KeyRefused("unknown_key", status 404)."""
        return enrol.credential(self._custody, handle)

    def spend_activation(
        self, token: str, *, handle: KeyHandle, document_digest: str, audience: str = ""
    ) -> SignatureActivation:
        """
        Check an activation token and use it up for one document.

        document_digest: hexadecimal SHA-256 of the document; audience: empty means the configured one.
        Raises: JoseError, KeyRefused("activation_refused" | "activation_spent" | "activation_expired").
        """
        return sign_digest.spend_activation(
            self._custody, token, handle=handle, document_digest=document_digest, audience=audience
        )

    def sign_digest(self, handle: KeyHandle, *, digest: bytes, activation: SignatureActivation) -> bytes:
        """An ECDSA signature (DER) over a 32-byte SHA-256 digest; uses up the activation. Raises: KeyRefused."""
        return sign_digest.sign_digest(self._custody, handle, digest=digest, activation=activation)

    def sign_message(self, handle: KeyHandle, *, message: bytes, activation: SignatureActivation) -> bytes:
        """The same over a message, as Credential.algorithm makes it: ECDSA in DER, others raw. Raises: KeyRefused."""
        return sign_digest.sign_message(self._custody, handle, message=message, activation=activation)

    def report_seal(self) -> Credential:
        """The seal of this service, for what it says itself. Raises: KeysUnavailable: there is no authority yet."""
        return seal_report.report_seal(self._custody)

    def seal_report(self, handle: KeyHandle, *, message: bytes) -> bytes:
        """A signature by the seal of this service, as Credential.algorithm makes it. Raises: KeyRefused."""
        return seal_report.seal_report(self._custody, handle, message)

    def check_seal(self, handle: KeyHandle, client_id: str) -> Credential:
        """An agency's seal, if the application could use it now. Raises: KeyRefused, as agency_seal.py says."""
        return agency_seal.check_seal(self._custody, handle, client_id)

    def spend_seal(self, handle: KeyHandle, *, client_id: str, document_digest: str) -> SealPermit:
        """Take one use of it from the application's grant. Raises: as check_seal does."""
        return agency_seal.spend_seal(self._custody, handle, client_id=client_id, document_digest=document_digest)

    def seal_message(self, handle: KeyHandle, *, message: bytes, permit: SealPermit) -> bytes:
        """A signature by it; uses up the permit. Raises: KeyRefused."""
        return agency_seal.seal_message(self._custody, handle, message=message, permit=permit)

    def stamp_bytes(self) -> int:
        """How long a time-stamp token of ours can be, with its certificates; ample for those of others."""
        return timestamp.longest_stamp(self._custody)

    def revoke(self, name: str, reason: RevocationReason) -> None:
        """
        Revoke a key with its certificates, by its handle, or one certificate by its serial number: the private part
        of a key that has no other is destroyed, a new CRL is published at once; a token key leaves the key set in
        every process within a second, and the next one signs. Raises: KeyRefused.
        """
        end_key.end_key(self._custody, name, reason)

    def suspend(self, name: str) -> None:
        """Let a certificate rest: its key signs nothing until it is resumed. Raises: KeyRefused."""
        suspend.suspend(self._custody, name)

    def resume(self, name: str) -> None:
        """Let a suspended certificate count again. Raises: KeyRefused."""
        suspend.resume(self._custody, name)

    # ── PKI ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def timestamp(self, imprint: bytes, *, algorithm: str = "sha256", nonce: int | None = None) -> bytes:
        """An RFC 3161 TimeStampToken (CMS ContentInfo, DER) over a digest; certificates included."""
        return timestamp.timestamp(self._custody, self._watch, imprint, algorithm=algorithm, nonce=nonce)

    def timestamp_response(self, request_der: bytes) -> bytes:
        """An RFC 3161 TimeStampResp (DER) for a TimeStampReq; a bad request gets a rejection, nothing is raised."""
        return timestamp.timestamp_response(self._custody, self._watch, request_der)

    def ocsp_answer(self, request_der: bytes) -> OcspAnswer:
        """An OCSPResponse for an OCSPRequest; a bad one gets an error of the protocol, nothing is raised."""
        return self._responder.answer(request_der)

    def now(self) -> int:
        """The moment by which answers are dated. Epoch seconds."""
        return self._custody.base.clock.now()

    def trust_anchors(self) -> list[bytes]:
        """DER certificates of everybody whom verification trusts: our roots, oldest first, then the chosen anchors."""
        return list(dict.fromkeys(one.der for one in self._trust.facts()))

    def anchors(self) -> list[AnchorFacts]:
        """The same with their domains."""
        return self._trust.facts()

    def issuer_certificates(self) -> list[bytes]:
        """DER certificates of our issuing authorities, oldest first."""
        return list(self._custody.ring.current().issuers)

    def authority_names(self) -> list[str]:
        """The names of our authorities, as in /pki/ca/<name>.cer, oldest first."""
        return readiness.authority_names(self._custody)

    def authority_certificate(self, name: str) -> bytes:
        """The certificate (DER) of the authority of that name. Raises: KeysUnavailable: there is none."""
        return renew_crl.authority_certificate(self._custody, name)

    def crl(self, issuer: str = "issuing") -> bytes:
        """The current revocation list (DER) of the authority of that name."""
        return renew_crl.current_crl(self._custody, issuer)

    def trust_list(self) -> bytes:
        """Our own trust list (TS 119 612), signed. Raises: KeysUnavailable: there is no authority yet."""
        return self._published.content()

    # ── Certificates of others ────────────────────────────────────────────────────────────────────────────────────

    def read_peer(self, der: bytes) -> PeerCertificate:
        """What a certificate says. Raises: KeyRefused("peer_refused"): unreadable, or its key is too weak."""
        return read_peer(der)

    def thumbprint(self, jwk: Mapping[str, Any]) -> str:
        """SHA-256 of a public JWK (RFC 7638)."""
        return thumbprint(jwk)

    def verify_peer(
        self, peer: PeerCertificate, chain: Sequence[bytes], authorities: tuple[bytes, ...], *, at: int
    ) -> None:
        """Hold it against trusted authorities (DER), at that moment. Raises: KeyRefused("peer_refused")."""
        verify_peer(peer, chain, authorities, at=at)

    def distinguished_name(self, text: str) -> tuple[frozenset[tuple[str, str]], ...]:
        """A name as RFC 4514 writes it, as it compares with PeerCertificate.subject. Raises: ValueError."""
        return distinguished_name(text)

    def authorities_in(self, pem: bytes) -> tuple[bytes, ...]:
        """The certificates of a PEM file (DER). Raises: ValueError: there are none, or one is unreadable."""
        return authorities_in(pem)

    # ── Operation ────────────────────────────────────────────────────────────────────────────────────────────────

    def lists(self) -> list[ListFacts]:
        """The current revocation lists; late ones raise the alarm."""
        return watch_lists(self._custody)

    @property
    def clock_watch(self) -> ClockWatch:
        """Whether the clock is good enough for time stamps."""
        return self._watch

    def ready(self) -> bool:
        """Whether tokens can be signed, certificates issued, and the revocation lists are in their time."""
        return readiness.ready(self._custody)

    def require_published(self, longest_token_seconds: int) -> None:
        """
        Called at the start by whoever decides how long tokens live.

        Raises: StartError: a token could outlive the publication of the key that signed it.
        """
        check_publication(
            longest_token_seconds=longest_token_seconds,
            published_seconds=self._custody.settings.retired_key_published_seconds,
        )

    def describe_backends(self) -> str:
        """Where keys are, each place asked to answer; that of new keys first. Raises: KeysUnavailable."""
        return readiness.describe_backends(self._custody)

    def expiring(self, days: int) -> list[KeyHandle]:
        """The keys whose newest certificate ends within so many days, first the one that ends first."""
        return [row.handle for row in expiry.expiring(self._custody, days)]

    def list_keys(self) -> list[KeyFacts]:
        """All keys but those of persons, oldest first."""
        return readiness.list_keys(self._custody)

    def rotate(self, purpose: str, alg: str, *, force: bool = False, issuer: str = "", backend: str = "") -> KeyHandle:
        """
        Next becomes active, active retires, a new next is published. Returns the handle that is now active.

        purpose: "token", "encryption" or "tsu"; the last two have no next and are replaced at once. issuer: name of the
        authority that certifies the unit; backend: where its key is made; empty means as the settings say.
        Raises: KeyRefused("too_early"): next was not published long enough and not forced.
        """
        return rotate.rotate(self._custody, purpose, alg, force=force, issuer=issuer, backend=backend)
