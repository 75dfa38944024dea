"""Until when an algorithm counts is dated data, and the time that counts is the one that is proven."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level
from signing.validation.algorithms import FOREVER, NEVER, PolicyUnreadable, Suite, built_in_suite, read_suite
from signing.validation.policy_file import built_in_policy
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.signing_pki import DAY, NOW, City, Holder, found_city, issue

SUNSET = NOW + DAY
LATER = NOW + 3 * DAY
WEAK = ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE")
NO_POE = ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
PASSED = ("TOTAL-PASSED", "None")


def outcome(report: Report) -> tuple[str, str]:
    return str(report.indication), str(report.sub_indication)


def codes(report: Report) -> set[str]:
    return {found.code for signature in report.signatures for found in signature.findings}


def ending(**keys: int) -> Suite:
    """Our suite, but keys of P-384 end at SUNSET: the official alone has one."""
    return replace(built_in_suite(), keys={"EC": ((256, FOREVER), (384, keys.get("p384", SUNSET)))})


def city_of_a_big_key(**official: Any) -> City:
    city = found_city()
    return replace(city, official=issue("An", city.issuing, key=ec.generate_private_key(ec.SECP384R1()), **official))


def verified(city: City, document: bytes, *, moment: int, suite: Suite) -> Report:
    lists = tuple(one.sign_crl(moment - 60, moment + DAY) for one in (city.root, city.issuing))
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), lists)
    return verify_document(document, moment=moment, own=own, policy=replace(built_in_policy(), suite=suite))


def test_what_is_strong_today_passes() -> None:
    city = city_of_a_big_key()
    report = verified(city, pdfs.sign(pdfs.plain(), city), moment=NOW + 60, suite=ending())
    assert outcome(report) == PASSED
    assert not codes(report) & {"algorithm_aged", "algorithm_weak", "algorithm_weak_no_poe"}


def test_a_proof_from_before_the_sunset_settles_it() -> None:
    city = city_of_a_big_key()
    report = verified(city, pdfs.sign(pdfs.plain(), city), moment=LATER, suite=ending())
    assert outcome(report) == PASSED
    assert "algorithm_aged" in codes(report)


def test_without_a_proof_from_before_the_sunset() -> None:
    city = city_of_a_big_key()
    unstamped = pdfs.sign(pdfs.plain(), city, level=Level.B_B)
    report = verified(city, unstamped, moment=LATER, suite=ending())
    assert outcome(report) == NO_POE
    assert "algorithm_weak_no_poe" in codes(report)


def test_a_stamp_from_after_the_sunset_is_no_such_proof() -> None:
    """The signer claims to have signed before: that alone proves nothing for him."""
    city = city_of_a_big_key()
    late = pdfs.sign(pdfs.plain(), StampsLate(city, SUNSET + 60))  # type: ignore[arg-type]  # a city as far as it is asked
    assert outcome(verified(city, late, moment=LATER, suite=ending())) == NO_POE


class StampsLate:
    """A city whose time stamps are of another time than the signature."""

    def __init__(self, city: City, at: int) -> None:
        self.official, self._city, self._at = city.official, city, at

    def stamp(self, imprint: bytes, *, at: int) -> bytes:
        assert at < self._at
        return self._city.stamp(imprint, at=self._at)


def test_whoever_says_to_have_signed_after_the_sunset_has() -> None:
    city = city_of_a_big_key()
    document = pdfs.sign(pdfs.plain(), city, level=Level.B_B, at=SUNSET)
    assert outcome(verified(city, document, moment=LATER, suite=ending())) == WEAK


def test_a_certificate_younger_than_the_sunset_signs_after_it() -> None:
    city = city_of_a_big_key(not_before=SUNSET)
    document = pdfs.sign(pdfs.plain(), city, level=Level.B_B, at=SUNSET + 60)
    assert outcome(verified(city, document, moment=LATER, suite=ending())) == WEAK


def test_what_has_never_counted_is_weak() -> None:
    city = city_of_a_big_key()
    assert outcome(verified(city, pdfs.sign(pdfs.plain(), city), moment=NOW + 60, suite=ending(p384=NEVER))) == WEAK


def without_sha384() -> Suite:
    """Our suite, but SHA-384 ended before anything here was made."""
    suite = built_in_suite()
    return replace(suite, digests={**suite.digests, "sha384": NOW - 1000 * DAY})


def of_sha384(holder: Holder) -> Holder:
    """The same certificate, signed once more by its issuer, with SHA-384."""
    old, above = holder.certificate, holder.issuer
    assert above is not None
    builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number)
    builder = builder.not_valid_before(old.not_valid_before_utc).not_valid_after(old.not_valid_after_utc)
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return replace(holder, certificate=builder.sign(above.key, hashes.SHA384()))


def test_a_certificate_signed_with_a_digest_that_had_ended() -> None:
    city = found_city()
    city.official = of_sha384(city.official)
    document = pdfs.sign(pdfs.plain(), city)
    assert outcome(verified(city, document, moment=NOW + 60, suite=built_in_suite())) == PASSED
    assert outcome(verified(city, document, moment=NOW + 60, suite=without_sha384())) == WEAK


def test_a_stamp_under_a_certificate_whose_digest_has_ended_proves_nothing() -> None:
    city = found_city()
    city.tsu = of_sha384(city.tsu)
    document = pdfs.sign(pdfs.plain(), city)
    report = verified(city, document, moment=NOW + 60, suite=built_in_suite())
    assert report.signatures[0].time_source == "time-stamp"
    report = verified(city, document, moment=NOW + 60, suite=without_sha384())
    assert report.signatures[0].time_source == "claimed"
    assert "stamp_unusable" in codes(report)


def test_a_revocation_list_under_a_digest_that_has_ended_is_no_answer() -> None:
    city = found_city()
    document = pdfs.sign(pdfs.plain(), city)
    good = x509.load_der_x509_crl(city.issuing.sign_crl())
    assert good.next_update_utc is not None
    builder = x509.CertificateRevocationListBuilder(good.issuer, good.last_update_utc, good.next_update_utc)
    odd = builder.sign(city.issuing.key, hashes.SHA384()).public_bytes(Encoding.DER)
    own = TrustSource(tuple(city.anchors), (city.issuing.der,), (city.root.sign_crl(), odd))
    policy = replace(built_in_policy(), suite=without_sha384())
    assert outcome(verify_document(document, moment=NOW + 60, own=own)) == PASSED
    assert outcome(verify_document(document, moment=NOW + 60, own=own, policy=policy))[0] == "INDETERMINATE"


def test_our_suite() -> None:
    suite = built_in_suite()
    assert suite.digest_until("sha1") < NOW < suite.digest_until("sha256")
    assert suite.digest_until("sha224") == NEVER
    assert suite.key_until("RSA", 1023) == NEVER
    assert suite.key_until("RSA", 1024) < suite.key_until("RSA", 2047) < NOW < suite.key_until("RSA", 2048)
    assert suite.key_until("RSA", 2999) < FOREVER == suite.key_until("RSA", 3072)
    assert suite.key_until("EC", 255) < NOW < suite.key_until("EC", 256)
    assert suite.key_until("DSA", 4096) == NEVER


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "not TOML"),
        (b"name = 1", "name"),
        (b"name = 'x'\nodd = 1", "odd"),
        (b"name = 'x'", "digests"),
        (b"name = 'x'\n[digests]\nsha256 = {}\n[keys]\n", "would count"),
        (b"name = 'x'\n[digests]\nsha256 = {until = 2020-01-01}\n[keys]\nEC = [{at_least = 256}]", "would count"),
        (b"name = 'x'\n[digests]\nsha256 = {until = 'never'}\n[keys]\n", "a day"),
        (b"name = 'x'\n[digests]\nsha256 = {untill = 2020-01-01}\n[keys]\n", "digests.sha256"),
        (b"name = 'x'\n[digests]\nsha256 = {}\n[keys]\nEC = [{at_least = true}]", "at_least"),
        (b"name = 'x'\n[digests]\nsha256 = {}\n[keys]\nEC = [{at_least = 1}, {at_least = 1}]", "once"),
        (b"name = 'x'\n[digests]\nsha256 = {}\n[keys]\nEC = {at_least = 1}", "keys.EC"),
    ],
)
def test_a_file_that_could_be_misunderstood_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(PolicyUnreadable, match=said):
        read_suite(data)
