"""What follows when somebody changed how she signs in: her session goes on with a new secret, all others end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from base import audit
from base.audit import Event
from base.errors import AntinError
from idp.flows.end_session import end_others_within
from idp.flows.sign_in import SignedIn
from idp.services import IdpServices
from idp.store import sessions
from idp.store.sessions import SessionFacts


class AccountChanged(AntinError):
    """The account, its password or its second factor changed, or the session ended, in the same moment."""

    def __init__(self) -> None:
        super().__init__(
            "account_changed",
            vi="Tài khoản vừa được thay đổi ở nơi khác. Hãy xem lại rồi làm lại từ đầu.",
            en="The account has just been changed elsewhere. Look again and start over.",
            status=409,
        )


@dataclass(frozen=True, slots=True)
class Renewed:
    """signed_in: the session with its new secret. ended: the other sessions, whose services are to be told."""

    signed_in: SignedIn
    ended: tuple[str, ...]


def renew(
    connection: Connection, services: IdpServices, session: SessionFacts, proven: Mapping[str, int], event: Event
) -> Renewed:
    """
    Enter what was proven in the session's ledger, end the person's other sessions, record it. In the caller's
    transaction, which must not be committed when this raises.

    Raises: AccountChanged: the session ended meanwhile.
    Source: OWASP ASVS 5.0 §7.4.3.
    """
    clock = services.base.clock
    cookie = sessions.add_factors(connection, clock, services.settings, session.id, proven)
    if cookie is None:
        raise AccountChanged
    ended = end_others_within(connection, services, session.user_id, "factor_changed", keep=session.id)
    for each in (event, *ended):
        audit.append(connection, clock, each)
    return Renewed(SignedIn(session.id, session.user_id, cookie), tuple(each.session_id for each in ended))
