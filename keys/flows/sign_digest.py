"""
Sole control: an approval is used up in the database, and only then is the signer's key opened, once.

Source: the idea of EN 419 241-1, SCAL2 (§SRA_SAP: what is signed, by whom, with which key); CSC API 2.2 §11.
"""

from __future__ import annotations

import hashlib
import re

from sqlalchemy.exc import IntegrityError

from base.audit import append
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import ActivationSpent
from keys.flows.enrol import credential
from keys.flows.record_use import record_use
from keys.flows.tokens import verify_own_jwt
from keys.handles import Credential, KeyHandle, TokenType
from keys.lifecycle.activation import ActivationFacts, judge_activation
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import State
from keys.signers import DocumentSigner
from keys.sole_control import SignatureActivation, grant
from keys.store import activations
from keys.store import keys as key_rows
from keys.token_claims import check_audience

_DIGEST = re.compile(r"[0-9a-f]{64}")


def spend_activation(
    custody: Custody, token: str, *, handle: KeyHandle, document_digest: str, audience: str
) -> SignatureActivation:
    """
    Turn an activation token into the permit for one signature.

    Raises: JoseError: not a valid token of ours for this audience; KeyRefused.

    1. Gather: the claims, and the credential that shall sign.
    2. Judge them against each other (lifecycle/activation.py).
    3. Act: one unique insert, together with its audit event. Whoever loses the insert has no permit. This comes before
       the signature, because a spent approval without a signature is a nuisance, a second signature is a forgery.
    """
    if not _DIGEST.fullmatch(document_digest):
        raise KeyRefused("activation_refused", debug="digest is not hexadecimal SHA-256")
    claims = verify_own_jwt(custody, token, typ=TokenType.ACCESS, issuer=custody.issuer, leeway=0, allow_expired=False)
    check_audience(claims, audience or custody.settings.activation_audience or f"{custody.issuer}/desk")
    owned = credential(custody, handle)
    _check_usable(custody, owned)
    facts = judge_activation(
        claims,
        handle=handle,
        owner=owned.owner,
        document_digest=document_digest,
        now=custody.base.clock.now(),
        factor_seconds=custody.settings.activation_factor_seconds,
    )
    _spend(custody, facts)
    return grant(facts)


def _spend(custody: Custody, facts: ActivationFacts) -> None:
    event = ActivationSpent(facts.handle, facts.owner, facts.jti, facts.document_digest, facts.acr, facts.otp_time)
    try:
        with custody.base.db.begin() as connection:
            activations.spend(connection, facts, now=custody.base.clock.now())
            append(connection, custody.base.clock, event)
    except IntegrityError as error:
        raise KeyRefused("activation_spent", status=409) from error


def sign_digest(custody: Custody, handle: KeyHandle, *, digest: bytes, activation: SignatureActivation) -> bytes:
    """
    An ECDSA signature in DER over a SHA-256 digest of what the format prepared.

    Raises: KeyRefused: no permit, for another key, used before; key destroyed; certificate revoked or out of its time.

    1. The permit is checked by type and used up before the key is opened.
    2. The certificate may have been revoked since: look again.
    3. The signature is counted and recorded, and that is committed before there is one.
    4. Open, sign, forget: keys of persons are not kept in memory.
    """
    _check_permit(activation)
    if len(digest) != 32:
        raise KeyRefused("wrong_algorithm", debug="a SHA-256 digest has 32 bytes", status=422)
    return _open(custody, handle, activation, digest).sign_digest(digest)


def sign_message(custody: Custody, handle: KeyHandle, *, message: bytes, activation: SignatureActivation) -> bytes:
    """
    The same over what the format prepared, in the form of the key's algorithm (keys/algorithms.py: Algorithm): some
    keys hash in a way of their own and take no digest.

    Raises: as sign_digest does.
    """
    _check_permit(activation)
    return _open(custody, handle, activation, hashlib.sha256(message).digest()).sign(message)


def _check_permit(activation: object) -> None:
    if type(activation) is not SignatureActivation:
        raise KeyRefused("activation_refused", debug="no activation")


def _open(custody: Custody, handle: KeyHandle, activation: SignatureActivation, digest: bytes) -> DocumentSigner:
    """Steps 1 to 3, and the opened key."""
    activation.use(handle)
    _check_usable(custody, credential(custody, handle))
    with custody.base.db.begin() as connection:
        key = key_rows.find(connection, handle)
        if key is None or key.state is not State.ACTIVE:
            raise KeyRefused("unknown_key", status=404)
        record_use(custody, connection, key, Use.DOCUMENT, digest)
    return custody.open_for(DocumentSigner, key)


def _check_usable(custody: Custody, owned: Credential) -> None:
    """Raises: KeyRefused("certificate_not_valid"): revoked, or not in its time."""
    if owned.status != "active" or not owned.not_before <= custody.base.clock.now() < owned.not_after:
        raise KeyRefused("certificate_not_valid", status=409)
