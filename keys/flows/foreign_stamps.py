"""
Time stamps from authorities outside: one after the other is asked, and the first token that stands every check counts.

None: the request fails. There is no stamp of our own in its place, and no document without one.
"""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

from base.http import OutboundRefused
from base.metrics import TIMESTAMPS
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.peers import authorities_in
from keys.tsa.foreign import TokenRefused, read_reply, write_request
from keys.tsa.request import ImprintOrder

log = logging.getLogger("antin.keys.tsa")
NONCE_BITS = 64
MOST_OFF_SECONDS = 300
"""How far the token's time may be from ours; a replayed one has another nonce anyway."""
_HEADERS = {"Content-Type": "application/timestamp-query"}


def foreign_stamp(custody: Custody, order: ImprintOrder) -> bytes:
    """
    A TimeStampToken (DER) from the first of ANTIN_EXTERNAL_TSAS that gives one that counts.

    Raises: KeysUnavailable (503): none does.
    """
    asked = order if order.nonce is not None else _with_nonce(order)
    anchors = _anchors(custody)
    for address in custody.settings.external_tsas.split():
        try:
            answer = custody.base.http.post(address, write_request(asked), headers=_HEADERS)
            if answer.status != 200:
                raise TokenRefused(f"HTTP status {answer.status}")
            now = custody.base.clock.now()
            found = read_reply(answer.body, asked, anchors, now=now, most_off_seconds=MOST_OFF_SECONDS)
        except (OutboundRefused, TokenRefused) as error:
            log.warning("time-stamp authority %s: %s", address, error)
            TIMESTAMPS.labels(result="outside_failed").inc()
            continue
        TIMESTAMPS.labels(result="outside").inc()
        return found.token
    raise KeysUnavailable("No time-stamp authority gave an acceptable token.")


def _with_nonce(order: ImprintOrder) -> ImprintOrder:
    return ImprintOrder(order.algorithm, order.imprint, secrets.randbits(NONCE_BITS) | 1, with_certificates=True)


def _anchors(custody: Custody) -> tuple[bytes, ...]:
    named = custody.settings.external_tsa_anchors_file
    try:
        return authorities_in(Path(named).read_bytes())
    except (OSError, ValueError) as error:
        raise KeysUnavailable("The anchors of the time-stamp authorities cannot be read.", debug=repr(error)) from error
