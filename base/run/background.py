"""The background worker: delivers the outbox and does the periodic jobs, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Mapping, Sequence

from base.outbox import Handler, Worker
from base.services import BaseServices, Job

log = logging.getLogger("antin.worker")
_LOOK_SECONDS = 0.5
END_SECONDS = 10


def run_background(base: BaseServices, handlers: Mapping[str, Handler], jobs: Sequence[Job]) -> None:
    """
    Run until SIGTERM or SIGINT: one thread delivers, this one keeps the timetable of the jobs, and each job that takes
    long has its own.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(base.db, base.clock, handlers)
    delivery = threading.Thread(target=worker.run, args=(stop, base.base.worker_poll_seconds), name="outbox")
    alone = [
        threading.Thread(target=keep_timetable, args=(base, [job], stop), name=job.name, daemon=True)
        for job in jobs
        if job.alone
    ]
    for thread in (delivery, *alone):
        thread.start()
    keep_timetable(base, [job for job in jobs if not job.alone], stop)
    delivery.join()
    for thread in alone:
        thread.join(END_SECONDS)  # what it is at comes back when its lease is over


def keep_timetable(base: BaseServices, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Do each job at once and then every `every_seconds`; a job that fails is logged and comes round again."""
    due = {job.name: base.clock.monotonic() for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if due[job.name] <= base.clock.monotonic():
                try:
                    job.run()
                except Exception:
                    log.exception("job %s failed", job.name)
                due[job.name] = base.clock.monotonic() + job.every_seconds
        stop.wait(_LOOK_SECONDS)
