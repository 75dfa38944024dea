"""
The harness of the races: the same one-time secret presented by many at once, again and again, on PostgreSQL.

All threads of a round start together. A build is right if exactly one succeeds each time and nobody gets a fault.
ANTIN_TEST_ROUNDS says how often; `make faults` takes 1,000. The naive builds beside them fail in the first hundred.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PARALLEL = 8
ROUNDS = int(os.environ.get("ANTIN_TEST_ROUNDS", "250"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """doubles: secrets that more than one got something for; unredeemed: that nobody did; faults: other statuses."""

    doubles: int
    unredeemed: int
    faults: int


def race(secrets: Sequence[str], present: Callable[[str], int], *, parallel: int = PARALLEL) -> Outcome:
    """Present each secret from `parallel` threads at once; `present` returns an HTTP status."""
    won: list[Counter[int]] = [Counter() for _ in secrets]
    gate = threading.Barrier(parallel)
    lock = threading.Lock()

    def contender() -> None:
        for number, secret in enumerate(secrets):
            gate.wait()
            status = present(secret)
            with lock:
                won[number][status] += 1

    threads = [threading.Thread(target=contender) for _ in range(parallel)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Outcome(
        doubles=sum(1 for counted in won if counted[200] > 1),
        unredeemed=sum(1 for counted in won if counted[200] == 0),
        faults=sum(number for counted in won for status, number in counted.items() if status not in (200, 400)),
    )
