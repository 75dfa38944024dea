"""Opening keys, once per process, and the chores that keep them in order."""

from __future__ import annotations

from pathlib import Path

from base.services import BaseServices, Job
from keys.api import Keys
from keys.custody import Custody, open_custody
from keys.flows.bootstrap import bootstrap
from keys.flows.readiness import reap_activations
from keys.flows.renew_crl import renew_due_crls
from keys.flows.rotate import rotate_due
from keys.sealing import open_master_key
from keys.settings import KeysSettings

MINUTE, HOUR = 60, 3600


def open_keys(base: BaseServices) -> Keys:
    """
    The keys of this process; the first process of all makes them. The tables must exist.

    Raises: StartError: the master key cannot be read; SealError: the database belongs to another master key;
            KeysUnavailable: a key fails its self-test.
    """
    named = base.settings[KeysSettings].master_key_file
    path = Path(named) if named else base.base.data_dir / "keys" / "master.key"
    custody = open_custody(base, open_master_key(path, may_create=not named))
    bootstrap(custody)
    custody.ring.current()  # a key that does not open shall stop the start, not the first sign-in
    return Keys(custody)


def jobs(keys: Keys) -> list[Job]:
    """What the worker does from time to time; each may run in several processes."""
    custody: Custody = keys.custody
    return [
        Job("renew revocation lists", 5 * MINUTE, lambda: renew_due_crls(custody)),
        Job("rotate keys", HOUR, lambda: rotate_due(custody)),
        Job("forget old signature activations", HOUR, lambda: reap_activations(custody)),
    ]
