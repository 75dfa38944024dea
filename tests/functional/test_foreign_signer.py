"""An official with a certificate of the government's authority signs at our desk; everybody agrees, or is warned."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from base.services import BaseServices
from keys.ca.order import Profile
from keys.flows.foreign import import_foreign, request_foreign
from keys.flows.subscribers import Subscription
from keys.flows.trust_anchors import add_anchor, remove_anchor
from keys.handles import KeyHandle, PersonSubject
from keys.trust.anchor import Domain
from signing.flows.fetch_lists import KEPT_SECONDS
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication, SubIndication
from signing.validation.summary import as_text
from signing.web.verify import verify
from tests.desk_city import BINH, Browser, DeskCity, desk_city
from tests.desk_ledger import evidence, reasons
from tests.desk_papers import decision
from tests.foreign_pki import ForeignAuthority, found_authority
from tests.hosts import hosting
from tests.signing_pki import NOW


@dataclass
class Office:
    """A desk whose official holds a certificate of a foreign authority that stands in the domain `government`."""

    city: DeskCity
    authority: ForeignAuthority
    handle: KeyHandle
    certificate: x509.Certificate
    anchor: str

    def wait(self, seconds: int) -> None:
        """Let time pass, so that what is remembered for a while is asked for again."""
        self.city.base.clock.move(seconds)  # type: ignore[attr-defined]  # a FixedClock

    def sign(self) -> bytes:
        """The signed document; empty if it was refused."""
        browser = self.city.browser()
        browser.sign_in()
        document = browser.uploaded(decision())
        browser.sign(document)
        answer = browser.get(f"{document}/signed")
        return answer.data if answer.status_code == 200 else b""


@pytest.fixture
def office(make_base: Callable[..., BaseServices]) -> Iterator[Office]:
    with hosting() as host, desk_city(make_base) as city:
        authority, custody = found_authority(host), city.keys.custody
        subject = PersonSubject(BINH.sub, BINH.name, "UBND phường Hải Châu", "")
        handle, request = request_foreign(custody, Subscription(Profile.PERSON, subject))
        certificate = authority.certify(request)
        anchor = add_anchor(custody, authority.root.der, Domain.GOVERNMENT).sha256
        der = certificate.public_bytes(Encoding.DER)
        import_foreign(custody, handle, der, [authority.issuing.der], [authority.root.der])
        city.base.clock.move(1)  # type: ignore[attr-defined]  # others see the new anchor within a second
        yield Office(city, authority, handle, certificate, anchor)


def test_signed_verified_and_named(office: Office) -> None:
    signed = office.sign()
    report = verify(office.city.services, signed)
    (signature,) = report.signatures
    assert report.indication is Indication.TOTAL_PASSED
    assert (signature.signer, signature.trust_domain) == (BINH.name, "government")
    assert signature.issuer == "CA phục vụ cơ quan nhà nước thử nghiệm"
    assert "Miền tin cậy: CA chuyên dùng Chính phủ" in as_text(report, "vi")
    assert "Trust domain: Government CA for official use" in as_text(report, "en")
    assert [row.credential for row in evidence(office.city)] == [office.handle]
    assert office.authority.host.visits.count("/issuing.crl") == 2  # once to ask and sign, once to verify


def test_others_agree(office: Office, tmp_path: Path) -> None:
    signed = office.sign()
    (tmp_path / "signed.pdf").write_bytes(signed)
    if shutil.which("pdfsig"):
        done = subprocess.run(["pdfsig", tmp_path / "signed.pdf"], capture_output=True, text=True, check=False)
        assert "Signature is Valid." in done.stdout
    found = re.findall(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", signed)[-1]
    begin, length, again, rest = (int(one) for one in found)
    (tmp_path / "data").write_bytes(signed[begin : begin + length] + signed[again : again + rest])
    (tmp_path / "cms").write_bytes(bytes.fromhex(signed[begin + length + 1 : again - 1].decode()))
    (tmp_path / "root.pem").write_bytes(office.authority.root_pem)
    words = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "data", "-attime",
             str(NOW), "-CAfile", "root.pem", "-purpose", "any", "-cades", "-out", "out"]  # fmt: skip
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_silent_authority_warns_whoever_verifies(office: Office) -> None:
    signed = office.sign()
    office.authority.fall_silent()
    report = verify(office.city.services, signed)
    assert (report.indication, report.sub_indication) == (Indication.INDETERMINATE, SubIndication.TRY_LATER)
    assert "Không kiểm tra được chứng thư số của" in as_text(report, "vi")
    assert "It could not be checked whether" in as_text(report, "en")
    assert judge_document(office.city.services, signed).indication is Indication.INDETERMINATE  # nothing is at hand


def test_a_silent_authority_stops_signing_before_the_approval(office: Office) -> None:
    office.authority.fall_silent()
    browser = office.city.browser()
    browser.sign_in()
    document = browser.uploaded(decision())
    answer = browser.post(f"{document}/sign")
    assert answer.status_code == 503
    assert "nơi cấp không trả lời" in answer.get_data(as_text=True)
    office.authority.publish()
    browser.sign(document)  # nothing was used up: the same document, the same button
    assert browser.get(f"{document}/signed").status_code == 200


def test_silent_between_approval_and_signature(office: Office) -> None:
    browser = office.city.browser()
    browser.sign_in()
    back = browser.approve(browser.ask(browser.uploaded(decision())))
    office.wait(KEPT_SECONDS + 1)
    office.authority.fall_silent()
    answer = browser.follow(back.headers["Location"])
    assert answer.status_code == 409
    assert "không trả lời" in answer.get_data(as_text=True)
    assert reasons(office.city) == ["certificate_status_unknown"]
    assert evidence(office.city) == []


def test_revoked_over_there_signs_nothing_here(office: Office) -> None:
    assert office.sign()
    office.authority.revoke(office.certificate, NOW)
    office.authority.publish()
    office.wait(KEPT_SECONDS + 1)
    browser: Browser = office.city.browser()
    browser.sign_in()
    answer = browser.post(f"{browser.uploaded(decision())}/sign")
    assert answer.status_code == 409
    assert "bị thu hồi" in answer.get_data(as_text=True)
    assert len(evidence(office.city)) == 1


def test_an_authority_that_is_trusted_no_longer(office: Office) -> None:
    signed = office.sign()
    remove_anchor(office.city.keys.custody, office.anchor)
    office.wait(1)
    visits = len(office.authority.host.visits)
    report = verify(office.city.services, signed)
    assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert report.signatures[0].trust_domain == ""
    browser = office.city.browser()
    browser.sign_in()
    answer = browser.post(f"{browser.uploaded(decision())}/sign")
    assert answer.status_code == 409
    assert "miền tin cậy" in answer.get_data(as_text=True)
    assert len(office.authority.host.visits) == visits, "nobody visits an address that a stranger's certificate names"
