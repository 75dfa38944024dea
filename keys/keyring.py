"""
The keys this process works with, opened once: token signers, verification and decryption keys, the key set, the
time-stamping unit.

One immutable snapshot, replaced as a whole when the counter "keys" moves (base/versions.py), which every process
notices within half a second. Verification never waits for that: an unknown `kid` makes the process look at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, select

from base.services import BaseServices
from base.versions import cache_versions
from keys.algorithms import to_decrypt_with, to_sign_with
from keys.backends.base import Backend
from keys.backends.software import SoftwareBackend
from keys.compact import Unverified
from keys.errors import JoseError, KeysUnavailable
from keys.handles import TokenType
from keys.jose import TokenSigner, VerificationKey, header_segment, own_key
from keys.jwe import DecryptionKey, decrypt, encrypt
from keys.lifecycle.approved import check_approved, is_approved
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import Purpose, State
from keys.ocsp.unit import IssuerName, ResponderUnit, open_responder
from keys.settings import KeysSettings
from keys.signers import OcspSigner, PurposeSigner, TimestampSigner, TokenKeySigner
from keys.store import certificates
from keys.store import keys as key_rows
from keys.store.keys import StoredKey
from keys.tsa.unit import TimestampUnit, open_unit
from keys.verified import VerifiedTokens

CHANNEL = "keys"
LOOK_AGAIN_SECONDS = 0.05
_SELF_TEST = b"antin.self-test"
SOFTWARE = SoftwareBackend.name
"""It cannot be away: what fails there is broken, and stops the start."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    jwks: the published key set. jwks_with_akp: the same with keys of the type AKP; a library that does not know them
    refuses the whole set. version: of the counter it was read at. segments: every header segment we write, to its key
    and type.
    verified: tokens that were found genuine under these very keys.
    """

    version: int
    signers: Mapping[str, TokenSigner]
    verifiers: Mapping[str, VerificationKey]
    segments: Mapping[str, tuple[VerificationKey, str]]
    decryption_keys: Mapping[str, DecryptionKey]
    jwks: bytes
    jwks_with_akp: bytes
    tsu: TimestampUnit | None
    responders: Mapping[IssuerName, ResponderUnit]
    roots: tuple[bytes, ...]
    issuers: tuple[bytes, ...]
    verified: VerifiedTokens = field(default_factory=VerifiedTokens)

    def signer(self, alg: str) -> TokenSigner:
        """Raises: KeysUnavailable: no active key of that algorithm."""
        signer = self.signers.get(alg)
        if signer is None:
            raise KeysUnavailable(f"There is no active token key for {alg[:20]}.")
        return signer


class KeyRing:
    """Hands out the current snapshot. Thread-safe."""

    def __init__(self, base: BaseServices, backends: Mapping[str, Backend], count: Callable[[str, Use], None]) -> None:
        """count: told of each signature of the time-stamping unit and the responder."""
        self._count = count
        self._base = base
        self._backends = backends
        self._approved_only = base.settings[KeysSettings].approved_only
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()
        self._looked_at = float("-inf")

    def current(self) -> Snapshot:
        """The snapshot, at most half a second behind the database."""
        snapshot = self._snapshot
        if snapshot is None or self._base.versions.current(CHANNEL) > snapshot.version:
            snapshot = self._replace(snapshot)
        return snapshot

    def signer(self, alg: str) -> TokenSigner:
        """
        The active token key of an algorithm; looked for anew where there is none, for one may just have been made.

        Raises: KeysUnavailable: there is no such key; KeyRefused("not_approved"): nor may there be.
        """
        snapshot = self.current()
        signer = snapshot.signers.get(alg)
        if signer is not None:
            return signer
        if self._approved_only:
            check_approved(alg)
        return self.after_unknown_kid(snapshot).signer(alg)

    def refresh(self) -> Snapshot:
        """The snapshot read anew; called by whoever changed keys in this process."""
        return self._replace(self._snapshot)

    def after_unknown_kid(self, snapshot: Snapshot) -> Snapshot:
        """
        A snapshot for a `kid` the given one does not know: read anew if the counter has moved.

        Forged names must not cost us a database read each, so the counter is looked at 20 times a second at most.
        """
        now = self._base.clock.monotonic()
        if now - self._looked_at < LOOK_AGAIN_SECONDS:
            return self._snapshot or snapshot
        self._looked_at = now
        with self._base.db.read() as connection:
            moved = _version(connection) > snapshot.version
        return self._replace(snapshot) if moved else snapshot

    def _replace(self, old: Snapshot | None) -> Snapshot:
        with self._lock:
            if self._snapshot is not None and self._snapshot is not old:
                return self._snapshot  # another thread has just done it
            with self._base.db.read() as connection:
                self._snapshot = self._load(connection)
            return self._snapshot

    def _load(self, connection: Connection) -> Snapshot:
        """
        Read the counter first: a change after it makes the snapshot stale, never wrong for good.

        In approved mode token keys of other algorithms are as good as gone: nobody is told of them, and what they have
        signed is by an unknown key.
        """
        version = _version(connection)
        rows = [row for row in key_rows.published(connection) if not self._approved_only or is_approved(row.algorithm)]
        verifiers = {row.handle: own_key(row.handle, to_sign_with(row.algorithm), row.public_key) for row in rows}
        signers = {str(row.algorithm): self._signer(row) for row in rows if row.state is State.ACTIVE}
        decryption_keys = [self._decryption_key(row) for row in key_rows.decrypting(connection)]
        published = [key.as_jwk() for key in verifiers.values()]
        published += [key.as_jwk() for key in decryption_keys if key.is_published]
        authorities = certificates.of_authorities(connection)
        return Snapshot(
            version=version,
            signers=signers,
            verifiers={str(kid): key for kid, key in verifiers.items()},
            segments=_segments(verifiers.values()),
            decryption_keys={key.kid: key for key in decryption_keys},
            jwks=orjson.dumps({"keys": [jwk for jwk in published if jwk["kty"] != "AKP"]}),
            jwks_with_akp=orjson.dumps({"keys": published}),
            tsu=self._tsu(connection),
            responders=self._responders(connection),
            roots=tuple(row.der for row in authorities if row.profile == "root"),
            issuers=tuple(row.der for row in authorities if row.profile == "issuing"),
        )

    def _signer(self, row: StoredKey) -> TokenSigner:
        """
        The opened key, after it has proven that it belongs to the public key beside it.

        A device that is away must not take along what needs no signature (verification, the key set, other keys): its
        key proves itself before its first signature instead.
        """
        if row.stored is None:
            raise KeysUnavailable("An active key has no private part.", debug=row.handle)
        algorithm = to_sign_with(row.algorithm)
        signer = TokenKeySigner(self._backends[row.backend].open(row.handle, algorithm, row.stored), row.purpose)
        opened = TokenSigner(row.handle, algorithm, signer.sign)
        key = own_key(row.handle, algorithm, row.public_key)
        try:
            signature = opened.sign_bytes(_SELF_TEST)
        except KeysUnavailable:
            if row.backend == SOFTWARE:
                raise
            return TokenSigner(row.handle, algorithm, Proving(key, signer.sign).sign)
        check_self_test(key, signature)
        return opened

    def _decryption_key(self, row: StoredKey) -> DecryptionKey:
        """The same for a key that decrypts."""
        if row.stored is None:
            raise KeysUnavailable("An encryption key has no private part.", debug=row.handle)
        algorithm = to_decrypt_with(row.algorithm)
        decrypter = self._backends[row.backend].open_to_decrypt(row.handle, algorithm, row.stored)
        key = DecryptionKey(row.handle, algorithm, row.public_key, decrypter, row.state is State.ACTIVE)
        try:
            sealed = encrypt(_SELF_TEST, {"keys": [key.as_jwk()]}, alg=algorithm, enc="A128GCM", is_token=False)
            if decrypt(sealed, {key.kid: key}) != _SELF_TEST:
                raise JoseError("not_decrypted")
        except JoseError as error:
            raise KeysUnavailable("A key fails its self-test.", debug=row.handle) from error
        return key

    def _tsu(self, connection: Connection) -> TimestampUnit | None:
        row = next(iter(reversed(key_rows.active_of(connection, Purpose.TSU))), None)
        if row is None or row.stored is None:
            return None
        certificate = certificates.of_handle(connection, row.handle)
        if certificate is None or certificate.status != "active":
            return None
        above = certificates.of_handle(connection, certificate.issuer) if certificate.issuer else None
        algorithm = to_sign_with(row.algorithm)
        signer = TimestampSigner(self._backends[row.backend].open(row.handle, algorithm, row.stored), row.purpose)
        chain = (above.der,) if above else ()
        return open_unit(
            self._counted(row, signer),
            algorithm,
            certificate.der,
            chain,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
        )

    def _counted(self, row: StoredKey, signer: PurposeSigner) -> Callable[[bytes], bytes]:
        def sign(message: bytes) -> bytes:
            made = signer.sign(message)
            self._count(row.handle, signer.use)
            return made

        return sign

    def _responders(self, connection: Connection) -> dict[IssuerName, ResponderUnit]:
        """
        Who answers about the certificates of each authority: the newest certificate that it gave the newest key.
        """
        found: dict[IssuerName, ResponderUnit] = {}
        for row in key_rows.active_of(connection, Purpose.OCSP):
            found.update(self._answering(connection, row))
        return found

    def _answering(self, connection: Connection, row: StoredKey) -> dict[IssuerName, ResponderUnit]:
        if row.stored is None:
            return {}
        algorithm = to_sign_with(row.algorithm)
        signer = OcspSigner(self._backends[row.backend].open(row.handle, algorithm, row.stored), row.purpose)
        found: dict[IssuerName, ResponderUnit] = {}
        for own in certificates.all_of_handle(connection, row.handle):
            above = certificates.of_handle(connection, own.issuer) if own.issuer else None
            if own.issuer is None or above is None or own.status != "active":
                continue
            span = {"not_before": own.not_before, "not_after": own.not_after}
            unit = open_responder(self._counted(row, signer), algorithm, own.der, own.issuer, above.der, **span)
            found.update(dict.fromkeys(unit.names, unit))
        return found


class Proving:
    """A key that shows before its first signature that it is its public key's. Thread-safe: or it shows it twice."""

    def __init__(self, key: VerificationKey, sign: Callable[[bytes], bytes]) -> None:
        self._key = key
        self._sign = sign
        self._proven = False

    def sign(self, message: bytes) -> bytes:
        """Raises: KeysUnavailable: the key is away, or another one's."""
        if not self._proven:
            opened = TokenSigner(self._key.kid, self._key.algorithm, self._sign)
            check_self_test(self._key, opened.sign_bytes(_SELF_TEST))
            self._proven = True
        return self._sign(message)


def check_self_test(key: VerificationKey, signature: bytes) -> None:
    """Raises: KeysUnavailable: another key has signed."""
    try:
        check_own_signature(key, signature)
    except JoseError as error:
        raise KeysUnavailable("A key fails its self-test.", debug=key.kid) from error


def check_own_signature(key: VerificationKey, signature: bytes) -> None:
    """Raises: JoseError: the signature over the self-test text is not this key's."""
    key.check(Unverified("", b"", signature, _SELF_TEST))


def _segments(keys: Iterable[VerificationKey]) -> dict[str, tuple[VerificationKey, str]]:
    return {header_segment(key.kid, key.algorithm, typ).decode(): (key, str(typ)) for key in keys for typ in TokenType}


def _version(connection: Connection) -> int:
    found = connection.execute(
        select(cache_versions.c.version).where(cache_versions.c.name == CHANNEL)
    ).scalar_one_or_none()
    return int(found or 0)
