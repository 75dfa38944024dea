"""Crafted situations and the exact verdict each must have (EN 319 102-1 Tables 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from signing.flows.own_trust import TrustSource
from signing.flows.verify import verify_document
from signing.formats.base import Level
from signing.validation.report import Report
from signing.validation.summary import as_text
from tests import signing_pdfs as pdfs
from tests.signing_pki import DAY, NOW, City, found_city, issue

PASSED = ("TOTAL-PASSED", None)


def outcome(report: Report) -> tuple[str, str | None]:
    return str(report.indication), str(report.sub_indication) if report.sub_indication else None


def codes(report: Report) -> set[str]:
    return {found.code for signature in report.signatures for found in signature.findings}


@dataclass
class Scene:
    """A city whose facts a test bends before anything is signed."""

    city: City

    def verify(self, document: bytes, *, moment: int = NOW + 60, lists: tuple[bytes, ...] | None = None) -> Report:
        lists = tuple(self.city.crls) if lists is None else lists
        own = TrustSource(tuple(self.city.anchors), (self.city.issuing.der,), lists)
        return verify_document(document, moment=moment, own=own)

    def signed(self, level: Level = Level.B_T, at: int = NOW) -> bytes:
        return pdfs.sign(pdfs.plain(), self.city, level=level, at=at)

    def fresh_lists(self, moment: int) -> tuple[bytes, ...]:
        return (
            self.city.root.sign_crl(moment - 60, moment + DAY),
            self.city.issuing.sign_crl(moment - 60, moment + DAY),
        )


@pytest.fixture
def scene() -> Scene:
    return Scene(found_city())


def test_stamped(scene: Scene) -> None:
    report = scene.verify(scene.signed())
    assert outcome(report) == PASSED
    (signature,) = report.signatures
    assert (signature.signer, signature.organisation, signature.level) == ("Nguyễn Văn An", "Sở Nội vụ", "B-T")
    assert (signature.time_source, signature.signing_time) == ("time-stamp", NOW)
    assert signature.stamp_authority == "Cấp dấu thời gian thử nghiệm"
    assert (signature.integrity, signature.trust, signature.valid_at_signing) == ("intact", "trusted", True)
    assert report.exit_code == 0


def test_unstamped(scene: Scene) -> None:
    report = scene.verify(scene.signed(Level.B_B))
    assert outcome(report) == PASSED
    assert codes(report) == {"no_stamp"}
    assert report.signatures[0].time_source == "claimed"


def test_unsigned(scene: Scene) -> None:
    report = scene.verify(pdfs.plain())
    assert outcome(report) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")
    assert report.findings[0].code == "no_signature"


@pytest.mark.parametrize("document", [b"", b"hello", b"PK\x03\x04" + bytes(100), b"\x00" * 5000])
def test_not_a_document_of_a_known_kind(scene: Scene, document: bytes) -> None:
    assert outcome(scene.verify(document)) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")


def test_expired_without_stamp(scene: Scene) -> None:
    scene.city.official = issue("An", scene.city.issuing, not_after=NOW + DAY)
    later = NOW + 2 * DAY
    report = scene.verify(scene.signed(Level.B_B), moment=later, lists=scene.fresh_lists(later))
    assert outcome(report) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_expired_since_but_stamped_before(scene: Scene) -> None:
    scene.city.official = issue("An", scene.city.issuing, not_after=NOW + DAY)
    later = NOW + 2 * DAY
    report = scene.verify(scene.signed(), moment=later, lists=scene.fresh_lists(later))
    assert outcome(report) == PASSED
    assert "expired_since" in codes(report)


def test_stamped_only_after_expiry(scene: Scene) -> None:
    scene.city.official = issue("An", scene.city.issuing, not_after=NOW - DAY)
    assert outcome(scene.verify(scene.signed())) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_stamped_before_the_certificate_existed(scene: Scene) -> None:
    scene.city.official = issue("An", scene.city.issuing, not_before=NOW + 30)
    assert outcome(scene.verify(scene.signed())) == ("TOTAL-FAILED", "NOT_YET_VALID")


def test_not_yet_valid_without_stamp(scene: Scene) -> None:
    scene.city.official = issue("An", scene.city.issuing, not_before=NOW + DAY)
    assert outcome(scene.verify(scene.signed(Level.B_B))) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_revoked_after_the_stamp(scene: Scene) -> None:
    scene.city.issuing.revoke(scene.city.official, NOW + 30)
    report = scene.verify(scene.signed())
    assert outcome(report) == PASSED
    assert "revoked_since" in codes(report)


def test_revoked_before_signing(scene: Scene) -> None:
    scene.city.issuing.revoke(scene.city.official, NOW - DAY)
    report = scene.verify(scene.signed())
    assert outcome(report) == ("TOTAL-FAILED", "REVOKED")
    assert not report.signatures[0].valid_at_signing


def test_revoked_between_the_claimed_time_and_the_stamp(scene: Scene) -> None:
    """The claim is no proof: nobody knows whether the key was already in other hands."""
    city = scene.city
    city.issuing.revoke(city.official, NOW - 60)
    original, city.stamp = city.stamp, lambda imprint, **_: original(imprint, at=NOW)  # type: ignore[method-assign]  # this city only
    assert outcome(scene.verify(scene.signed(at=NOW - 120))) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_revoked_without_stamp(scene: Scene) -> None:
    scene.city.issuing.revoke(scene.city.official, NOW + 30)
    assert outcome(scene.verify(scene.signed(Level.B_B))) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_suspended(scene: Scene) -> None:
    """Neither valid nor failed while the certificate rests; a stamp from before the suspension settles it."""
    scene.city.issuing.revoke(scene.city.official, NOW - DAY, "certificateHold")
    report = scene.verify(scene.signed())
    assert outcome(report) == ("INDETERMINATE", "TRY_LATER")
    assert "suspended" in codes(report)
    assert not report.signatures[0].valid_at_signing
    scene.city.issuing.revoke(scene.city.official, NOW + 30, "certificateHold")
    assert outcome(scene.verify(scene.signed())) == PASSED


def test_authority_revoked(scene: Scene) -> None:
    scene.city.root.revoke(scene.city.issuing, NOW - DAY)
    assert outcome(scene.verify(scene.signed())) == ("INDETERMINATE", "REVOKED_CA_NO_POE")


def test_no_list_at_hand(scene: Scene) -> None:
    assert outcome(scene.verify(scene.signed(), lists=())) == ("INDETERMINATE", "TRY_LATER")


def test_list_out_of_date(scene: Scene) -> None:
    later = NOW + 60 * DAY
    assert outcome(scene.verify(scene.signed(), moment=later)) == ("INDETERMINATE", "TRY_LATER")


def test_list_of_another_authority_with_the_same_name(scene: Scene) -> None:
    """A stranger's empty list must not hide a revocation."""
    city = scene.city
    city.issuing.revoke(city.official, NOW - DAY)
    stranger = issue("CA cấp phát thử nghiệm", city.root, organisation="Thành phố", authority=True)
    report = scene.verify(scene.signed(), lists=(*city.crls, stranger.sign_crl(this_update=NOW - 1)))
    assert outcome(report) == ("TOTAL-FAILED", "REVOKED")
    only_theirs = scene.verify(scene.signed(), lists=(city.root.sign_crl(), stranger.sign_crl()))
    assert outcome(only_theirs) == ("INDETERMINATE", "TRY_LATER")


