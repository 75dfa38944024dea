"""
The minutes of a ceremony: when and where, who was there and who approved it, what was made; signed by the audit key.

They name people, so they stand in a table of their own; the audit log has their digest, and they its key.

Source: ETSI EN 319 411-1 §6.5.1 (the record of a key ceremony, signed); Baseline Requirements §6.1.1.1.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from sqlalchemy import Connection

from base.audit import append
from base.clock import shown
from keys.backends.base import NewKey
from keys.ca.ceremony import AuthorityPlan, CeremonyScript
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CeremonyHeld
from keys.handles import KeyHandle
from keys.lifecycle.operations import Operation
from keys.lifecycle.purposes import Use
from keys.signers import AuditSigner
from keys.store import approvals, authorities
from keys.store import keys as key_rows
from keys.store.authorities import StoredCeremony
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey


@dataclass(frozen=True, slots=True)
class Minutes:
    """
    id: of the ceremony; content: JSON; sha256: of it, as the audit log has it.

    signature: ECDSA with SHA-256 over the content, DER; signer: public key, PEM. Both empty for a ceremony that was
    held before minutes were signed.
    """

    id: str
    content: bytes
    sha256: str
    signature: bytes = b""
    signer: bytes = b""


@dataclass(frozen=True, slots=True)
class Made:
    """What one step of a ceremony has made. request: PKCS #10, DER, of a key that another one certified; else empty."""

    plan: AuthorityPlan
    key: NewKey
    certificate: StoredCertificate
    request: bytes
    first_crl: bytes
    at: int


def write_minutes(
    custody: Custody,
    connection: Connection,
    ceremony_id: str,
    script: CeremonyScript,
    made: list[Made],
    *,
    operation: Operation,
    approval_id: str,
    key: StoredKey,
) -> Minutes:
    """Write, sign and store them, inside the caller's transaction. key: the audit key."""
    now = custody.base.clock.now()
    content = orjson.dumps(
        {
            "ceremony": ceremony_id,
            "held_at": now,
            "shown_as": shown(now),
            "place": script.place,
            "witnesses": list(script.witnesses),
            "approval": _approval(connection, approval_id),
            "script": script.parameters,
            "script_sha256": operation.digest,
            "steps": [_step(one) for one in made],
            "signed_by": {"handle": key.handle, "public_key_sha256": hashlib.sha256(key.public_key).hexdigest()},
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2,
    )
    digest = hashlib.sha256(content).hexdigest()
    signature = custody.open_for(AuditSigner, key).sign(content)
    custody.uses.count(key.handle, Use.AUDIT)
    authorities.fill_minutes(connection, StoredCeremony(ceremony_id, now, content, digest, signature, key.handle))
    append(connection, custody.base.clock, CeremonyHeld(ceremony_id, digest, len(made)))
    return Minutes(ceremony_id, content, digest, signature, _pem(key.public_key))


def minutes_of(custody: Custody, name: str) -> Minutes:
    """
    The minutes of the ceremony that made an authority.

    Raises: KeyRefused("no_minutes"); KeyRefused("minutes_changed"): they are not what was signed.
    """
    with custody.base.db.read() as connection:
        row = authorities.find(connection, name)
        kept = authorities.ceremony(connection, row.ceremony) if row and row.ceremony else None
        handle = KeyHandle(kept.signed_with) if kept and kept.signed_with else None
        key = key_rows.find(connection, handle) if handle else None
    if kept is None:
        raise KeyRefused(
            "no_minutes",
            vi="Không có biên bản cho cơ quan chứng thực này.",
            en="There are no minutes for this authority: it was made at the first start, or does not exist.",
            status=404,
        )
    if kept.signature is None or key is None:
        return Minutes(kept.id, kept.minutes, kept.minutes_sha256)
    _check(key, kept)
    return Minutes(kept.id, kept.minutes, kept.minutes_sha256, kept.signature, _pem(key.public_key))


def _check(key: StoredKey, kept: StoredCeremony) -> None:
    public = load_der_public_key(key.public_key)
    try:
        assert isinstance(public, ec.EllipticCurvePublicKey)  # flows/audit_key.py makes no other
        public.verify(kept.signature or b"", kept.minutes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise KeyRefused(
            "minutes_changed",
            vi="Biên bản đã bị thay đổi sau khi được ký.",
            en="The minutes were changed after they had been signed.",
            debug=kept.id,
            status=500,
        ) from error


def _approval(connection: Connection, approval_id: str) -> dict[str, str] | None:
    """Who proposed and who approved, by name; None where the installation asks for no second person."""
    found = approvals.find(connection, approval_id) if approval_id else None
    if found is None:
        return None
    names = {one.id: one.name for one in approvals.all_operators(connection)}
    by = names.get(found.approved_by or "", "")
    return {"id": found.id, "proposed_by": names.get(found.proposed_by, ""), "approved_by": by}


def _step(made: Made) -> dict[str, Any]:
    row, new = made.certificate, made.key
    requested = {"sha256": hashlib.sha256(made.request).hexdigest(), "der": base64.b64encode(made.request).decode()}
    return {
        "at": made.at,
        "authority": made.plan.name,
        "key": {
            "handle": new.handle,
            "backend": new.backend,
            "algorithm": str(made.plan.algorithm),
            "public_key_sha256": hashlib.sha256(new.public_key).hexdigest(),
        },
        "request": requested if made.request else None,
        "certificate": {
            "serial": row.serial,
            "sha256": hashlib.sha256(row.der).hexdigest(),
            "issuer": row.issuer,
            "not_before": row.not_before,
            "not_after": row.not_after,
            "lints": "all passed",
        },
        "first_crl_sha256": hashlib.sha256(made.first_crl).hexdigest(),
    }


def _pem(public_key: bytes) -> bytes:
    return load_der_public_key(public_key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
