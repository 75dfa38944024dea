"""
The seal of an agency on a document, for an application and without a person.

Two operators have granted it (keys/flows/agency_seal.py); each document takes one use of the grant, bound to its
digest, before the key is opened. What comes out is verified by the engine everybody uses before it is handed out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from base.audit import append
from keys.api import KeyHandle
from signing.errors import ApiRefused
from signing.events import DocumentSealed
from signing.flows.sign import SigningOrder, check_made, make_room
from signing.flows.signer_status import check_status
from signing.flows.ways import judge, order_fields
from signing.formats.choice import PDF, formats_for
from signing.services import SigningServices


@dataclass(frozen=True, slots=True)
class SealOrder:
    """format: one of those that the file can be signed in; empty for the usual one. label: what the file is called."""

    document: bytes = field(repr=False)
    label: str
    handle: KeyHandle
    client_id: str
    format: str = ""


def seal_document(services: SigningServices, order: SealOrder) -> bytes:
    """
    Seal.

    Raises: KeyRefused: no grant, its limits, the state of the certificate; SigningError: what the format says of the
            document, `bad_format`, the time-stamp authority, our own check. Nothing half-sealed leaves.

    1. The grant and the certificate, before the document is looked at.
    2. What kind of file it is, and room in it. If that fails, no use of the grant is taken.
    3. One use is taken, with its audit event; then the key signs.
    4. The result is checked, recorded, handed out.
    """
    credential, now = services.keys.check_seal(order.handle, order.client_id), services.base.clock.now()
    lists = check_status(services, credential)
    digest_in = hashlib.sha256(order.document).hexdigest()
    signing_order = _order(services, order, digest_in)
    signature_format, prepared = make_room(services, credential, signing_order, now)
    permit = services.keys.spend_seal(order.handle, client_id=order.client_id, document_digest=digest_in)
    value = services.keys.seal_message(order.handle, message=prepared.signed_attributes, permit=permit)
    content = signature_format.embed(prepared, value, services.keys.timestamp)
    check_made(services, signing_order, content, credential, lists)
    digest_out = hashlib.sha256(content).hexdigest()
    with services.base.db.begin() as connection:
        event = DocumentSealed(permit.grant_id, order.handle, order.client_id, digest_in, digest_out)
        append(connection, services.base.clock, event)
    return content


def _order(services: SigningServices, order: SealOrder, digest: str) -> SigningOrder:
    """An order without an approval: it makes room and is checked like every other."""
    taken = judge(services, order.document, order.label)
    form = order.format or taken.format
    if form not in formats_for(order.document):
        raise ApiRefused(
            "bad_format",
            vi="Tệp này không đóng dấu được theo dạng đó.",
            en="This file cannot be sealed in that format.",
            status=422,
        )
    fields = {} if form == PDF else order_fields(order.document, form, order.label, None)
    return SigningOrder(
        document=order.document,
        expected_digest=digest,
        credential=order.handle,
        activation_token="",
        name="",
        **fields,
    )
