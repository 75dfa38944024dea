"""Whether keys can do their work, and what there is."""

from __future__ import annotations

from keys.custody import Custody
from keys.flows.watch_lists import watch_lists
from keys.handles import KeyFacts
from keys.lifecycle.states import ENCRYPTION_ALGORITHMS
from keys.store import activations, authorities
from keys.store import keys as key_rows

ACTIVATIONS_KEPT_SECONDS = 86_400
MOST_REAPED_AT_ONCE = 500


def ready(custody: Custody) -> bool:
    """Keys open and pass their self-test, the time-stamping unit is in its time, no revocation list is stale."""
    now, snapshot = custody.base.clock.now(), custody.ring.current()
    unit = snapshot.tsu
    if any(str(algorithm) not in snapshot.signers for algorithm in custody.token_algorithms):
        return False
    if {key.algorithm for key in snapshot.decryption_keys.values() if key.is_published} != set(ENCRYPTION_ALGORITHMS):
        return False
    if unit is None or not unit.not_before <= now < unit.not_after:
        return False
    lists = watch_lists(custody)
    return bool(lists) and all(found.seconds_left > 0 for found in lists)


def describe_backends(custody: Custody) -> str:
    """Every back end, asked to answer; the one for new keys first. Raises: KeysUnavailable: one does not."""
    return "; ".join(f"{backend.name}: {backend.describe()}" for backend in custody.backends.values())


def list_keys(custody: Custody) -> list[KeyFacts]:
    """All keys but those of persons, oldest first."""
    with custody.base.db.read() as connection:
        rows = key_rows.of_service(connection)
    return [
        KeyFacts(
            handle=row.handle,
            purpose=str(row.purpose),
            algorithm=str(row.algorithm),
            backend=row.backend,
            state=str(row.state),
            created_at=row.created_at,
            activated_at=row.activated_at,
            retired_at=row.retired_at,
        )
        for row in rows
    ]


def reap_activations(custody: Custody) -> None:
    """Forget spent activations whose token ran out a day ago: they can no longer be used again. The job calls this."""
    before = custody.base.clock.now() - ACTIVATIONS_KEPT_SECONDS
    with custody.base.db.begin() as connection:
        activations.reap(connection, before, most=MOST_REAPED_AT_ONCE)


def authority_names(custody: Custody) -> list[str]:
    """The names of our authorities, oldest first."""
    with custody.base.db.read() as connection:
        return [row.name for row in authorities.everything(connection)]