def test_unknown_root(scene: Scene) -> None:
    other = found_city()
    own = TrustSource(tuple(other.anchors), (), tuple(other.crls))
    report = verify_document(scene.signed(), moment=NOW + 60, own=own)
    assert outcome(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert report.signatures[0].integrity == "intact"
    assert report.signatures[0].trust == "untrusted"


def test_no_root_at_all(scene: Scene) -> None:
    report = verify_document(scene.signed(), moment=NOW + 60)
    assert outcome(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_a_leaf_cannot_issue(scene: Scene) -> None:
    """The official's own certificate used as an authority (basic constraints)."""
    scene.city.official = issue("Giả", scene.city.official)
    assert outcome(scene.verify(scene.signed())) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_stamp_from_the_future(scene: Scene) -> None:
    document = scene.signed(at=NOW + DAY)
    assert outcome(scene.verify(document)) == ("INDETERMINATE", "TIMESTAMP_ORDER_FAILURE")


def test_stamp_of_an_unknown_authority_is_not_counted(scene: Scene) -> None:
    city, other = scene.city, found_city()
    city.stamp = other.stamp  # type: ignore[method-assign]  # this city only
    report = scene.verify(scene.signed())
    assert outcome(report) == PASSED
    assert report.signatures[0].time_source == "claimed"
    assert "stamp_unusable" in codes(report)


def test_the_worst_signature_decides(scene: Scene) -> None:
    stranger = found_city()
    first = pdfs.sign(pdfs.plain(), stranger)
    both = pdfs.sign(first, scene.city)
    report = scene.verify(both)
    assert [str(signature.indication) for signature in report.signatures] == ["INDETERMINATE", "TOTAL-PASSED"]
    assert [signature.position for signature in report.signatures] == [1, 2]
    assert outcome(report) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_names_from_certificates_cannot_turn_the_page_around(scene: Scene) -> None:
    scene.city.official = issue("An\u202egnod\x00<script>", scene.city.issuing)
    signer = scene.verify(scene.signed()).signatures[0].signer
    assert signer == "Angnod<script>"


def test_words_of_the_signer_cannot_move_the_cursor(scene: Scene) -> None:
    """Reason and place come from the file; they are printed on the operator's terminal and shown on pages."""
    document = pdfs.sign(pdfs.plain(), scene.city, reason="Ký\x1b[2J\u202ean\nban")
    report = scene.verify(document)
    assert report.signatures[0].reason == "Ký[2Jan ban"
    assert "\x1b" not in as_text(report, "vi")


@pytest.mark.parametrize("purposes", [(Purpose.SERVER_AUTH,), (Purpose.CODE_SIGNING, Purpose.OCSP_SIGNING)])
def test_a_machines_certificate_does_not_sign_documents(
    scene: Scene, purposes: tuple[x509.ObjectIdentifier, ...]
) -> None:
    scene.city.official = issue("may-chu.example.vn", scene.city.issuing, purposes=purposes)
    assert outcome(scene.verify(scene.signed())) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE")


def test_other_purposes_beside_may_be_named(scene: Scene) -> None:
    purposes = (Purpose.CLIENT_AUTH, Purpose.EMAIL_PROTECTION)
    scene.city.official = issue("Nguyễn Văn An", scene.city.issuing, purposes=purposes)
    assert outcome(scene.verify(scene.signed())) == PASSED


def test_a_list_by_a_key_that_may_not_sign_lists_says_nothing(scene: Scene) -> None:
    city = scene.city
    city.issuing = issue("CA không ký danh sách", city.root, authority=True, signs_lists=False)
    city.official = issue("Nguyễn Văn An", city.issuing)
    assert outcome(scene.verify(scene.signed(Level.B_B))) == ("INDETERMINATE", "TRY_LATER")


def test_a_trusted_signer_expires_too(scene: Scene) -> None:
    """Somebody who trusts one certificate itself does not trust it for ever."""
    city = scene.city
    city.official = issue("Nguyễn Văn An", city.issuing, not_after=NOW + DAY)
    document = scene.signed(Level.B_B)
    inside = verify_document(document, moment=NOW + 60, anchors=(city.official.der,))
    assert outcome(inside) == PASSED
    later = verify_document(document, moment=NOW + 2 * DAY, anchors=(city.official.der,))
    assert outcome(later) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
