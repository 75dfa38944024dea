"""
A ceremony: authorities made under a script, with minutes.

The first start makes its two authorities by the same steps without people (flows/bootstrap.py: certify, enter).

Source: ETSI EN 319 411-1 §6.5.1; CA/Browser Forum Baseline Requirements §6.1.1.1.
"""

from __future__ import annotations

from cryptography import x509
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.ids import new_id
from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.ca.ceremony import AuthorityPlan, CeremonyScript, check_script
from keys.ca.names import authority_name
from keys.ca.order import Profile
from keys.ca.requests import proven_key, write_request
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.audit_key import audit_key
from keys.flows.bootstrap import YEAR, complete_services, enter
from keys.flows.certify import Above, above, certify
from keys.flows.minutes import Made, Minutes, write_minutes
from keys.flows.offline import Opening, open_offline
from keys.flows.renew_crl import write_crl
from keys.lifecycle.operations import Operation
from keys.lifecycle.states import Purpose, State
from keys.signers import CertificateSigner
from keys.store import authorities
from keys.store import keys as key_rows
from keys.store.authorities import StoredAuthority, StoredCeremony
from keys.store.certificates import StoredCertificate


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
    signing = audit_key(custody)
    try:
        with custody.base.db.begin() as connection:
            opening = open_offline(custody, connection, ceremony_operation(script), approval_id)
            ceremony_id, steps = _carry_out(custody, connection, script, opening, made)
            minutes = write_minutes(
                custody,
                connection,
                ceremony_id,
                script,
                steps,
                operation=ceremony_operation(script),
                approval_id=approval_id,
                key=signing,
            )
    except BaseException as error:
        for new in made:
            custody.backends[new.backend].destroy(new.handle, new.stored)
        if isinstance(error, IntegrityError):
            raise _name_taken() from error
        raise
    complete_services(custody)
    custody.ring.refresh()
    return minutes


def _carry_out(
    custody: Custody, connection: Connection, script: CeremonyScript, opening: Opening, made: list[NewKey]
) -> tuple[str, list[Made]]:
    """The identifier of the ceremony and what was made in each step."""
    ceremony_id, steps, now = new_id("cer"), list[Made](), custody.base.clock.now()
    authorities.add_ceremony(connection, StoredCeremony(ceremony_id, now, b"", ""))
    root = None if script.root else above(connection, script.above)
    for plan in script.plans:
        if authorities.find(connection, plan.name) is not None:
            raise _name_taken()
        new, row, request = _make(custody, connection, plan, root, opening, made)
        offline = root is None and script.is_offline
        name_of_root = root.name if root else None
        authorities.add(connection, StoredAuthority(plan.name, new.handle, name_of_root, offline, ceremony_id, now))
        key = key_rows.find(connection, new.handle)
        assert key is not None  # written above
        certificate = x509.load_der_x509_certificate(row.der)
        crl = write_crl(custody, connection, key, certificate, opening)
        steps.append(Made(plan, new, row, request, crl.der, custody.base.clock.now()))
        if root is None:
            root = Above(plan.name, key, certificate, offline)
    return ceremony_id, steps


def _make(
    custody: Custody,
    connection: Connection,
    plan: AuthorityPlan,
    root: Above | None,
    opening: Opening,
    made: list[NewKey],
) -> tuple[NewKey, StoredCertificate, bytes]:
    """
    Key and certificate of one authority, written, and the request by which its key proved itself to the root. The first
    ones, of their usual names, fill the slots.
    """
    settings = custody.settings
    purpose, profile = (Purpose.ISSUING, Profile.ISSUING) if root else (Purpose.ROOT, Profile.ROOT)
    new = custody.generate(plan.algorithm, purpose, backend=plan.backend)
    made.append(new)
    subject = authority_name(settings.pki_organisation, plan.title, settings.pki_organisation_identifier)
    request = _requested(custody, subject, new, plan.algorithm) if root else b""
    row = certify(custody, new, subject, profile, seconds=plan.years * YEAR, above=root, opening=opening)
    enter(custody, connection, new, purpose, State.ACTIVE, row, in_slot=plan.name == purpose)
    return new, row, request


def _requested(custody: Custody, subject: x509.Name, new: NewKey, algorithm: Algorithm) -> bytes:
    """A PKCS #10 request (DER) that was read as one from outside is: whoever asks holds the key."""
    signer = custody.open_new(CertificateSigner, new, Purpose.ISSUING)
    request = write_request(subject, new.public_key, algorithm, signer.sign)
    if proven_key(request)[0] != new.public_key:
        raise KeyRefused("request_refused", debug="another key", status=500)
    return request


def _name_taken() -> KeyRefused:
    return KeyRefused(
        "name_taken",
        vi="Tên cơ quan chứng thực này đã có.",
        en="There is an authority of that name.",
        status=409,
    )
