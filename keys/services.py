"""Opening keys, once per process, and the chores that keep them in order."""

from __future__ import annotations

import os

from base.services import BaseServices, Job
from keys.api import Keys
from keys.custody import Custody, open_custody
from keys.flows.approved_mode import check_standing
from keys.flows.bootstrap import bootstrap
from keys.flows.expiry import announce_ends
from keys.flows.readiness import reap_activations
from keys.flows.renew_crl import renew_due_crls
from keys.flows.responders import renew_responders
from keys.flows.rotate import rotate_due
from keys.flows.watch_lists import watch_lists
from keys.masters import open_master
from keys.sealing import find_master_key
from keys.settings import KeysSettings
from keys.store import trust_lists

MINUTE, HOUR = 60, 3600
CLOCK_SECONDS = 5


def open_keys(base: BaseServices) -> Keys:
    """
    The keys of this process, ready for use. The tables must exist.

    Raises: as assemble_keys and start_keys.
    """
    keys = assemble_keys(base)
    start_keys(keys)
    return keys


def assemble_keys(base: BaseServices) -> Keys:
    """
    The master key and the places where keys are, none of which is opened or asked: a process may do this for its forks.

    Raises: StartError: the master key cannot be read; SealError: the database belongs to another master key.
    """
    settings, default = base.settings[KeysSettings], base.base.data_dir / "keys" / "master.key"
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    own = find_master_key(settings.master_key, settings.master_key_file, credentials, default)
    return Keys(open_custody(base, open_master(base, own)))


def start_keys(keys: Keys) -> None:
    """
    Open them, in the process that will use them; the first process of all makes them.

    Raises: StartError: approved mode forbids a key that there is; KeysUnavailable: a key fails its self-test.
    """
    custody: Custody = keys.custody
    check_standing(custody)
    bootstrap(custody)
    renew_responders(custody)
    custody.ring.current()  # a key that does not open shall stop the start, not the first sign-in


def jobs(keys: Keys) -> list[Job]:
    """What the worker does from time to time; each may run in several processes."""
    custody: Custody = keys.custody
    return [
        Job("renew revocation lists", 5 * MINUTE, lambda: renew_due_crls(custody)),
        Job("watch revocation lists", MINUTE, lambda: look_at_lists(custody)),
        Job("renew responders", HOUR, lambda: renew_responders(custody)),
        Job("watch the clock", CLOCK_SECONDS, lambda: watch_clock(keys)),
        Job("announce certificates that end", HOUR, lambda: announce_ends(custody)),
        Job("rotate keys", HOUR, lambda: rotate_due(custody)),
        Job("publish our trust list", 5 * MINUTE, lambda: publish_list(custody)),
        Job("fetch trust lists", 6 * HOUR, lambda: fetch_lists(custody)),
        Job("forget old signature activations", HOUR, lambda: reap_activations(custody)),
    ]


def watch_clock(keys: Keys) -> None:
    """The worker looks even where nobody asks for a stamp, so that the alarm comes within ten seconds."""
    keys.clock_watch.trouble()


def publish_list(custody: Custody) -> None:
    """The library for XML is loaded by the worker alone."""
    from keys.flows.publish_list import publish_due

    publish_due(custody)


def fetch_lists(custody: Custody) -> None:
    """Only where an operator is followed: reading lists takes libraries of its own."""
    with custody.base.db.read() as connection:
        if not trust_lists.everything(connection):
            return
    from keys.flows.trust_lists import refresh_lists

    refresh_lists(custody)


def look_at_lists(custody: Custody) -> None:
    """The alarm is all that a job wants of it."""
    watch_lists(custody)
