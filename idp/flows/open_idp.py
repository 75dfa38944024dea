"""Opening the identity provider: once per process, after the database and the keys."""

from __future__ import annotations

from pathlib import Path

from base.errors import StartError
from base.fetches import Fetches
from base.services import BaseServices
from base.versions import VersionedCache
from idp.accounts.factors import open_accounts
from idp.oauth.client_auth.client_keys import ClientKeys
from idp.oauth.request_references import RequestReferences
from idp.protocol.client import Client
from idp.protocol.resources import Resources
from idp.protocol.trusted_issuers import TrustedIssuers
from idp.services import CLIENTS, ISSUERS, RESOURCES, IdpServices
from idp.settings import IdpSettings
from idp.store.clients import load_client
from idp.store.resources import load_resources
from idp.store.trusted_issuers import load_trusted_issuers
from keys.api import Keys


def open_idp(base: BaseServices, keys: Keys) -> IdpServices:
    """
    The bundle every flow takes. Clients are cached until any of them changes in any process.

    Raises: StartError: the file of trusted authorities cannot be read; tokens would outlive the publication of keys.
    """

    def load(client_id: str) -> Client | None:
        with base.db.read() as connection:
            return load_client(connection, client_id)

    def load_all(_key: str) -> Resources:
        with base.db.read() as connection:
            return load_resources(connection)

    def load_issuers(_key: str) -> TrustedIssuers:
        with base.db.read() as connection:
            return load_trusted_issuers(connection)

    settings = base.settings[IdpSettings]
    keys.require_published(max(settings.access_token_lifetime_seconds, settings.id_token_lifetime_seconds))
    fetches = Fetches(base.http, settings.fetches_at_once)
    return IdpServices(
        base=base,
        keys=keys,
        settings=settings,
        clients=VersionedCache(base.versions, CLIENTS, load),
        resources=VersionedCache(base.versions, RESOURCES, load_all),
        trusted_issuers=VersionedCache(base.versions, ISSUERS, load_issuers),
        client_keys=ClientKeys(fetches, base.clock, keys.without_shared_primes),
        issuer=base.base.issuer.rstrip("/"),
        client_authorities=_authorities(keys, settings.mtls_ca_file),
        accounts=open_accounts(settings),
        fetches=fetches,
        references=RequestReferences(fetches),
    )


def _authorities(keys: Keys, path: str) -> tuple[bytes, ...]:
    if not path:
        return ()
    try:
        return keys.authorities_in(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise StartError(f"ANTIN_MTLS_CA_FILE cannot be used: {error}") from error
