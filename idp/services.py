"""What the identity provider hands to its flows: one frozen bundle per process, made once by `open_idp()`."""

from __future__ import annotations

from dataclasses import dataclass

from base.services import BaseServices
from base.versions import VersionedCache
from idp.accounts.factors import Accounts
from idp.protocol.client import Client
from idp.settings import IdpSettings
from keys.api import Keys

CLIENTS = "clients"
"""Name of the cache counter that a change of any client raises (base/versions.py)."""


@dataclass(frozen=True, slots=True)
class IdpServices:
    """The floor, the keys, our settings, and the relying parties by client_id (None: unknown)."""

    base: BaseServices
    keys: Keys
    settings: IdpSettings
    clients: VersionedCache[Client]
    issuer: str
    """Public address without a trailing slash; the `iss` of everything we sign."""
    accounts: Accounts
    """The password hasher and the factors of this process (idp/accounts/factors.py: open_accounts(settings))."""
