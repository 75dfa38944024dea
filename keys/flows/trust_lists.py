"""
Trust lists of scheme operators: pinned by people, updated by their signatures, never back to an older one.

Whoever names a new operator decides whom we trust, which takes two persons; what a pinned operator then signs is taken
without asking, for that is what the list is for.

Source: ETSI TS 119 612 §5.3.2, §5.3.15, §6; ETSI EN 319 401 §7.4 (dual control).
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.errors import AntinError
from base.metrics import ALARMS
from base.versions import raise_version
from keys.certificates import certificate_of
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import TrustListLate, TrustListRefused, TrustListRemoved, TrustListTaken
from keys.flows.approvals import carry_out
from keys.lifecycle.operations import Operation
from keys.store import trust_lists
from keys.store.anchors import ANCHORS_CHANNEL
from keys.store.trust_lists import StoredList
from keys.trust.anchor import Domain
from keys.trust.lists.acceptance import Held, check_current, check_follows
from keys.trust.lists.enveloped import verify_list
from keys.trust.lists.reading import read_list
from keys.trust.lists.strict_xml import refused

log = logging.getLogger("antin.keys.trust")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST_SIGNERS = 10


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list that people chose to follow. url: empty for files only; signers: DER of the operator's certificates."""

    name: str
    domain: Domain
    url: str
    signers: tuple[bytes, ...] = field(repr=False)


def adding(source: ListSource) -> Operation:
    """What takes two persons: to follow this operator."""
    signers = sorted(hashlib.sha256(der).hexdigest() for der in source.signers)
    return Operation(
        "trust.list.add", {"name": source.name, "domain": source.domain, "url": source.url, "signers": signers}
    )


def removing(name: str) -> Operation:
    """What takes two persons: to follow it no longer."""
    return Operation("trust.list.remove", {"name": name})


def add_list(custody: Custody, source: ListSource, raw: bytes = b"", *, approval_id: str = "") -> StoredList:
    """
    Follow an operator from now on, beginning with this list; without one it is fetched.

    Raises: KeyRefused("trust_list_refused"): hint says why; KeyRefused("approval_needed" | "approval_refused").
    """
    _check_source(source)
    row = _judge(custody, source, raw or _fetch(custody, source.url), None)
    assert row is not None  # nothing is held yet
    try:
        with custody.base.db.begin() as connection:
            carry_out(custody, connection, adding(source), approval_id)
            trust_lists.add(connection, row)
            raise_version(connection, ANCHORS_CHANNEL)
            append(connection, custody.base.clock, _taken(row))
    except IntegrityError as error:
        raise refused("there is a list of that name") from error
    return row


def update_list(custody: Custody, name: str, raw: bytes = b"") -> bool:
    """
    Take the next list of an operator we follow; without one it is fetched. Returns whether it was a new one.

    Raises: KeyRefused("unknown_trust_list"); KeyRefused("trust_list_refused"): the one we hold stays; hint says why.

    1. Gather: the list we hold, the bytes.
    2. Judge: signature, contents, whether it may follow; a refusal is an event too.
    3. Act: in the place of the very list that it was compared with.
    """
    with custody.base.db.read() as connection:
        held = trust_lists.find(connection, name)
    if held is None:
        raise _unknown()
    raw = raw or _fetch(custody, held.url)
    try:
        row = _judge(custody, ListSource(held.name, Domain(held.domain), held.url, held.signers), raw, held)
    except KeyRefused:
        with custody.base.db.begin() as connection:
            event = TrustListRefused(name, hashlib.sha256(raw).hexdigest())
            append(connection, custody.base.clock, event)
        raise
    if row is None:
        return False
    with custody.base.db.begin() as connection:
        if not trust_lists.follow(connection, held, row):
            return False  # another process was faster; its list was judged as this one was
        raise_version(connection, ANCHORS_CHANNEL)
        append(connection, custody.base.clock, _taken(row))
    return True


