"""
The seal of this service: under what it says itself, so that nobody else can have said it. A key for nothing else.

Nobody approves each of these signatures, so the key signs no document of a person or an agency: its purpose lets it do
one thing (keys/lifecycle/purposes.py), and its certificate names this service.
"""

from __future__ import annotations

from keys.custody import Custody
from keys.errors import KeyRefused, KeysUnavailable
from keys.flows.service_keys import standing_key
from keys.handles import Credential, KeyHandle
from keys.lifecycle.purposes import Use
from keys.lifecycle.states import Purpose, State
from keys.signers import ReportSigner
from keys.store import certificates
from keys.store import keys as key_rows

OWNER = "service"


def report_seal(custody: Custody) -> Credential:
    """The seal with its certificate, made by whoever asks first. Raises: KeysUnavailable: there is no authority."""
    key = standing_key(custody, Purpose.REPORT)
    with custody.base.db.read() as connection:
        row = certificates.of_handle(connection, key.handle)
        issuer = certificates.of_handle(connection, row.issuer) if row and row.issuer else None
    if row is None or issuer is None:
        raise KeysUnavailable("The seal of reports has no certificate.")
    return Credential(
        handle=row.handle,
        owner=OWNER,
        certificate=row.der,
        chain=(issuer.der,),
        not_before=row.not_before,
        not_after=row.not_after,
        status=row.status,
        algorithm=str(row.algorithm),
    )


def seal_report(custody: Custody, handle: KeyHandle, message: bytes) -> bytes:
    """A signature over a message by the seal; counted. Raises: KeyRefused: not the seal, or it was withdrawn."""
    with custody.base.db.read() as connection:
        key = key_rows.find(connection, handle)
    if key is None or key.state is not State.ACTIVE:
        raise KeyRefused("unknown_key", status=404)
    signature = custody.open_for(ReportSigner, key).sign(message)
    custody.uses.count(handle, Use.REPORT)
    return signature
