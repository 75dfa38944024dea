"""
A ceremony: authorities made under a script, with minutes.

The first start makes its two authorities by the same steps without people (flows/bootstrap.py: certify, enter).

Source: ETSI EN 319 411-1 §6.5.1; CA/Browser Forum Baseline Requirements §6.1.1.1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography import x509
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.clock import shown
from base.ids import new_id
from keys.backends.base import NewKey
from keys.ca.ceremony import AuthorityPlan, CeremonyScript, check_script
from keys.ca.names import authority_name
from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.events import CeremonyHeld
from keys.flows.bootstrap import YEAR, complete_services, enter
from keys.flows.certify import Above, above, certify
from keys.flows.offline import Opening, open_offline
from keys.flows.renew_crl import write_crl
from keys.lifecycle.operations import Operation
from keys.lifecycle.states import Purpose, State
from keys.store import authorities
from keys.store import keys as key_rows
from keys.store.authorities import StoredAuthority, StoredCeremony
from keys.store.certificates import StoredCertificate


@dataclass(frozen=True, slots=True)
class Minutes:
    """id: of the ceremony; content: JSON; sha256: of it, as the audit log has it."""

    id: str
    content: bytes
    sha256: str


def ceremony_operation(script: CeremonyScript) -> Operation:
    """What the second person approves."""
    return Operation("ca.ceremony", script.parameters)


def hold_ceremony(custody: Custody, script: CeremonyScript, approval_id: str = "") -> Minutes:
    """
    Make the authorities of the script.

    Raises: KeyRefused("ceremony_refused" | "approval_needed" | "approval_refused" | "name_taken"); LintFailed;
            KeysUnavailable. Then nothing of it exists: keys made on the way are destroyed.

    1. The script is judged before anybody is asked.
    2. One transaction: the approval is used up, then keys, certificates, names, first lists, minutes, audit events.
    3. What follows from there being authorities: the time-stamping unit, if it was waiting.
    """
    check_script(script)
    made: list[NewKey] = []
    try:
        with custody.base.db.begin() as connection:
            opening = open_offline(custody, connection, ceremony_operation(script), approval_id)
            minutes = _carry_out(custody, connection, script, opening, made)
    except BaseException as error:
        for new in made:
            custody.backends[new.backend].destroy(new.handle, new.stored)
        if isinstance(error, IntegrityError):
            raise _name_taken() from error
        raise
    complete_services(custody)
    custody.ring.refresh()
    return minutes


def minutes_of(custody: Custody, name: str) -> bytes:
    """The minutes of the ceremony that made an authority. Raises: KeyRefused("no_minutes")."""
    with custody.base.db.read() as connection:
        row = authorities.find(connection, name)
        kept = authorities.ceremony(connection, row.ceremony) if row and row.ceremony else None
    if kept is None:
        raise KeyRefused(
            "no_minutes",
            vi="Không có biên bản cho cơ quan chứng thực này.",
            en="There are no minutes for this authority: it was made at the first start, or does not exist.",
            status=404,
        )
    return kept.minutes


def _carry_out(
    custody: Custody, connection: Connection, script: CeremonyScript, opening: Opening, made: list[NewKey]
) -> Minutes:
    ceremony_id, steps, now = new_id("cer"), list[dict[str, Any]](), custody.base.clock.now()
    authorities.add_ceremony(connection, StoredCeremony(ceremony_id, now, b"", ""))
    root = None if script.root else above(connection, script.above)
    for plan in script.plans:
        if authorities.find(connection, plan.name) is not None:
            raise _name_taken()
        new, row = _make(custody, connection, plan, root, opening, made)
        offline = root is None and script.is_offline
        name_of_root = root.name if root else None
        authorities.add(connection, StoredAuthority(plan.name, new.handle, name_of_root, offline, ceremony_id, now))
        key = key_rows.find(connection, new.handle)
        assert key is not None  # written above
        certificate = x509.load_der_x509_certificate(row.der)
        crl = write_crl(custody, connection, key, certificate, opening)
        steps.append(_step(custody, plan, new, row, hashlib.sha256(crl.der).hexdigest()))
        if root is None:
            root = Above(plan.name, key, certificate, offline)
    return _write_minutes(custody, connection, ceremony_id, script, steps)


def _make(
    custody: Custody,
    connection: Connection,
    plan: AuthorityPlan,
    root: Above | None,
    opening: Opening,
    made: list[NewKey],
) -> tuple[NewKey, StoredCertificate]:
    """Key and certificate of one authority, written. The first ones, of their usual names, fill the slots."""
    settings = custody.settings
    purpose, profile = (Purpose.ISSUING, Profile.ISSUING) if root else (Purpose.ROOT, Profile.ROOT)
    new = custody.generate(plan.algorithm, purpose, backend=plan.backend)
    made.append(new)
    subject = authority_name(settings.pki_organisation, plan.title, settings.pki_organisation_identifier)
    row = certify(custody, new, subject, profile, seconds=plan.years * YEAR, above=root, opening=opening)
    enter(custody, connection, new, purpose, State.ACTIVE, row, in_slot=plan.name == purpose)
    return new, row


def _step(custody: Custody, plan: AuthorityPlan, new: NewKey, row: StoredCertificate, crl: str) -> dict[str, Any]:
    return {
        "at": custody.base.clock.now(),
        "authority": plan.name,
        "key": {
            "handle": new.handle,
            "backend": new.backend,
            "algorithm": str(plan.algorithm),
            "public_key_sha256": hashlib.sha256(new.public_key).hexdigest(),
        },
        "certificate": {
            "serial": row.serial,
            "sha256": hashlib.sha256(row.der).hexdigest(),
            "issuer": row.issuer,
            "not_before": row.not_before,
            "not_after": row.not_after,
            "lints": "all passed",
        },
        "first_crl_sha256": crl,
    }


def _write_minutes(
    custody: Custody, connection: Connection, ceremony_id: str, script: CeremonyScript, steps: list[dict[str, Any]]
) -> Minutes:
    now, operation = custody.base.clock.now(), ceremony_operation(script)
    content = orjson.dumps(
        {
            "ceremony": ceremony_id,
            "held_at": now,
            "shown_as": shown(now),
            "place": script.place,
            "witnesses": list(script.witnesses),
            "script": script.parameters,
            "script_sha256": operation.digest,
            "steps": steps,
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2,
    )
    digest = hashlib.sha256(content).hexdigest()
    authorities.fill_minutes(connection, StoredCeremony(ceremony_id, now, content, digest))
    append(connection, custody.base.clock, CeremonyHeld(ceremony_id, digest, len(steps)))
    return Minutes(ceremony_id, content, digest)


def _name_taken() -> KeyRefused:
    return KeyRefused(
        "name_taken",
        vi="Tên cơ quan chứng thực này đã có.",
        en="There is an authority of that name.",
        status=409,
    )