def remove_list(custody: Custody, name: str, *, approval_id: str = "") -> None:
    """Trust nothing from it any more. Raises: KeyRefused("unknown_trust_list" | "approval_needed" | …)."""
    with custody.base.db.begin() as connection:
        carry_out(custody, connection, removing(name), approval_id)
        if not trust_lists.remove(connection, name):
            raise _unknown()
        raise_version(connection, ANCHORS_CHANNEL)
        append(connection, custody.base.clock, TrustListRemoved(name))


def held_lists(custody: Custody) -> list[StoredList]:
    """The lists we follow, by name."""
    with custody.base.db.read() as connection:
        return trust_lists.everything(connection)


def refresh_lists(custody: Custody) -> None:
    """Fetch those that have an address; raise the alarm for those that were not followed in time. The job's work."""
    for held in held_lists(custody):
        if held.url:
            try:
                update_list(custody, held.name)
            except AntinError as error:
                log.error("trust list %s is not taken: %s %s", held.name, error.code, error.hint)
    now = custody.base.clock.now()
    for held in held_lists(custody):
        if held.next_update <= now:
            _alarm(custody, held, now)


def _judge(custody: Custody, source: ListSource, raw: bytes, held: StoredList | None) -> StoredList | None:
    """The row to be; None: it is the list we hold."""
    now = custody.base.clock.now()
    verified = verify_list(raw, source.signers, at=now)
    found = read_list(verified)
    content_sha256 = hashlib.sha256(verified.content).hexdigest()
    check_current(found, now=now)
    before = Held(held.sequence, held.issued_at, held.content_sha256) if held else None
    if not check_follows(found, content_sha256, before):
        return None
    assert found.next_update is not None  # check_current
    return StoredList(
        name=source.name,
        domain=source.domain,
        url=source.url,
        signers=source.signers,
        sequence=found.sequence,
        issued_at=found.issued,
        next_update=found.next_update,
        signed_at=verified.signed_at,
        signer_sha256=hashlib.sha256(verified.signer).hexdigest(),
        content=verified.content,
        content_sha256=content_sha256,
        taken_at=now,
    )


def _check_source(source: ListSource) -> None:
    if NAME.fullmatch(source.name) is None:
        raise refused("a name is small letters, digits and hyphens, forty at most")
    if source.domain is Domain.OWN:
        raise refused("our own roots are made by ceremonies")
    if not 1 <= len(source.signers) <= MOST_SIGNERS:
        raise refused("it takes one to ten certificates of its signers")
    _load(source.signers)


def _load(signers: Sequence[bytes]) -> None:
    try:
        for der in signers:
            certificate_of(der)
    except ValueError as error:
        raise refused("a signer's certificate cannot be read") from error


def _fetch(custody: Custody, url: str) -> bytes:
    if not url:
        raise refused("it has no address: give a file")
    try:
        answer = custody.base.http.get_signed(url)
    except AntinError as error:
        raise refused(f"it cannot be fetched: {error.code}") from error
    if answer.status != 200:
        raise refused(f"it cannot be fetched: status {answer.status}")
    return answer.body


def _alarm(custody: Custody, held: StoredList, now: int) -> None:
    with custody.base.db.begin() as connection:
        if not trust_lists.alarm(connection, held, now=now):
            return  # somebody has noticed it before
        append(connection, custody.base.clock, TrustListLate(held.name, held.sequence, held.next_update))
    ALARMS.labels(kind="trust_list_late").inc()
    log.error("trust list %s, number %d, was not followed by its next update", held.name, held.sequence)


def _taken(row: StoredList) -> TrustListTaken:
    return TrustListTaken(row.name, row.domain, row.sequence, row.content_sha256, row.issued_at, row.signed_at)


def _unknown() -> KeyRefused:
    return KeyRefused(
        "unknown_trust_list", vi="Không có danh sách tin cậy này.", en="There is no such trust list.", status=404
    )
