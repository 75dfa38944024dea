"""
Certificates of subscribers: officials, agencies and their machines. The key is made here, or its holder proves it.

Source: ETSI EN 319 411-1 §6.3.1 to §6.3.3; EN 319 412-2, EN 319 412-3.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from sqlalchemy.exc import IntegrityError

from base.ids import new_id
from keys.algorithms import Algorithm
from keys.backends.base import NewKey
from keys.ca.names import client_name, legal_name, person_name
from keys.ca.order import Profile
from keys.ca.requests import proven_key
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.admit_keys import admit_public_key
from keys.flows.bootstrap import enter
from keys.flows.certify import above, certify
from keys.flows.issuers import issuer_for
from keys.handles import KeyHandle, LegalSubject, PersonSubject
from keys.lifecycle.states import Purpose, State
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate

LONGEST_OWNER = 120
OUTSIDE = "outside"
"""The back end of keys that are not here."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """
    Who gets a certificate of which profile. subject: a person for Profile.PERSON, otherwise an agency.

    issuer: name of the authority; empty: the one for the profile. algorithm: of a key made here, in that back end;
    empty: as the settings say.
    """

    profile: Profile
    subject: PersonSubject | LegalSubject
    issuer: str = ""
    algorithm: Algorithm = Algorithm.ES256
    backend: str = ""


def issue_inside(custody: Custody, order: Subscription, purpose: Purpose = Purpose.PERSON) -> StoredCertificate:
    """
    Make a key in custody and issue its certificate. purpose: PERSON signs what its owner approves, SEAL what an
    application may seal.

    Raises: KeyRefused("owner_refused" | "key_inside_refused"): a machine's key belongs into the machine; LintFailed.
    """
    if order.profile is Profile.TLS_CLIENT:
        raise KeyRefused("key_inside_refused", en="A TLS client makes its own key and sends a request.", status=422)
    check_owner(order.subject.owner)
    new = custody.generate(order.algorithm, purpose, backend=order.backend)
    return _issue(custody, order, new, purpose)


def issue_for_request(custody: Custody, order: Subscription, request: bytes) -> StoredCertificate:
    """
    Issue for a key that stays with its owner, who proves it by a PKCS #10 request, PEM or DER.

    Only the key is taken from the request; name, usages and life come from the order and the profile.
    Raises: KeyRefused("owner_refused" | "request_refused" | "key_known"): the key is ours, or was certified before:
            for somebody else never, for the same owner by renewal; KeyRefused("weak_key"): it shares a prime with
            another one; KeyRefused("not_approved"); LintFailed: it is weak in another way.
    """
    check_owner(order.subject.owner)
    public_key, algorithm = proven_key(request)
    custody.check_permitted(algorithm)
    with custody.base.db.read() as connection:
        known = key_rows.of_public_key(connection, public_key)
    if known is not None:
        raise _key_known()
    admit_public_key(custody, public_key)
    new = NewKey(KeyHandle(new_id("key")), algorithm, OUTSIDE, b"", public_key)
    try:
        return _issue(custody, order, new, Purpose.OUTSIDE)
    except IntegrityError as error:  # two requests for one key at once: the column is unique
        raise _key_known() from error


def check_owner(owner: str) -> None:
    """Raises: KeyRefused("owner_refused")."""
    if not owner or len(owner) > LONGEST_OWNER or not owner.isascii():
        raise KeyRefused("owner_refused", en="The owner of a key is named by a short identifier.", status=422)


def subject_name(custody: Custody, order: Subscription) -> x509.Name:
    """
    The distinguished name of the order. Raises: KeyRefused("subject_refused"): a person where an agency is wanted, or
    the other way round; LintFailed: nothing is left of a name.
    """
    match order.profile, order.subject:
        case Profile.PERSON, PersonSubject() as person:
            return person_name(person, custody.master.mac("keys.subject", person.owner))
        case Profile.LEGAL_PERSON, LegalSubject() as agency:
            return legal_name(agency)
        case Profile.TLS_CLIENT, LegalSubject() as agency:
            return client_name(agency)
    raise KeyRefused("subject_refused", en="The profile is not one for this kind of subject.", status=422)


def life_of(custody: Custody, profile: Profile) -> int:
    """How long certificates of a subscriber's profile live, in seconds."""
    settings = custody.settings
    return {
        Profile.PERSON: settings.person_certificate_seconds,
        Profile.LEGAL_PERSON: settings.seal_certificate_seconds,
        Profile.TLS_CLIENT: settings.client_certificate_seconds,
    }[profile]


def _issue(custody: Custody, order: Subscription, new: NewKey, purpose: Purpose) -> StoredCertificate:
    """
    1. The authority.
    2. Draft, lints, signature. What is made here and not written is nobody's: no row, no certificate.
    3. Key, certificate and audit events in one transaction.
    """
    name = subject_name(custody, order)
    with custody.base.db.read() as connection:
        signer = above(connection, order.issuer or issuer_for(custody.settings, order.profile))
    row = certify(custody, new, name, order.profile, seconds=life_of(custody, order.profile), above=signer)
    with custody.base.db.begin() as connection:
        enter(custody, connection, new, purpose, State.ACTIVE, row, owner=order.subject.owner)
    return row


def _key_known() -> KeyRefused:
    return KeyRefused(
        "key_known",
        vi="Khóa này đã có chứng thư số hoặc đang được lưu giữ ở đây.",
        en="This key is certified already, or is one of ours.",
        status=409,
    )
