"""The `sub` a client knows a person by: pairwise by default, so that two agencies cannot match their records by it."""

from __future__ import annotations

from base.ids import letters_of
from idp.protocol.client import Client
from keys.api import Keys


def subject_for(keys: Keys, client: Client, user_id: str) -> str:
    """
    43 base64url characters. Computed, never stored: the same for all services of one sector, for ever.

    Source: OpenID Connect Core §8 (public: the same for everybody; it is still not our internal identifier).
    """
    sector = "" if client.subject_type == "public" else client.sector
    return _text(keys.mac("idp.sub", sector, user_id))


def public_subject(keys: Keys, user_id: str) -> str:
    """The `sub` for clients whose subject_type is public."""
    return _text(keys.mac("idp.sub", "", user_id))


def sid_for(keys: Keys, client: Client, session_id: str) -> str:
    """The `sid` by which one client knows a session; two clients cannot tell that theirs is the same."""
    return _text(keys.mac("idp.sid", client.client_id, session_id))[:32]


def sid_elsewhere_for(keys: Keys, client: Client, session_id: str) -> str:
    """
    The `sid` of what a client got on another device because this session approved it. It is not that of the browser, so
    that a logout on the device does not end the session of whoever approved.

    Source: OpenID Connect Back-Channel Logout 1.0 §2.1 (a session is that of one user agent or device).
    """
    return _text(keys.mac("idp.sid", client.client_id, session_id, "elsewhere"))[:32]


def _text(mac: bytes) -> str:
    return letters_of(mac)
