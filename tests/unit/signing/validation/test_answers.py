"""OCSP answers: who may speak, about what, and when; whatever is wrong with one makes it say nothing, never "good"."""

from __future__ import annotations

import random
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.x509.ocsp import OCSPResponderEncoding, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.validation.answers import is_answer_of, read_answer, starts_answer
from signing.validation.chains import build_chain
from signing.validation.effort import Effort
from signing.validation.report import Report
from signing.validation.revocation import RevocationFacts, Status
from signing.validation.status import status_of
from tests import signing_ocsp as ocsp
from tests import signing_pdfs as pdfs
from tests.signing_pki import DAY, NOW, City, found_city, issue, shared_city


def state(city: City, *data: bytes, moment: int = NOW) -> RevocationFacts:
    chain = build_chain(city.official.der, (), (city.issuing.der,), city.anchors, Effort())
    return status_of(chain.links, data, moment)[0]


def about(city: City, **wanted: object) -> bytes:
    return ocsp.answer(city.official, city.issuing, **wanted)  # type: ignore[arg-type]  # options of answer()


def test_the_issuer_says_good() -> None:
    city = shared_city()
    found = state(city, about(city))
    assert (found.status, found.this_update, found.next_update) == (Status.GOOD, NOW - 600, NOW + DAY)
    assert found.signed_with == "sha256"


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256(), hashes.SHA384()], ids=lambda one: one.name)
@pytest.mark.parametrize("named_by", list(OCSPResponderEncoding), ids=lambda one: one.name)
def test_however_it_names_whom_it_is_about(algorithm: object, named_by: OCSPResponderEncoding) -> None:
    city = shared_city()
    assert state(city, about(city, algorithm=algorithm, named_by=named_by)).status is Status.GOOD


def test_revoked() -> None:
    city = shared_city()
    found = state(city, about(city, revoked=NOW - 3600))
    assert (found.status, found.at, found.reason) == (Status.REVOKED, NOW - 3600, "keyCompromise")
    assert state(city, about(city, revoked=NOW - 3600, reason="certificateHold")).reason == "certificateHold"


@pytest.mark.parametrize("without_check", [True, False])
def test_a_delegate_says_good(without_check: bool) -> None:
    city = found_city()
    lists = () if without_check else (city.issuing.sign_crl(),)
    by = ocsp.delegate(city.issuing, without_check=without_check)
    assert state(city, about(city, by=by), *lists).status is Status.GOOD


@cache
def others() -> dict[str, bytes]:
    """Answers that must not count."""
    city = shared_city()
    stranger = found_city()
    namesake = issue("CA cấp phát thử nghiệm", stranger.root, organisation="Thành phố", authority=True)
    by_name = OCSPResponderEncoding.NAME
    above = ocsp.delegate(city.root)
    return {
        "try later": ocsp.not_successful(),
        "unauthorized": ocsp.not_successful(OCSPResponseStatus.UNAUTHORIZED),
        "unknown": about(city, unknown=True),
        "of another certificate": ocsp.answer(city.tsu, city.issuing),
        "of another issuer": ocsp.answer(city.official, stranger.issuing),
        "of the same number of another issuer": ocsp.answer(
            city.official, stranger.issuing, by=city.issuing, with_certificate=False
        ),
        "signed by another key": about(city, by=namesake, with_certificate=False, named_by=by_name),
        "delegate of another authority": about(city, by=ocsp.delegate(stranger.issuing)),
        "delegate of the authority above": about(city, by=above),
        "delegate that is not enclosed": about(city, by=ocsp.delegate(city.issuing), with_certificate=False),
        "delegate for another purpose": about(city, by=ocsp.delegate(city.issuing, purposes=(Purpose.CODE_SIGNING,))),
        "delegate for no purpose": about(city, by=ocsp.delegate(city.issuing, purposes=())),
        "an official of the same authority": about(city, by=city.official),
        "delegate whose time was over": about(city, by=ocsp.delegate(city.issuing, not_after=NOW - 2 * DAY)),
        "delegate about whom nobody can be asked": about(city, by=ocsp.delegate(city.issuing, without_check=False)),
        "ends before it begins": about(city, at=NOW - 600, until=NOW - 700),
        "from the future": about(city, at=NOW + 3600),
        "cut": about(city)[:-1],
        "with something behind": about(city) + b"\x00",
        "longer than anybody needs": about(city) + bytes(100_000),
        "a list": city.root.sign_crl(),
        "nothing": b"",
    }


