"""
What is known about the revocation of a path, from lists and answers together.

The newest of what is usable counts; but a revocation that nobody can take back (any other than a suspension) stands,
even if something newer does not mention it. Source: EN 319 102-1 §5.2.6.4; RFC 5280 §5.3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from signing.validation.answers import SLACK_SECONDS, said_by_answers
from signing.validation.certificates import CertificateFacts
from signing.validation.effort import Effort
from signing.validation.revocation import RevocationFacts, Status, history_of, revocation_of

ON_HOLD = "certificateHold"


def status_of(
    links: Sequence[CertificateFacts], data: Iterable[bytes], moment: int, effort: Effort | None = None
) -> tuple[RevocationFacts, ...]:
    """The state of each certificate below the anchor. data: DER of lists and answers; none from after `moment`."""
    data = tuple(data)
    states = revocation_of(links, data, effort)
    return tuple(_newest(state, tuple(_answers(state.position, links, data, moment))) for state in states)


def everything_said(
    links: Sequence[CertificateFacts], data: Iterable[bytes], effort: Effort | None = None
) -> tuple[RevocationFacts, ...]:
    """What every usable list and answer says of each certificate below the anchor, for judging the past."""
    data = tuple(dict.fromkeys(data))
    answers = [
        state
        for position in range(len(links) - 1)
        for state in said_by_answers(position, links[position], links[position + 1], data)
    ]
    return (*history_of(links, data, effort), *answers)


def _answers(
    position: int, links: Sequence[CertificateFacts], data: tuple[bytes, ...], moment: int
) -> Iterable[RevocationFacts]:
    for state in said_by_answers(position, links[position], links[position + 1], data):
        if state.this_update is not None and state.this_update <= moment + SLACK_SECONDS:
            yield state


def _newest(listed: RevocationFacts, answered: tuple[RevocationFacts, ...]) -> RevocationFacts:
    known = [state for state in (listed, *answered) if state.status is not Status.UNKNOWN]
    newest = max(known, key=lambda state: state.this_update or 0, default=listed)
    final = (state for state in known if state.status is Status.REVOKED and state.reason != ON_HOLD)
    return newest if newest.status is Status.REVOKED else next(final, newest)
