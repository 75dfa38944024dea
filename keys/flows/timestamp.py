"""Time stamps: for our own signatures, and for whoever posts a request."""

from __future__ import annotations

import logging

from base.metrics import TIMESTAMPS
from keys.algorithms import MOST_SIGNATURE_BYTES
from keys.custody import Custody
from keys.errors import KeyRefused, KeysUnavailable
from keys.flows.foreign_stamps import foreign_stamp
from keys.flows.watch_clock import ClockWatch
from keys.tsa.request import ImprintOrder, Rejection, check_imprint, read_request
from keys.tsa.response import granted, rejected
from keys.tsa.token import make_token
from keys.tsa.unit import TimestampUnit

MOST_FOREIGN_BYTES = 16 * 1024
_AROUND_BYTES = 1024
log = logging.getLogger("antin.keys.tsa")


def timestamp(custody: Custody, watch: ClockWatch, imprint: bytes, *, algorithm: str, nonce: int | None) -> bytes:
    """
    A TimeStampToken (DER) with certificates, from the authorities outside if the settings name some, otherwise our own.

    Raises: KeyRefused("wrong_algorithm"); KeysUnavailable: no authority answers, or our clock is not good enough.
    """
    try:
        check_imprint(algorithm, imprint)
    except Rejection as error:
        raise KeyRefused("wrong_algorithm", debug=error.text, status=422) from error
    order = ImprintOrder(algorithm, imprint, nonce, with_certificates=True)
    if custody.settings.external_tsas:
        return foreign_stamp(custody, order)
    try:
        return _stamp(custody, watch, order)
    except Rejection as error:
        raise KeysUnavailable("The clock is not good enough for a time stamp.", debug=error.text) from error


def timestamp_response(custody: Custody, watch: ClockWatch, request_der: bytes) -> bytes:
    """A TimeStampResp (DER); whatever goes wrong becomes a refusal that says no more than it must."""
    try:
        order = read_request(request_der, custody.settings.timestamp_policy_oid)
        return granted(_stamp(custody, watch, order))
    except Rejection as error:
        TIMESTAMPS.labels(result="refused").inc()
        return rejected(error)
    except Exception:
        log.exception("time stamp failed")
        TIMESTAMPS.labels(result="failed").inc()
        return rejected(Rejection("system_failure", "the authority cannot answer now"))


def longest_stamp(custody: Custody) -> int:
    """How long a token can be: certificates, signature, and what is around them. Bytes."""
    unit = custody.ring.current().tsu
    if unit is None or custody.settings.external_tsas:
        return MOST_FOREIGN_BYTES
    return len(unit.certificates) + MOST_SIGNATURE_BYTES[unit.algorithm] + _AROUND_BYTES


def _stamp(custody: Custody, watch: ClockWatch, order: ImprintOrder) -> bytes:
    """
    The time is read last before it is written into the token.

    Raises: Rejection("time_not_available"): the clock may be outside the accuracy; KeysUnavailable.
    """
    unit = _unit(custody)
    if watch.trouble():
        raise Rejection("time_not_available", "the clock is not within its accuracy")
    now = custody.base.clock.now()
    if not unit.not_before <= now < unit.not_after:
        raise KeysUnavailable("The certificate of the time-stamping unit is not valid now.")
    token = make_token(unit, order, policy=custody.settings.timestamp_policy_oid, gen_time=now)
    TIMESTAMPS.labels(result="made").inc()
    return token


def _unit(custody: Custody) -> TimestampUnit:
    unit = custody.ring.current().tsu
    if unit is None:
        raise KeysUnavailable("There is no time-stamping unit.")
    return unit
