"""
Registering a relying party: metadata in, identifier and secret out.

1. Judge: protocol/registration.py, the policy, Authlib's validators for the shape, the sector document.
2. Act: one row, one audit event, one raise of the cache counter, in one transaction.

`register` is the administrator's way; flows/register_dynamically.py is everybody's (RFC 7591) and shares both steps.

Source: RFC 7591 §2, §3.2; OpenID Connect Registration §2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from base import audit
from base.ids import hash_secret, new_id, new_secret
from base.texts import Text
from idp.errors import RegistrationRefused
from idp.events import ClientRegistered
from idp.flows.check_sector import check_sector
from idp.flows.discovery import discovery
from idp.flows.fetch_logo import want_logo
from idp.flows.protect import check_own_keys, check_recipient_keys
from idp.oauth.authlib_door import check_metadata
from idp.protocol.protection import asked_for
from idp.protocol.registration import check_client_id, validated
from idp.protocol.registration_policies import Policy, check_policy
from idp.services import IdpServices
from idp.store import clients, organisations

NO_PURPOSE = Text("", "")
SHORTEST_SECRET = 32


def register(
    services: IdpServices,
    metadata: Mapping[str, Any],
    *,
    organisation_code: str | None = None,
    purpose: Text = NO_PURPOSE,
    trusted: bool = False,
    client_id: str | None = None,
    client_secret: str | None = None,
    if_missing: bool = False,
) -> dict[str, Any]:
    """
    Add a client. Returns its metadata with client_id and, once and never again, client_secret.

    client_id and client_secret are made here unless given. if_missing: a client of that client_id that exists already
    is returned as it is, without its secret.

    Raises:  RegistrationRefused: `invalid_redirect_uri` or `invalid_client_metadata`.
    """
    client_id = client_id or metadata.get("client_id") or new_id("client")
    check_client_id(client_id)
    if if_missing and services.clients.get(client_id) is not None:
        return {"client_id": client_id}
    organisation_id = organisation_id_of(services, organisation_code)
    valid = judged(services, {**metadata, "client_id": client_id}, organisation_id=organisation_id)
    secret = secret_for(valid, client_secret)
    now = services.base.clock.now()
    try:
        with services.base.db.begin() as connection:
            clients.add_client(
                connection,
                valid,
                secret_hash=hash_secret(secret) if secret else None,
                organisation_id=organisation_id,
                purpose=purpose,
                trusted=trusted,
                now=now,
            )
            want_logo(connection, services, valid)
            audit.append(connection, services.base.clock, ClientRegistered(client_id, digest_of(valid)))
    except IntegrityError:
        raise RegistrationRefused("invalid_client_metadata", "client_id is taken") from None
    return answer_of(valid, now, secret)


def judged(
    services: IdpServices,
    unverified: Mapping[str, Any],
    *,
    organisation_id: str | None,
    policy: Policy | None = None,
) -> dict[str, Any]:
    """
    Complete, consistent metadata of a client, every rule applied. Fetches the sector document where one is named, so no
    transaction may be open.

    policy: what a client may be that registers itself; None: an administrator adds it.
    Raises:  RegistrationRefused.
    """
    valid = validated(
        unverified,
        has_organisation=organisation_id is not None,
        pkce_required=services.settings.pkce_required or (policy is not None and policy.pkce),
    )
    if policy is not None:
        check_policy(valid, policy)
    check_metadata(valid, values=discovery(services.issuer, services.settings, services.keys.permitted))
    _check_subject(services, valid)
    check_recipient_keys(services.keys, valid)
    check_own_keys(services.keys, valid)
    check_sector(services.fetches, valid)
    for alg in sorted(asked_for(valid)):
        services.keys.provide_token_key(alg)
    return valid


def answer_of(valid: Mapping[str, Any], issued_at: int, secret: str | None) -> dict[str, Any]:
    """Metadata as they were registered, and the secret where there is one to be told. Source: RFC 7591 §3.2.1."""
    answer = {**valid, "client_id_issued_at": issued_at}
    return {**answer, "client_secret": secret, "client_secret_expires_at": 0} if secret else answer


def _check_subject(services: IdpServices, valid: Mapping[str, Any]) -> None:
    """The distinguished name of a client's certificate must be one (RFC 4514), or it would never match."""
    try:
        services.keys.distinguished_name(valid.get("tls_client_auth_subject_dn", ""))
    except ValueError:
        raise RegistrationRefused("invalid_client_metadata", "tls_client_auth_subject_dn is not a name") from None


def organisation_id_of(services: IdpServices, code: str | None) -> str | None:
    """Raises: RegistrationRefused: there is no organisation of that code."""
    if code is None:
        return None
    with services.base.db.read() as connection:
        found = organisations.by_code(connection, code)
    if found is None:
        raise RegistrationRefused("invalid_client_metadata", "there is no organisation of that code")
    return found.id


def secret_for(valid: Mapping[str, Any], given: str | None = None) -> str | None:
    """The secret, for a method that has one. A given one must be as random as ours, since only a fast hash is kept."""
    if not valid["token_endpoint_auth_method"].startswith("client_secret_"):
        return None
    if given is not None and len(given) < SHORTEST_SECRET:
        raise RegistrationRefused("invalid_client_metadata", f"client_secret needs {SHORTEST_SECRET} characters")
    return given or new_secret()


def digest_of(valid: Mapping[str, Any]) -> str:
    """What the audit log keeps of metadata: SHA-256, hexadecimal."""
    return hashlib.sha256(json.dumps(dict(valid), sort_keys=True).encode()).hexdigest()
