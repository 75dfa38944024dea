"""
The seal of an agency, used by an application without a person: by an explicit grant of two operators, and no further.

Made:    a key of its own purpose with a certificate of the legal person; it can do nothing else, and no approval of a
         person opens it.
Granted: to one application, so many documents, so many a day, until a day; always by two operators, also where the
         installation asks for one otherwise, for nobody looks at each document later.
Used:    one step of the grant, bound to the digest of the document, with its audit event, before the key is opened.

Source: CSC API 2.2 §8.5; ETSI EN 319 411-1 §6.4.2; Decree 30/2020/ND-CP Art. 32.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict

from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.ids import new_id
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import SealGranted, SealGrantEnded, SealSpent
from keys.flows.approvals import carry_out
from keys.flows.enrol import credential
from keys.flows.record_use import record_use
from keys.flows.subscribers import Subscription, issue_inside
from keys.handles import Credential, KeyHandle
from keys.lifecycle.purposes import Use
from keys.lifecycle.seal_grant import SealTerms, granting
from keys.lifecycle.states import Purpose, State
from keys.seal_permit import SealPermit, permit
from keys.signers import SealSigner
from keys.store import keys as key_rows
from keys.store import seal_grants
from keys.store.certificates import StoredCertificate
from keys.store.seal_grants import StoredGrant

LONGEST_CLIENT = 300
MOST_LISTED = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")


def make_seal(custody: Custody, order: Subscription) -> StoredCertificate:
    """A new seal. Raises: KeyRefused("owner_refused" | "subject_refused"); LintFailed."""
    return issue_inside(custody, order, Purpose.SEAL)


def grant_seal(custody: Custody, terms: SealTerms, approval_id: str) -> str:
    """
    Let an application use a seal. Returns the grant's identifier (`sgt_…`).

    Raises: KeyRefused("terms_refused"): amounts, time or application make no sense; KeyRefused("unknown_key");
            KeyRefused("approval_needed" | "approval_refused"); KeyRefused("grant_exists"): end the other one first.
    """
    now = custody.base.clock.now()
    if not 0 < terms.per_day <= terms.most or terms.until <= now or not 0 < len(terms.client_id) <= LONGEST_CLIENT:
        raise KeyRefused("terms_refused", en="The terms of the grant make no sense.", status=422)
    seal_credential(custody, terms.handle)
    if not approval_id:
        raise KeyRefused("approval_needed")
    grant_id = new_id("sgt")
    try:
        with custody.base.db.begin() as connection:
            carry_out(custody, connection, granting(terms), approval_id)
            seal_grants.add(connection, grant_id, terms, approval_id, now=now)
            append(connection, custody.base.clock, SealGranted(grant_id, **asdict(terms), approval_id=approval_id))
    except IntegrityError as error:
        raise KeyRefused(
            "grant_exists",
            vi="Ứng dụng này đã được giao con dấu đó. Hãy kết thúc lần giao cũ trước.",
            en="This application has a grant for that seal. End it first.",
            status=409,
        ) from error
    return grant_id


def end_grant(custody: Custody, grant_id: str) -> None:
    """Take a grant back; one operator is enough to stop something. Raises: KeyRefused("unknown_grant")."""
    with custody.base.db.begin() as connection:
        if not seal_grants.end(connection, grant_id, now=custody.base.clock.now()):
            raise KeyRefused("unknown_grant", en="There is no such grant, or it has ended.", status=404)
        append(connection, custody.base.clock, SealGrantEnded(grant_id))


def grants(custody: Custody) -> list[StoredGrant]:
    """The latest grants, newest first."""
    with custody.base.db.read() as connection:
        return seal_grants.newest(connection, now=custody.base.clock.now(), most=MOST_LISTED)


def seal_credential(custody: Custody, handle: KeyHandle) -> Credential:
    """A seal with its certificate. Raises: KeyRefused("unknown_key"): no such seal; a person's key is none."""
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, handle)
    if key is None or key.purpose is not Purpose.SEAL:
        raise KeyRefused("unknown_key", status=404)
    return credential(custody, handle)


def check_seal(custody: Custody, handle: KeyHandle, client_id: str) -> Credential:
    """
    Whether an application could use a seal now; takes nothing from its grant.

    Raises: KeyRefused: `no_seal_grant` (403), also for a seal that does not exist; `seal_limit_reached` (429);
            `certificate_not_valid` (409): revoked, suspended, or not in its time.
    """
    now = custody.base.clock.now()
    with custody.base.db.read() as connection:
        found = seal_grants.standing(connection, handle, client_id, now=now)
    if found is None or found.terms.until <= now:
        raise _no_grant()
    if found.used >= found.terms.most or found.used_today >= found.terms.per_day:
        raise _limit_reached()
    held = seal_credential(custody, handle)
    _check_usable(custody, held)
    return held


def spend_seal(custody: Custody, handle: KeyHandle, *, client_id: str, document_digest: str) -> SealPermit:
    """
    Take one use from the grant, for one document. document_digest: hexadecimal SHA-256.

    Raises: as check_seal does. The use is gone even if no seal comes of it: the other way round, one use could seal
            two documents.
    """
    if not _DIGEST.fullmatch(document_digest):
        raise KeyRefused("seal_refused", debug="digest is not hexadecimal SHA-256")
    check_seal(custody, handle, client_id)
    with custody.base.db.begin() as connection:
        grant_id = seal_grants.spend(connection, handle, client_id, now=custody.base.clock.now())
        if grant_id is None:
            raise _limit_reached()  # somebody was faster, or it was ended meanwhile
        append(connection, custody.base.clock, SealSpent(grant_id, handle, client_id, document_digest))
    return permit(handle, document_digest, grant_id)


def seal_message(custody: Custody, handle: KeyHandle, *, message: bytes, permit: SealPermit) -> bytes:
    """
    A signature by the seal over what a format prepared, as Credential.algorithm makes it.

    Raises: KeyRefused: no permit, for another seal, used before; certificate revoked since; limit of the key reached.
    """
    if type(permit) is not SealPermit:
        raise KeyRefused("seal_refused", debug="no permit")
    permit.use(handle)
    _check_usable(custody, seal_credential(custody, handle))
    with custody.base.db.begin() as connection:
        key = key_rows.find(connection, handle)
        if key is None or key.state is not State.ACTIVE:
            raise KeyRefused("unknown_key", status=404)
        record_use(custody, connection, key, Use.SEAL, hashlib.sha256(message).digest())
    return custody.open_for(SealSigner, key).sign(message)


def _check_usable(custody: Custody, held: Credential) -> None:
    if held.status != "active" or not held.not_before <= custody.base.clock.now() < held.not_after:
        raise KeyRefused("certificate_not_valid", status=409)


def _no_grant() -> KeyRefused:
    return KeyRefused(
        "no_seal_grant",
        vi="Ứng dụng của bạn không được giao con dấu này, hoặc thời hạn giao đã hết.",
        en="Your application has no grant for this seal, or the time of its grant is over.",
        status=403,
    )


def _limit_reached() -> KeyRefused:
    error = KeyRefused(
        "seal_limit_reached",
        vi="Đã dùng hết số lần đóng dấu được giao, trong ngày hoặc tổng cộng.",
        en="The uses of the seal that were granted are spent, for today or altogether.",
        status=429,
    )
    error.retry_seconds = 3600
    return error
