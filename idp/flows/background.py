"""What the identity provider does without being asked: ending what expired, telling services, clearing away."""

from __future__ import annotations

from collections.abc import Mapping

from base.outbox import Handler, Payload
from base.services import Job
from idp.flows.answer_request import CIBA_PING
from idp.flows.end_session import BACKCHANNEL_LOGOUT, EXPIRED_BATCH, end_expired
from idp.flows.fetch_logo import CLIENT_LOGO, fetch_logo
from idp.flows.logout_delivery import deliver_logout
from idp.flows.ping_client import ping_client
from idp.services import IdpServices
from idp.store.reaper import BATCH, CHORES

REAP_EVERY_SECONDS = 60
EXPIRE_EVERY_SECONDS = 20
MOST_BATCHES = 40
"""Per chore and round: at most 20,000 rows a minute each, more than any server of ours makes."""


def outbox_handlers(services: IdpServices) -> Mapping[str, Handler]:
    """Who delivers which kind of outbox row."""

    def deliver(payload: Payload) -> None:
        deliver_logout(services, payload)

    def ping(payload: Payload) -> None:
        ping_client(services, payload)

    def logo(payload: Payload) -> None:
        fetch_logo(services, payload)

    return {BACKCHANNEL_LOGOUT: deliver, CIBA_PING: ping, CLIENT_LOGO: logo}


def jobs(services: IdpServices) -> list[Job]:
    """The periodic chores."""

    def clear_away() -> None:
        reap(services)

    def end_what_expired() -> None:
        announce_expired(services)

    return [
        Job("idp.expire", EXPIRE_EVERY_SECONDS, end_what_expired),
        Job("idp.reap", REAP_EVERY_SECONDS, clear_away),
    ]


def announce_expired(services: IdpServices) -> int:
    """End sessions whose time is over, in batches, and so tell their services. Returns how many."""
    total = 0
    for _ in range(MOST_BATCHES):
        found = end_expired(services)
        total += found
        if found < EXPIRED_BATCH:
            break
    return total


def reap(services: IdpServices) -> int:
    """Do every chore in batches until nothing is left or its share of the round is done. Returns how many rows went."""
    total = 0
    for chore in CHORES:
        for _ in range(MOST_BATCHES):
            with services.base.db.begin() as connection:
                gone = chore(connection, services.settings, services.base.clock.now())
            total += gone
            if gone < BATCH:
                break
    services.base.db.give_back_space()
    return total
