"""
Answering what a certificate's status is: from the rows, at once; without a nonce from answers that are kept.

Source: RFC 6960 §2.2 to §2.4; RFC 5019 §2.2 (pre-produced answers).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import Connection

from keys.custody import Custody
from keys.handles import RevocationReason
from keys.ocsp import response
from keys.ocsp.answer import Status, Word, sign_answer
from keys.ocsp.request import CertId, MalformedRequest, StatusOrder, read_request
from keys.ocsp.unit import ResponderUnit
from keys.store import certificates
from keys.store.certificates import STATUS_CHANNEL

log = logging.getLogger("antin.keys.ocsp")
REMADE_AFTER_SECONDS = 3600
MOST_KEPT = 4096
"""Kept answers take about 1 kB each. Only certificates that exist are kept, so strangers cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """
    der: an OCSPResponse. this_update, next_update: epoch seconds; both 0: nobody may keep it, because it is an error
    or repeats a nonce.
    """

    der: bytes
    this_update: int = 0
    next_update: int = 0


class Responder:
    """The responder of one process. Thread-safe."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self._version = -1
        self._kept: dict[bytes, OcspAnswer] = {}

    def answer(self, request_der: bytes) -> OcspAnswer:
        """
        The response to a request; whatever goes wrong is one of the errors of the protocol, nothing is raised.

        1. Read the request, and find the authority it speaks of; unknown here: not authorized to speak.
        2. A kept answer, if the request has no nonce and nothing was revoked since.
        3. Otherwise look, sign, and keep it.
        """
        try:
            order = read_request(request_der)
            unit = self._unit(order)
            if unit is None:
                return OcspAnswer(response.UNAUTHORIZED)
            if not unit.not_before <= self._custody.base.clock.now() < unit.not_after:
                log.error("the certificate of the responder is not valid now")
                return OcspAnswer(response.TRY_LATER)
            return self._kept_or_new(unit, order)
        except MalformedRequest as error:
            log.info("OCSP request refused: %s", error)
            return OcspAnswer(response.MALFORMED)
        except Exception:  # the database or the key fails: the caller may come again
            log.exception("OCSP answer failed")
            return OcspAnswer(response.TRY_LATER)

    def _unit(self, order: StatusOrder) -> ResponderUnit | None:
        """Who speaks for the first authority asked about that is ours; certificates of others are unknown to it."""
        responders = self._custody.ring.current().responders
        for one in order.wanted:
            unit = responders.get((one.algorithm, one.name_hash, one.key_hash))
            if unit is not None:
                return unit
        return None

    def _kept_or_new(self, unit: ResponderUnit, order: StatusOrder) -> OcspAnswer:
        if order.nonce is not None or len(order.wanted) > 1:
            return self._new(unit, order)[0]
        version = self._custody.base.versions.current(STATUS_CHANNEL)  # read before the rows: stale, never wrong
        if version != self._version:
            self._kept, self._version = {}, version
        kept, name = self._kept, unit.certificate + order.wanted[0].der
        found = kept.get(name)
        if found is None or found.this_update + REMADE_AFTER_SECONDS <= self._custody.base.clock.now():
            found, is_known = self._new(unit, order)
            if is_known and len(kept) < MOST_KEPT:
                kept[name] = found
        return found

    def _new(self, unit: ResponderUnit, order: StatusOrder) -> tuple[OcspAnswer, bool]:
        with self._custody.base.db.read() as connection:
            statuses = [(one.der, _status(connection, unit, one)) for one in order.wanted]
        now = self._custody.base.clock.now()
        until = min(now + self._custody.settings.ocsp_answer_seconds, unit.not_after)
        signed = sign_answer(unit, statuses, this_update=now, next_update=until, nonce=order.nonce)
        is_known = all(status.word is not Word.UNKNOWN for _, status in statuses)
        der = response.successful(signed)
        return (OcspAnswer(der) if order.nonce is not None else OcspAnswer(der, now, until)), is_known


def _status(connection: Connection, unit: ResponderUnit, wanted: CertId) -> Status:
    """What the row says; without a row of that issuer it is unknown, however well the number is formed."""
    if (wanted.algorithm, wanted.name_hash, wanted.key_hash) not in unit.names or wanted.serial <= 0:
        return Status(Word.UNKNOWN)
    row = certificates.find(connection, format(wanted.serial, "x"))
    if row is None or row.issuer != unit.issuer:
        return Status(Word.UNKNOWN)
    if row.revoked_at is None:
        return Status(Word.GOOD)
    return Status(Word.REVOKED, row.revoked_at, RevocationReason(row.revocation_reason or "unspecified"))
