"""
The moment between the password and the second factor. Nothing is stored for it: what was proven is sealed into a
cookie, bound to the browser and to the password hash it was proven against, and worth nothing without a code.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from base.errors import AntinError
from base.ids import hash_secret
from idp.services import IdpServices
from idp.store.users import SignInFacts

PENDING_COOKIE = "antin_pending"
PENDING_SECONDS = 600
"""Source: OWASP ASVS 5.0 §6.6.2 (ten minutes)."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Whose password was proven, when (epoch seconds), and a digest of the hash it was compared with."""

    user_id: str
    password_at: int
    hash_digest: str

    def belongs_to(self, facts: SignInFacts) -> bool:
        """Whether the account is still the same one, with the same password."""
        return self.user_id == facts.user_id and self.hash_digest == hash_secret(facts.password_hash)


def write_pending(services: IdpServices, browser: str, facts: SignInFacts, now: int) -> str:
    """The cookie value for a proven password."""
    plain = orjson.dumps([facts.user_id, now, hash_secret(facts.password_hash)])
    return base64.urlsafe_b64encode(services.keys.seal(plain, _context(browser))).decode()


def read_pending(services: IdpServices, browser: str, cookie: str | None) -> Pending | None:
    """What was proven; None for no cookie, one of another browser, or one older than PENDING_SECONDS."""
    if not cookie:
        return None
    try:
        plain = services.keys.unseal(base64.urlsafe_b64decode(cookie), _context(browser))
        pending = Pending(*orjson.loads(plain))
    except (AntinError, binascii.Error, ValueError):
        return None
    fresh = 0 <= services.base.clock.now() - pending.password_at <= PENDING_SECONDS
    return pending if fresh else None


def _context(browser: str) -> str:
    return f"idp.pending|{browser}"
