"""The evidence record of a signature: who signed as what, with which key, on which approval, and when."""

from __future__ import annotations

import hashlib

from base.ids import hash_secret, new_id
from signing.flows.sign import SignedDocument
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
