"""The evidence record of a signature: who signed as what, with which key, on which approval, and when."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from base.audit import append
from base.ids import hash_secret, new_id
from signing.events import SignatureMade
from signing.flows.sign import SignedDocument
from signing.services import SigningServices
from signing.store import evidence
from signing.store.desk_sessions import Signer
from signing.store.evidence import Evidence


def evidence_of(document_id: str, signer: Signer, signed: SignedDocument) -> Evidence:
    """
    The row to keep. Position and organisation are those held when signing.

    Source: Decree 68/2024/ND-CP; Decree 30/2020/ND-CP Art. 13.
    """
    activation = signed.activation
    return Evidence(
        id=new_id("evd"),
        document_id=document_id,
        owner=signed.credential.owner,
        full_name=signer.full_name,
        organisation_code=signer.organisation_code,
        organisation_name=signer.organisation_name,
        position_title=signer.position_title,
        credential=str(signed.credential.handle),
        certificate_sha256=hashlib.sha256(signed.credential.certificate).hexdigest(),
        digest_in=signed.digest_in,
        digest_out=signed.digest_out,
        acr=activation.acr,
        auth_time=activation.auth_time,
        otp_time=activation.otp_time,
        activation_hash=hash_secret(activation.jti),
        signing_time=signed.signing_time,
        stamp_time=signed.stamp_time,
    )


def add_evidence(connection: Connection, services: SigningServices, row: Evidence) -> None:
    """The row and its audit event, in the caller's transaction; call it last there."""
    evidence.add(connection, row)
    event = SignatureMade(
        evidence_id=row.id,
        document_id=row.document_id,
        owner=row.owner,
        credential=row.credential,
        certificate_sha256=row.certificate_sha256,
        digest_in=row.digest_in,
        digest_out=row.digest_out,
        acr=row.acr,
        stamp_time=row.stamp_time,
    )
    append(connection, services.base.clock, event)


def keep_evidence(services: SigningServices, row: Evidence) -> None:
    """The same in a transaction of its own."""
    with services.base.db.begin() as connection:
        add_evidence(connection, services, row)
