"""Time stamps: for our own signatures, and for whoever posts a request."""

from __future__ import annotations

import logging

from keys.custody import Custody
from keys.errors import KeyRefused, KeysUnavailable
from keys.tsa.request import ImprintOrder, Rejection, check_imprint, read_request
from keys.tsa.response import granted, rejected
from keys.tsa.token import make_token
from keys.tsa.unit import TimestampUnit

log = logging.getLogger("antin.keys.tsa")


def timestamp(custody: Custody, imprint: bytes, *, algorithm: str, nonce: int | None) -> bytes:
    """A TimeStampToken (DER) with certificates. Raises: KeyRefused("wrong_algorithm"); KeysUnavailable."""
    try:
        check_imprint(algorithm, imprint)
    except Rejection as error:
        raise KeyRefused("wrong_algorithm", debug=error.text, status=422) from error
    return _stamp(custody, ImprintOrder(algorithm, imprint, nonce, with_certificates=True))


def timestamp_response(custody: Custody, request_der: bytes) -> bytes:
    """A TimeStampResp (DER); whatever goes wrong becomes a refusal that says no more than it must."""
    try:
        order = read_request(request_der, custody.settings.timestamp_policy_oid)
        return granted(_stamp(custody, order))
    except Rejection as error:
        return rejected(error)
    except Exception:
        log.exception("time stamp failed")
        return rejected(Rejection("system_failure", "the authority cannot answer now"))


def _stamp(custody: Custody, order: ImprintOrder) -> bytes:
    """The time is read last before it is written into the token."""
    unit = _unit(custody)
    now = custody.base.clock.now()
    if not unit.not_before <= now < unit.not_after:
        raise KeysUnavailable("The certificate of the time-stamping unit is not valid now.")
    return make_token(unit, order, policy=custody.settings.timestamp_policy_oid, gen_time=now)


def _unit(custody: Custody) -> TimestampUnit:
    unit = custody.ring.current().tsu
    if unit is None:
        raise KeysUnavailable("There is no time-stamping unit.")
    return unit