@pytest.mark.parametrize(
    "name",
    [
        "try later",
        "unauthorized",
        "unknown",
        "of another certificate",
        "of another issuer",
        "of the same number of another issuer",
        "signed by another key",
        "delegate of another authority",
        "delegate of the authority above",
        "delegate that is not enclosed",
        "delegate for another purpose",
        "delegate for no purpose",
        "an official of the same authority",
        "delegate whose time was over",
        "delegate about whom nobody can be asked",
        "ends before it begins",
        "from the future",
        "cut",
        "with something behind",
        "longer than anybody needs",
        "a list",
        "nothing",
    ],
)
def test_what_says_nothing(name: str) -> None:
    city = shared_city()
    assert state(city, about(city)).status is Status.GOOD
    assert state(city, others()[name]).status is Status.UNKNOWN


@pytest.mark.parametrize("without_check", [True, False])
def test_a_delegate_that_was_revoked(without_check: bool) -> None:
    city = found_city()
    by = ocsp.delegate(city.issuing, without_check=without_check)
    city.issuing.revoke(by, NOW - DAY)
    lists = (city.issuing.sign_crl(),)
    city.issuing.revoked.clear()
    found = state(city, about(city, by=by), *lists)
    assert found.source == lists[0]  # the list alone speaks


def test_stale() -> None:
    city = shared_city()
    assert not state(city, about(city, until=NOW - 60)).is_fresh(NOW)
    open_ended = state(city, about(city, until=None))
    assert open_ended.is_fresh(NOW)
    assert not open_ended.is_fresh(NOW + DAY)


def test_the_newest_counts_and_a_revocation_stays() -> None:
    city = found_city()
    good = city.issuing.sign_crl(NOW - 3600)
    assert state(city, good, about(city)).this_update == NOW - 600
    assert state(city, good, about(city, at=NOW - 7200)).this_update == NOW - 3600
    assert state(city, good, about(city, revoked=NOW - DAY)).status is Status.REVOKED
    assert state(city, good, about(city, at=NOW - 7200, revoked=NOW - DAY)).status is Status.REVOKED
    resting = about(city, at=NOW - 7200, revoked=NOW - DAY, reason="certificateHold")
    assert state(city, good, resting).status is Status.GOOD


def test_no_bit_of_an_answer_can_be_changed() -> None:
    """Of those outside its signature too: what is embedded in a document must not be altered unnoticed."""
    city = shared_city()
    der = about(city, by=ocsp.delegate(city.issuing), nonce=b"0123456789abcdef")
    assert is_answer_of(der, (city.issuing.der,))
    for place in random.Random(11).sample(range(len(der)), 150):
        for bit in (0, 3, 7):
            changed = der[:place] + bytes([der[place] ^ 1 << bit]) + der[place + 1 :]
            assert not is_answer_of(changed, (city.issuing.der,)), (place, bit)


def test_the_nonce_and_the_kind_are_read() -> None:
    city = shared_city()
    found = read_answer(about(city, nonce=b"0123456789abcdef"), city.issuing.der)
    assert found is not None
    assert found.nonce == b"0123456789abcdef"
    assert starts_answer(about(city))
    assert starts_answer(ocsp.not_successful())
    assert not starts_answer(city.root.sign_crl())
    assert not starts_answer(city.root.der)
    assert not any(starts_answer(bytes(size)) for size in range(12))


def verified(city: City, *data: bytes, at: int = NOW + 60) -> Report:
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), (city.root.sign_crl(), *data))
    return verify_document(pdfs.sign(pdfs.plain(), city), moment=at, own=own)


def test_a_signature_stands_on_answers_alone() -> None:
    city = found_city()
    stamps = ocsp.answer(city.tsu, city.issuing)
    report = verified(city, about(city), stamps)
    assert str(report.indication) == "TOTAL-PASSED"
    assert report.signatures[0].time_source == "time-stamp"
    report = verified(city, about(city, revoked=NOW - DAY), stamps)
    assert (str(report.indication), str(report.sub_indication)) == ("TOTAL-FAILED", "REVOKED")
    assert str(verified(city, stamps).sub_indication) == "TRY_LATER"
    assert str(verified(city, about(city, until=NOW + 30), stamps).sub_indication) == "TRY_LATER"


def test_an_issuer_that_may_not_sign_lists_may_answer() -> None:
    city = found_city()
    city.issuing = issue("CA không ký danh sách", city.root, authority=True, signs_lists=False)
    city.official = issue("Nguyễn Văn An", city.issuing)
    assert state(city, about(city)).status is Status.GOOD
