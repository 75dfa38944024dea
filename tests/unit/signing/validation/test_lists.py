"""Delta lists only add, and certificates that no list can name are not read."""

from __future__ import annotations

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signing.validation.certificates import CertificateUnreadable, facts_of, load
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.revocation import RevocationFacts, Status, revocation_of
from tests.signing_pki import DAY, NOW, City, Holder, found_city, shared_city

BASE = NOW - DAY


def state(city: City, *lists: bytes) -> RevocationFacts:
    chain = build_chain(city.official.der, (), (city.issuing.der,), city.anchors, Effort())
    return revocation_of(chain.links, lists)[0]


def test_a_newer_delta_revokes() -> None:
    city = found_city()
    base = city.issuing.sign_crl(BASE)
    city.issuing.revoke(city.official, NOW - 3600)
    delta = city.issuing.sign_crl(NOW - 1800, delta_of=BASE)
    assert state(city, base).status is Status.GOOD
    found = state(city, delta, base)
    assert (found.status, found.at, found.reason) == (Status.REVOKED, NOW - 3600, "keyCompromise")
    assert found.this_update == BASE  # the delta makes the list no fresher


def test_a_delta_takes_nothing_away() -> None:
    city = found_city()
    city.issuing.revoke(city.official, NOW - 3600, "certificateHold")
    base = city.issuing.sign_crl(BASE)
    city.issuing.revoke(city.official, NOW - 1800, "removeFromCRL")
    assert state(city, base, city.issuing.sign_crl(NOW - 1800, delta_of=BASE)).status is Status.REVOKED


def test_what_was_never_listed_is_not_revoked_by_being_taken_off() -> None:
    city = found_city()
    base = city.issuing.sign_crl(BASE)
    city.issuing.revoke(city.official, NOW - 1800, "removeFromCRL")
    assert state(city, base, city.issuing.sign_crl(NOW - 1800, delta_of=BASE)).status is Status.GOOD


def test_a_delta_alone_says_nothing() -> None:
    city = shared_city()
    assert state(city, city.issuing.sign_crl(delta_of=BASE)).status is Status.UNKNOWN


def test_an_older_delta_is_not_asked() -> None:
    city = found_city()
    city.issuing.revoke(city.official, BASE - 3600)
    delta = city.issuing.sign_crl(BASE - 1800, delta_of=BASE - DAY)
    city.issuing.revoked.clear()
    assert state(city, delta, city.issuing.sign_crl(BASE)).status is Status.GOOD


def test_a_delta_of_a_stranger_is_not_asked() -> None:
    city, stranger = shared_city(), found_city()
    stranger.issuing.revoke(city.official, NOW - 3600)
    delta = stranger.issuing.sign_crl(NOW - 1800, delta_of=BASE)
    assert state(city, delta, city.issuing.sign_crl(BASE)).status is Status.GOOD


def numbered(holder: Holder, serial: int) -> bytes:
    """The same certificate with another serial number, signed again."""
    assert holder.issuer is not None
    changed = asn1_x509.Certificate.load(holder.der)
    changed["tbs_certificate"]["serial_number"] = serial
    signed = changed["tbs_certificate"].dump(force=True)
    changed["signature_value"] = holder.issuer.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return bytes(changed.dump(force=True))


@pytest.mark.filterwarnings("ignore")  # the library warns of them, and production does not stop at a warning
@pytest.mark.parametrize("serial", [-1, -(2**60), 0])
def test_a_serial_number_that_no_list_can_name(serial: int) -> None:
    assert facts_of(numbered(shared_city().official, 2**60)).serial == f"{2**60:x}"
    with pytest.raises(CertificateUnreadable, match="serial"):
        load(numbered(shared_city().official, serial))
