"""Disabling an account: it cannot sign in any more, its sessions end, and the services are told."""

from __future__ import annotations

from base import audit
from idp.events import UserDisabled
from idp.flows.end_session import end_others_within
from idp.services import IdpServices
from idp.store import users


def disable_user(services: IdpServices, user_id: str) -> int:
    """
    Disable an account, in one transaction. Returns how many sessions ended.

    Its authorizations need no marking: each use of one looks at the person's status (idp/store/grants.py).
    """
    clock = services.base.clock
    with services.base.db.begin() as connection:
        users.set_status(connection, user_id, users.DISABLED, clock.now())
        ended = end_others_within(connection, services, user_id, "disabled")
        for event in (UserDisabled(user_id), *ended):
            audit.append(connection, clock, event)
    return len(ended)
