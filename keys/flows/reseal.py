"""
Another master key, while everything runs: begin, seal every value anew, end.

Between begin and end both master keys open everything, whichever a process is configured with, so the order is: run
the command, configure the new key, restart, end. Killed at any point, the same command goes on.

Source: NIST SP 800-57 part 1 rev. 5 §5.3.5 (replacing key-wrapping keys); OWASP ASVS 5.0 §11.2.2, §13.3.4.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from base.audit import append
from base.versions import LOOK_EVERY_SECONDS, raise_version
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import ResealBegun, ResealEnded
from keys.flows.approvals import carry_out
from keys.handles import SealedColumn
from keys.lifecycle.operations import Operation
from keys.masters import ROOT_CONTEXT, SEALING
from keys.sealing import SealingKey, sealed_under
from keys.store import sealed as sealed_values
from keys.store import wrapped
from keys.store.wrapped import LAST, NEXT, ROOT, Wrapped

BATCH = 100
SETTLE_SECONDS = 2 * LOOK_EVERY_SECONDS
"""After this long every process seals under the new key, and what was sealed under the old one can be read."""


def resealing(new: SealingKey) -> Operation:
    """What the second person approves: to begin; what was begun goes on and ends without asking again."""
    return Operation("key.reseal", {"new_master_key": new.name})


def reseal(custody: Custody, new: SealingKey, columns: Sequence[SealedColumn], approval_id: str = "") -> int:
    """
    Seal everything under a new master key. Returns how many values were sealed anew by this call.

    Raises: KeyRefused("already_sealed"): it is the configured one; KeyRefused("reseal_under_way"): to another key;
            KeyRefused("approval_needed" | "approval_refused"); SealError: a value does not open, and is left as it is.

    1. Begin: in one transaction each key is kept under the other, and the root under both.
    2. Wait until every process seals under the new one.
    3. Batches, until a whole walk finds nothing that names the old one.
    """
    _begin(custody, new, approval_id)
    time.sleep(SETTLE_SECONDS)
    total = 0
    while True:
        walked = sum(_walk(custody, new, column) for column in columns)
        total += walked
        if not walked:
            return total


def _begin(custody: Custody, new: SealingKey, approval_id: str) -> None:
    old, now = custody.master.own, custody.base.clock.now()
    if old.name == new.name:
        raise KeyRefused("already_sealed", en="That is the master key in use.", status=409)
    with custody.base.db.begin() as connection:
        raise_version(connection, SEALING)  # locks the row: one command at a time gets past here
        found = wrapped.replacements(connection)
        if any({row.name, row.under} != {old.name, new.name} for row in found):
            raise KeyRefused("reseal_under_way", en="The master key is being replaced by another one.", status=409)
        if found:
            return
        carry_out(custody, connection, resealing(new), approval_id)
        root = next(row for row in wrapped.roots(connection) if row.under == old.name)
        again = new.seal(old.unseal(root.sealed, ROOT_CONTEXT), ROOT_CONTEXT)
        for row in (
            Wrapped(NEXT, new.name, old.name, old.wrap(new)),
            Wrapped(LAST, old.name, new.name, new.wrap(old)),
            Wrapped(ROOT, ROOT, new.name, again),
        ):
            wrapped.add(connection, row, now=now)
        append(connection, custody.base.clock, ResealBegun(old.name, new.name))


def _walk(custody: Custody, new: SealingKey, column: SealedColumn) -> int:
    """Seal one column anew, batch by batch, each a transaction. Returns how many values named another key."""
    after, count = None, 0
    while True:
        with custody.base.db.read() as connection:
            rows = sealed_values.sealed_rows(connection, column, after, most=BATCH)
        if not rows:
            return count
        fresh = []
        for row in rows:
            context = column.context(row)
            if context is not None and sealed_under(row[column.column]) != new.key_id:
                fresh.append((row, new.seal(custody.master.unseal(row[column.column], context), context)))
        if fresh:
            with custody.base.db.begin() as connection:
                for row, value in fresh:
                    sealed_values.replace(connection, column, row, value)
        after, count = rows[-1], count + len(fresh)


def end_reseal(custody: Custody, columns: Sequence[SealedColumn]) -> None:
    """
    Let the old master key go, under which nothing is sealed any more; called by a process that has the new one.

    Raises: KeyRefused("not_begun"): no replacement, or this process still has the old key;
            KeyRefused("not_finished"): something is still sealed under the old one: run the command again.
    """
    own = custody.master.own
    with custody.base.db.read() as connection:
        last = [row for row in wrapped.replacements(connection) if row.kind == LAST and row.under == own.name]
    if not last:
        raise KeyRefused(
            "not_begun",
            vi="Không có việc thay khóa chủ, hoặc tiến trình này vẫn dùng khóa cũ.",
            en="No master key is being replaced, or this process still has the old one.",
            status=409,
        )
    for column in columns:
        if _walk(custody, own, column):
            raise KeyRefused(
                "not_finished",
                vi="Vẫn còn dữ liệu niêm phong bằng khóa cũ; một tiến trình nào đó vẫn dùng khóa cũ. Hãy chạy lại.",
                en="Something was still sealed under the old key, and was sealed anew now. Run this again.",
                status=409,
            )
    with custody.base.db.begin() as connection:
        raise_version(connection, SEALING)
        if wrapped.forget(connection, old=last[0].name):
            append(connection, custody.base.clock, ResealEnded(last[0].name, own.name))
