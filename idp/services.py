"""What the identity provider hands to its flows: one frozen bundle per process, made once by flows/open_idp.py."""

from __future__ import annotations

from dataclasses import dataclass

from base.fetches import Fetches
from base.services import BaseServices
from base.versions import VersionedCache
from idp.accounts.factors import Accounts
from idp.oauth.client_auth.client_keys import ClientKeys
from idp.oauth.request_references import RequestReferences
from idp.protocol.client import Client
from idp.protocol.resources import Resources
from idp.protocol.trusted_issuers import TrustedIssuers
from idp.settings import IdpSettings
from keys.api import Keys

CLIENTS = "clients"
"""Name of the cache counter that a change of any client raises (base/versions.py)."""
RESOURCES = "resources"
"""The same for the resource servers, which are few and kept as one value under EVERY_RESOURCE."""
EVERY_RESOURCE = "*"
ISSUERS = "trusted_issuers"
"""The same for the issuers whose assertions count; all of them under EVERY_ISSUER."""
EVERY_ISSUER = "*"


@dataclass(frozen=True, slots=True)
class IdpServices:
    """
    The floor, the keys, our settings, the relying parties by client_id (None: unknown), and their published keys.

    resources: the resource servers, all of them under EVERY_RESOURCE; trusted_issuers likewise.
    issuer: public address without a trailing slash; the `iss` of everything we sign.
    accounts: the password hasher and the factors of this process.
    client_authorities: DER certificates of those whose word counts for tls_client_auth.
    fetches: the only way to an address that a client named, while somebody waits; references: request objects there.
    """

    base: BaseServices
    keys: Keys
    settings: IdpSettings
    clients: VersionedCache[Client]
    resources: VersionedCache[Resources]
    trusted_issuers: VersionedCache[TrustedIssuers]
    client_keys: ClientKeys
    issuer: str
    accounts: Accounts
    fetches: Fetches
    references: RequestReferences
    client_authorities: tuple[bytes, ...] = ()
