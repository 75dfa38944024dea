"""Making an initial access token: an administrator lets somebody register clients by HTTP (RFC 7591 §3)."""

from __future__ import annotations

from base import audit
from base.ids import hash_secret, new_secret
from idp.events import ClientInvited
from idp.flows.register_client import organisation_id_of
from idp.protocol.registration_policies import policy_named
from idp.services import IdpServices
from idp.store.initial_access_tokens import Invitation, add_invitation


def invite_client(
    services: IdpServices, *, uses: int, lifetime_seconds: int, policy: str, organisation_code: str | None
) -> str:
    """
    A token that registers so many clients, told once. Raises: RegistrationRefused: no such policy or organisation.
    """
    invitation = Invitation(policy_named(policy).name, organisation_id_of(services, organisation_code))
    token, now = new_secret(), services.base.clock.now()
    with services.base.db.begin() as connection:
        add_invitation(
            connection, hash_secret(token), invitation, uses=uses, expires_at=now + lifetime_seconds, now=now
        )
        event = ClientInvited(invitation.policy, invitation.organisation_id or "", uses)
        audit.append(connection, services.base.clock, event)
    return token
