"""What outsiders hold in place of keys: handles and plain facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType

from base.texts import Text

KeyHandle = NewType("KeyHandle", str)
"""The public name of a key in custody: `key_` and 22 base64url characters. For token keys it is the `kid`."""


class TokenType(StrEnum):
    """The `typ` header of what we sign (RFC 8725 §3.11: one explicit type per use)."""

    ACCESS = "at+jwt"  # RFC 9068 §2.1
    LOGOUT = "logout+jwt"  # OpenID Connect Back-Channel Logout §2.4
    ID = "JWT"
    RESPONSE = "oauth-authz-resp+jwt"  # ours: JARM names none, and an ID token must not be mistaken for one
    USERINFO = "userinfo+jwt"  # ours: OpenID Connect names none either
    INTROSPECTION = "token-introspection+jwt"  # RFC 9701 §5


class KeyManagement(StrEnum):
    """
    How the key of an encrypted token reaches its reader (RFC 7518 §4). Left out on purpose: RSA1_5 (padding oracles),
    RSA-OAEP with SHA-1, PBES2 (the sender says how much work we do), dir and AES key wrapping (shared secrets).
    """

    RSA_OAEP_256 = "RSA-OAEP-256"
    ECDH_ES = "ECDH-ES"
    ECDH_ES_A128KW = "ECDH-ES+A128KW"
    ECDH_ES_A256KW = "ECDH-ES+A256KW"


class ContentEncryption(StrEnum):
    """What the content of a token is encrypted with (RFC 7518 §5)."""

    A128CBC_HS256 = "A128CBC-HS256"
    A256CBC_HS512 = "A256CBC-HS512"
    A128GCM = "A128GCM"
    A256GCM = "A256GCM"


class RevocationReason(StrEnum):
    """
    Why a certificate ends early, or rests (RFC 5280 §5.3.1). Left out: removeFromCRL, which only delta lists hold.

    HOLD is what suspending says; nobody revokes for it. CA_COMPROMISE and AA_COMPROMISE are of authorities.
    """

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION = "cessationOfOperation"
    HOLD = "certificateHold"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"
    AA_COMPROMISE = "aACompromise"


REVOKING = tuple(
    reason
    for reason in RevocationReason
    if reason not in (RevocationReason.HOLD, RevocationReason.CA_COMPROMISE, RevocationReason.AA_COMPROMISE)
)
"""The reasons that end a subscriber's certificate for good."""


@dataclass(frozen=True, slots=True)
class PersonSubject:
    """
    Who a certificate is for. owner: the opaque subject identifier that later approves signatures.

    title does not go into the certificate: it changes more often than the key and comes from the identity provider when
    signing (Decree 68/2024/ND-CP). surname, given_name: of the common name, where somebody knows better than its order.
    """

    owner: str
    common_name: str
    organisation: str
    title: str
    surname: str = ""
    given_name: str = ""


@dataclass(frozen=True, slots=True)
class LegalSubject:
    """
    An agency whose seal, or whose machine, a certificate is for. owner: the opaque identifier of the agency.

    identifier: as EN 319 412-1 §5.1.4 writes it: `VATVN-` and the tax code, `NTRVN-` and the registered number, or a
    national scheme of two characters, `GO:VN-` and the code of the agency. common_name: empty means the organisation.
    """

    owner: str
    organisation: str
    identifier: str
    common_name: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """
    A person's key in custody with its certificate.

    certificate: DER; chain: DER, issuing authority first, without the root; times: epoch seconds;
    status: active | suspended | revoked (out of its time it is still `active`: compare not_before and not_after).
    algorithm: what the key signs with, such as ES256, PS256 or ML-DSA-65.
    """

    handle: KeyHandle
    owner: str
    certificate: bytes
    chain: tuple[bytes, ...]
    not_before: int
    not_after: int
    status: str
    algorithm: str = "ES256"


@dataclass(frozen=True, slots=True)
class PeerCertificate:
    """
    The certificate of somebody at the other end of a TLS connection, as facts; whether it is trusted is another matter.

    der:            as it came.
    thumbprint:     SHA-256 of it, 43 base64url characters (RFC 8705 §3.1: `x5t#S256`).
    key_thumbprint: SHA-256 of its public key as a JWK (RFC 7638).
    subject:        distinguished name in the order of RFC 4514; each part a set of (type, value), ready to be compared.
    names:          subjectAltName by kind (dns, uri, ip, email), ready to be compared.
    not_before, not_after: epoch seconds.
    """

    der: bytes
    thumbprint: str
    key_thumbprint: str
    subject: tuple[frozenset[tuple[str, str]], ...]
    names: Mapping[str, frozenset[str]]
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """
    A key whose holder has signed something with it, and the claims that were signed, which are still to be judged.

    thumbprint: SHA-256 of the public key (RFC 7638), 43 base64url characters.
    """

    thumbprint: str
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FollowedList:
    """
    How a trust list stands that is followed. Times are epoch seconds.

    domain: of keys/trust/anchor.py. taken_at: when this number came. is_late: no list has followed it until
    next_update; alarmed_at: since when that is known, None: it is in time.
    """

    name: str
    domain: str
    sequence: int
    issued_at: int
    next_update: int
    taken_at: int
    alarmed_at: int | None
    is_late: bool
    signer_sha256: str


@dataclass(frozen=True, slots=True)
class ListedService:
    """
    A service on a trust list.

    kind, and the statuses in spells: the last words of their URIs (ETSI TS 119 612 §5.5.1, §5.5.4). spells: status and
    since when (epoch seconds), the present one first.
    """

    provider: Text
    name: Text
    kind: str
    spells: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """
    A column that holds sealed bytes, which are sealed anew when the master key changes.

    table: a sqlalchemy Table. context: of a row, from its columns; None: that row is not sealed by us.
    """

    table: Any
    column: str
    context: Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One line of `key list`. Times are epoch seconds; None: not yet."""

    handle: KeyHandle
    purpose: str
    algorithm: str
    backend: str
    state: str
    created_at: int
    activated_at: int | None
    retired_at: int | None
