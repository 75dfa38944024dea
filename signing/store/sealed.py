"""The sealed columns of signing: what each is bound to, so that it opens in its own row only."""

from __future__ import annotations

from keys.handles import SealedColumn
from signing.models import desk_sessions, document_codes, signature_requests


def activation_context(request_id: str) -> str:
    """Of the token that activates a signing key for one document."""
    return f"signing.activation|{request_id}"


def id_token_context(session_id: str) -> str:
    """Of the ID token that a desk session keeps for signing out."""
    return f"signing.desk|{session_id}"


def code_context(document_id: str) -> str:
    """Of the verification code of a document."""
    return f"signing.code|{document_id}"


SEALED = (
    SealedColumn(signature_requests, "sealed_activation", lambda row: activation_context(row["id"])),
    SealedColumn(desk_sessions, "sealed_id_token", lambda row: id_token_context(row["id"])),
    SealedColumn(document_codes, "sealed_code", lambda row: code_context(row["document_id"])),
)
