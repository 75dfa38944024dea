"""
Our own trust list at /pki/tsl.xml: regenerated when something in it changes and before half of its time is over.

It is signed by a key of its own, with a certificate for nothing else, so that whoever follows us pins that certificate.

Source: ETSI TS 119 612 §5.3.2 (numbers), §5.3.15 (next update), §5.7.1 (signer's certificate), §6.1 (publication).
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from base.audit import append
from base.versions import raise_version
from keys.ca.names import COUNTRY
from keys.ca.order import Profile
from keys.custody import Custody
from keys.errors import KeysUnavailable
from keys.events import TrustListPublished
from keys.flows.issuers import issuer_for
from keys.flows.record_use import record_use
from keys.flows.service_keys import standing_key
from keys.lifecycle.purposes import Use
from keys.lifecycle.rotation import renewal_due
from keys.lifecycle.states import Purpose
from keys.signers import TrustListSigner
from keys.store import authorities, certificates, published_lists
from keys.store import keys as key_rows
from keys.store.certificates import StoredCertificate
from keys.store.keys import StoredKey
from keys.store.published_lists import PUBLISHED_CHANNEL, PublishedList
from keys.trust.lists.facts import TrustList
from keys.trust.lists.own import OwnOperator, OwnService, as_xml, fingerprint, numbered, own_list
from keys.trust.lists.sealing import seal_list
from keys.trust.lists.words import CA_PUBLIC_KEY, OCSP, TIME_STAMPS


def publish_due(custody: Custody) -> None:
    """
    Make the next list if one is due; the job and the first visitor call this.

    1. Gather what there is: authorities, stamping units, the list that stands and its signer.
    2. Nothing has changed and it is not past the middle of its time: done.
    3. The next number, the list, its signature: in one transaction.
    """
    if not _can_publish(custody):
        return
    signer = standing_key(custody, Purpose.TRUST_LIST)
    operator = _operator(custody)
    with custody.base.db.read() as connection:
        said = own_list(_services(custody, connection), operator)
        held = published_lists.current(connection)
    print_of_it = fingerprint(said, operator)
    same = held is not None and (held.fingerprint, held.signer) == (print_of_it, signer.handle)
    now = custody.base.clock.now()
    if same and held and not renewal_due(not_before=held.issued_at, not_after=held.next_update, now=now):
        return
    try:
        with custody.base.db.begin() as connection:
            _publish(custody, connection, signer, said, print_of_it, operator)
    except IntegrityError:
        return  # two processes made the first list of all at once; the other's stands


def published_list(custody: Custody) -> PublishedList:
    """The list that stands. Raises: KeysUnavailable: there is none, or it has run out."""
    with custody.base.db.read() as connection:
        found = published_lists.current(connection)
    if found is None or found.next_update <= custody.base.clock.now():
        publish_due(custody)
        with custody.base.db.read() as connection:
            found = published_lists.current(connection)
    if found is None or found.next_update <= custody.base.clock.now():
        raise KeysUnavailable("There is no authority that could certify a trust list's signer.")
    return found


def list_signer(custody: Custody) -> bytes:
    """The certificate (DER) that followers pin. Raises: KeysUnavailable: there is no authority that could issue it."""
    if not _can_publish(custody):
        raise KeysUnavailable("There is no authority yet, and so no trust list.")
    key = standing_key(custody, Purpose.TRUST_LIST)
    with custody.base.db.read() as connection:
        return _certificate(connection, key).der


def _can_publish(custody: Custody) -> bool:
    """Whether the authority that certifies the signer is here, has not ended, and needs nobody's approval."""
    with custody.base.db.read() as connection:
        row = authorities.find(connection, issuer_for(custody.settings, Profile.TRUST_LIST))
        certificate = certificates.of_handle(connection, row.handle) if row else None
    return row is not None and not row.is_offline and certificate is not None and certificate.status == "active"


def _publish(
    custody: Custody, connection: Connection, key: StoredKey, said: TrustList, print_of_it: str, operator: OwnOperator
) -> None:
    """From the number on nobody else can make a list."""
    now = custody.base.clock.now()
    sequence = published_lists.take_number(connection)
    made = numbered(said, sequence=sequence, now=now, seconds=custody.settings.own_trust_list_seconds)
    assert made.next_update is not None  # numbered() sets it
    signer = custody.open_for(TrustListSigner, key)
    content = seal_list(as_xml(made, operator), _certificate(connection, key).der, signer.sign, at=now)
    row = PublishedList(sequence, now, made.next_update, print_of_it, key.handle, content)
    published_lists.keep(connection, row)
    raise_version(connection, PUBLISHED_CHANNEL)
    record_use(custody, connection, key, Use.TRUST_LIST, content)
    append(connection, custody.base.clock, TrustListPublished(sequence, print_of_it, made.next_update))


def _services(custody: Custody, connection: Connection) -> list[OwnService]:
    """In a fixed order, so that the same facts are the same list."""
    pki, found = f"{custody.issuer}/pki", []
    for row in authorities.everything(connection):
        certificate = certificates.of_handle(connection, row.handle)
        if certificate is None:
            continue
        points = (f"{pki}/ca/{row.name}.cer", f"{pki}/crl/{row.name}.crl")
        found.append(_service(CA_PUBLIC_KEY, certificate, None, points))
        if row.above is not None and not row.is_offline:
            found.append(_service(OCSP, certificate, None, (f"{pki}/ocsp",)))
    for key in key_rows.of_service(connection):
        certificate = certificates.of_handle(connection, key.handle) if key.purpose is Purpose.TSU else None
        if certificate is not None:
            found.append(_service(TIME_STAMPS, certificate, key.retired_at, (f"{pki}/tsa",)))
    return found


def _service(kind: str, certificate: StoredCertificate, retired_at: int | None, points: tuple[str, ...]) -> OwnService:
    """A suspended one has ended for now; the list says it once it is for good."""
    revoked_at = certificate.revoked_at if certificate.status == "revoked" else None
    ends = [moment for moment in (retired_at, revoked_at) if moment is not None]
    subject = x509.load_der_x509_certificate(certificate.der).subject
    (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return OwnService(kind, str(name.value), certificate.der, certificate.not_before, min(ends, default=None), points)


def _certificate(connection: Connection, key: StoredKey) -> StoredCertificate:
    row = certificates.of_handle(connection, key.handle)
    if row is None:
        raise KeysUnavailable("The certificate of the trust list's key is not here.", debug=key.handle)
    return row


def _operator(custody: Custody) -> OwnOperator:
    settings = custody.settings
    return OwnOperator(
        organisation=settings.pki_organisation,
        identifier=settings.pki_organisation_identifier,
        country=COUNTRY,
        town=settings.pki_town,
        page=f"{custody.issuer}/",
    )
