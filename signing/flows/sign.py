"""
One signature, from an approval to a document that verifies. Used by the desk and by `antin sign`.

A format never sees a private key, and the key is used only for a spent activation: both by type (formats/base.py:
Prepared; keys: SignatureActivation).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from keys.api import Credential, KeyHandle, SignatureActivation
from signing.errors import SignatureRefused, SigningError
from signing.flows.enrol import check_usable
from signing.flows.self_check import Checked, ToCheck, check_own_output
from signing.flows.signer_status import check_status
from signing.formats import format_named
from signing.formats.base import (
    NO_TERMS,
    NOTHING_STATED,
    Format,
    Level,
    Packaging,
    Prepared,
    PrepareRequest,
    Statements,
    Terms,
    VisibleSignature,
)
from signing.services import SigningServices
from signing.validation.located import ALONE, Beside

LEAST_STAMP_BYTES = 8192
"""The unit may get another key while a document is being signed."""


@dataclass(frozen=True, slots=True)
class SigningOrder:
    """
    What to sign and by what right.

    document:         the exact bytes that were approved.
    expected_digest:  hexadecimal SHA-256 that the approval was asked for.
    activation_token: the one-shot token from the provider.
    format:           name of an entry of FORMATS; packaging: None for its first.
    target, beside, nodes, joint, file_name, terms: as in PrepareRequest.
    statements:       what the signer states; a role comes from who asks for the signature, never from the document.
    """

    document: bytes
    expected_digest: str
    credential: KeyHandle
    activation_token: str
    name: str
    visible: VisibleSignature | None = None
    format: str = "PAdES"
    packaging: Packaging | None = None
    target: tuple[int, ...] = ()
    beside: Beside = ALONE
    nodes: tuple[str, ...] = ()
    joint: bool = False
    statements: Statements = NOTHING_STATED
    file_name: str = ""
    terms: Terms = NO_TERMS


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """The signed bytes and what evidence needs to know about them. Times are epoch seconds."""

    content: bytes
    digest_in: str
    digest_out: str
    credential: Credential
    activation: SignatureActivation
    signing_time: int
    stamp_time: int


def sign_document(services: SigningServices, order: SigningOrder) -> SignedDocument:
    """
    Sign.

    Raises: SignatureRefused, or what keys, the format and the time-stamp authority raise; nothing half-signed leaves.

    1. The signer's own certificate must be valid now, by the word of its own authority (Decree 23/2025/ND-CP Art. 15).
    2. The digest is computed again from the bytes at hand; what was approved is compared with it.
    3. Make room in the document. This needs no key; if it fails, the approval is not used up.
    4. Spend the activation: one unique insert, before the key is touched, so that of any number of requests one signs.
    5. Sign the signed attributes, put signature and time stamp in place (PAdES B-T).
    6. Verify the result with the engine everybody uses; what does not pass is not handed out.
    """
    now = services.base.clock.now()
    credential = services.keys.credential(order.credential)
    check_usable(credential, now)
    lists = check_status(services, credential)
    digest_in = hashlib.sha256(order.document).hexdigest()
    if digest_in != order.expected_digest:
        raise _swapped(digest_in)
    signature_format, prepared = make_room(services, credential, order, now)
    activation = services.keys.spend_activation(
        order.activation_token, handle=order.credential, document_digest=digest_in, audience=services.audience
    )
    signature = services.keys.sign_message(order.credential, message=prepared.signed_attributes, activation=activation)
    content = signature_format.embed(prepared, signature, services.keys.timestamp)
    checked = check_made(services, order, content, credential, lists)
    return SignedDocument(
        content=content,
        digest_in=digest_in,
        digest_out=hashlib.sha256(content).hexdigest(),
        credential=credential,
        activation=activation,
        signing_time=now,
        stamp_time=checked.stamp_time,
    )


def make_room(
    services: SigningServices, credential: Credential, order: SigningOrder, now: int
) -> tuple[Format, Prepared]:
    """The format of an order, and its document one signature value away from being signed. Raises: as the format."""
    signature_format = _format_of(order)
    return signature_format, signature_format.prepare(order.document, _request(services, credential, order, now))


def check_made(
    services: SigningServices, order: SigningOrder, content: bytes, credential: Credential, lists: Sequence[bytes]
) -> Checked:
    """What an order has come to, judged as everybody would. Raises: SignatureRefused("own_check_failed")."""
    return check_own_output(services, _before(order), _after(order, content), credential.certificate, lists)


def _request(services: SigningServices, credential: Credential, order: SigningOrder, now: int) -> PrepareRequest:
    return PrepareRequest(
        certificate=credential.certificate,
        chain=credential.chain,
        signing_time=now,
        level=Level.B_T,
        visible=order.visible,
        name=order.name,
        algorithm=credential.algorithm,
        stamp_bytes=max(LEAST_STAMP_BYTES, services.keys.stamp_bytes()),
        packaging=order.packaging,
        target=order.target,
        beside=order.beside,
        nodes=order.nodes,
        joint=order.joint,
        statements=order.statements,
        file_name=order.file_name,
        terms=order.terms,
    )


def _format_of(order: SigningOrder) -> Format:
    """The format that was asked for. Raises: SigningError: a PDF signature for what is no PDF."""
    found = format_named(order.format)
    if found.name == "PAdES" and not found.recognises(order.document):
        raise SigningError(
            "not_a_pdf",
            vi="Tệp không phải là văn bản PDF nên không ký được.",
            en="The file is not a PDF document and cannot be signed.",
        )
    return found


def _before(order: SigningOrder) -> ToCheck:
    """What there was before, as a signed document: nothing, where the signature makes a file of its own."""
    found = _format_of(order)
    if Packaging.CONTAINER in found.packagings:
        own_file = not found.recognises(order.document)
    else:
        own_file = (order.packaging or found.packagings[0]) in (Packaging.ATTACHED, Packaging.DETACHED)
    return ToCheck(b"") if own_file else ToCheck(order.document, order.beside)


def _after(order: SigningOrder, content: bytes) -> ToCheck:
    detached = order.packaging is Packaging.DETACHED
    return ToCheck(content, Beside(content=order.document) if detached else order.beside)


def _swapped(found: str) -> SignatureRefused:
    return SignatureRefused(
        "document_changed",
        vi="Văn bản lưu ở bàn ký không còn đúng là văn bản bạn đã chấp thuận nên không được ký. Hãy tải lên lại.",
        en="The stored document is no longer the one you approved, so it was not signed. Upload it again.",
        debug=f"digest {found}",
        status=409,
    )
