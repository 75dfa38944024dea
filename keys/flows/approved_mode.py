"""Approved mode meets what is there: a key of a service that it forbids stops the start, which says which one."""

from __future__ import annotations

from base.errors import StartError
from keys.custody import Custody
from keys.lifecycle.approved import is_approved
from keys.lifecycle.states import Purpose, State
from keys.store import keys as key_rows

_OTHERS = (Purpose.TOKEN, Purpose.ENCRYPTION, Purpose.PERSON, Purpose.SEAL, Purpose.OUTSIDE)
"""Tokens have keys of other algorithms; persons get new keys one by one; what is outside is not ours to open."""


def check_standing(custody: Custody) -> None:
    """
    Of token keys the approved ones take over by themselves; an authority, time-stamping unit or responder must be
    replaced first, by people.

    Raises: StartError: the settings want approved algorithms only, and such a key has another one.
    """
    if not custody.settings.approved_only:
        return
    with custody.base.db.read() as connection:
        rows = key_rows.of_service(connection)
    wrong = [
        f"{row.handle} ({row.purpose}, {row.algorithm})"
        for row in rows
        if row.state is State.ACTIVE and row.purpose not in _OTHERS and not is_approved(row.algorithm)
    ]
    if wrong:
        named = ", ".join(wrong)
        raise StartError(
            f"ANTIN_APPROVED_ONLY is on, but these keys have algorithms that are not approved: {named}. Replace them "
            "first, or turn it off.",
            vi=f"ANTIN_APPROVED_ONLY đang bật nhưng các khóa sau dùng thuật toán chưa được phê chuẩn: {named}. Hãy "
            "thay chúng trước, hoặc tắt thiết lập này.",
        )
