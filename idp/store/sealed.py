"""The sealed columns of idp: what each is bound to, so that it opens in its own row only."""

from __future__ import annotations

from idp.models import deferred_requests, totp_credentials
from keys.handles import SealedColumn


def totp_context(user_id: str) -> str:
    """Of the secret of one-time codes."""
    return f"idp.totp|{user_id}"


def notice_context(request_id: str) -> str:
    """Of the notice to a client that waits for an answer (CIBA ping)."""
    return f"idp.ciba_notice|{request_id}"


SEALED = (
    SealedColumn(totp_credentials, "sealed_secret", lambda row: totp_context(row["user_id"])),
    SealedColumn(deferred_requests, "sealed_notice", lambda row: notice_context(row["id"])),
)
