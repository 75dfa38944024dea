"""Where a verification gets what a path lacks: answers first, then lists, an authority by its address; where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from base.http import HttpClient
from base.run.confined import Limits
from signing.flows.fetch_lists import KEPT_SECONDS, Kept
from signing.flows.own_trust import TrustSource
from signing.flows.verify import LIMITS, verify_document
from signing.flows.verify_inside import MOST_FETCHES
from signing.formats.base import Level
from signing.services import Memory
from signing.validation.report import Report
from signing.validation.summary import as_text
from tests import signing_ocsp as ocsp
from tests import signing_pdfs as pdfs
from tests.hosts import Host, hosting
from tests.signing_pki import NOW, City, Holder, found_city, issue

HTTP = HttpClient(timeout_seconds=20, allow_private=True)
PASSED = ("TOTAL-PASSED", "None")
TRY_LATER = ("INDETERMINATE", "TRY_LATER")
NO_PATH = ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


@dataclass
class Place:
    """A city whose official's certificate names addresses on a host; stamps are left out, lists of the root at hand."""

    host: Host
    city: City

    def verify(
        self,
        *,
        known: bool = True,
        limits: Limits | None = None,
        kept: Kept | None = None,
        hosts: tuple[str, ...] = (),
        document: bytes = b"",
    ) -> Report:
        own = TrustSource(
            tuple(self.city.anchors), (self.city.issuing.der,) if known else (), (self.city.root.sign_crl(),)
        )
        document = document or self.signed()
        return verify_document(document, moment=NOW + 60, own=own, http=HTTP, limits=limits, kept=kept, hosts=hosts)

    def signed(self, holder: Holder | None = None) -> bytes:
        return pdfs.sign(pdfs.plain(), self.city, holder, level=Level.B_B)

    def answers(self, *, nonce: bool = True, other: bytes = b"", **wanted: object) -> None:
        def answer(request: bytes) -> bytes:
            city, sent = self.city, ocsp.nonce_of(request)
            assert ocsp.serials_of(request) == [city.official.certificate.serial_number]
            said = other or (sent if nonce else b"")
            return ocsp.answer(city.official, city.issuing, nonce=said, **wanted)  # type: ignore[arg-type]  # options

        self.host.serve("/ocsp", answer)


@pytest.fixture
def place() -> Iterator[Place]:
    with hosting() as host:
        city = found_city()
        root_at, list_at = host.url("/root.crl"), host.url("/issuing.crl")
        issuing = issue("CA cấp phát thử nghiệm", city.root, authority=True, list_at=root_at)
        official = issue(
            "An", issuing, list_at=list_at, answers_at=host.url("/ocsp"), issuer_at=host.url("/issuing.cer")
        )
        yield Place(host, replace(city, issuing=issuing, official=official))


def outcome(report: Report) -> tuple[str, str]:
    return str(report.indication), str(report.sub_indication)


@pytest.mark.parametrize("limits", [None, LIMITS], ids=["here", "under limits"])
@pytest.mark.parametrize("nonce", [True, False], ids=["with nonce", "without"])
def test_an_answer_is_asked_for_first(place: Place, limits: Limits | None, nonce: bool) -> None:
    place.answers(nonce=nonce)
    assert outcome(place.verify(limits=limits)) == PASSED
    assert place.host.visits == ["/ocsp"]


def test_a_revocation_by_answer(place: Place) -> None:
    place.answers(revoked=NOW - 3600)
    assert outcome(place.verify()) == ("TOTAL-FAILED", "REVOKED")


def test_an_answer_to_another_question_is_none(place: Place) -> None:
    """It was recorded when the certificate was still good."""
    place.answers(other=b"0123456789abcdef")
    assert outcome(place.verify()) == TRY_LATER
    assert place.host.visits == ["/ocsp", "/issuing.crl"]


def test_the_list_is_asked_when_no_answer_comes(place: Place) -> None:
    place.host.serve("/issuing.crl", place.city.issuing.sign_crl())
    assert outcome(place.verify()) == PASSED
    assert place.host.visits == ["/ocsp", "/issuing.crl"]


def test_a_stale_answer_is_no_answer(place: Place) -> None:
    place.answers(until=NOW)
    assert outcome(place.verify()) == TRY_LATER


def test_who_does_not_answer_leaves_a_warning(place: Place) -> None:
    report = place.verify()
    assert outcome(report) == TRY_LATER
    assert "Không kiểm tra được chứng thư số của" in as_text(report, "vi")


def test_an_answer_is_used_again_for_a_while_with_its_own_nonce(place: Place) -> None:
    place.answers()
    memory = Memory()
    for now in (0.0, KEPT_SECONDS - 1.0):
        assert outcome(place.verify(kept=Kept(memory, now))) == PASSED
    assert place.host.visits == ["/ocsp"]
    assert outcome(place.verify(kept=Kept(memory, KEPT_SECONDS + 1.0))) == PASSED
    assert place.host.visits == ["/ocsp", "/ocsp"]


def test_nobody_is_asked_about_a_path_to_nowhere(place: Place) -> None:
    stranger = found_city()
    host = place.host
    official = issue("Người lạ", stranger.issuing, answers_at=host.url("/ocsp"), list_at=host.url("/issuing.crl"))
    assert outcome(place.verify(document=place.signed(official))) == NO_PATH
    assert host.visits == []


def unaccompanied(place: Place) -> bytes:
    """Signed without the certificate of the authority."""
    return place.signed(replace(place.city.official, issuer=None))


def trusting_a_host(place: Place) -> None:
    """The root's own certificate names the host."""
    city = place.city
    root = issue("Gốc", None, authority=True, list_at=place.host.url("/root.crl"), key=city.root.key)
    city.root = root
    city.issuing = issue("CA", root, authority=True, list_at=place.host.url("/root.crl"))
    city.official = issue("An", city.issuing, answers_at=place.host.url("/ocsp"), issuer_at=place.host.url("/ca.cer"))
    place.host.serve("/ca.cer", city.issuing.der)


def test_a_missing_authority_is_fetched_from_a_host_that_a_trusted_one_names(place: Place) -> None:
    trusting_a_host(place)
    place.answers()
    assert outcome(place.verify(known=False, document=unaccompanied(place))) == PASSED
    assert place.host.visits == ["/ca.cer", "/ocsp"]


def test_or_an_operator(place: Place) -> None:
    place.host.serve("/issuing.cer", place.city.issuing.der)
    place.answers()
    assert outcome(place.verify(known=False, document=unaccompanied(place), hosts=("localhost",))) == PASSED


def test_but_from_nowhere_else(place: Place) -> None:
    place.host.serve("/issuing.cer", place.city.issuing.der)
    assert outcome(place.verify(known=False, document=unaccompanied(place))) == NO_PATH
    assert place.host.visits == []


def test_what_is_found_there_counts_only_under_an_anchor(place: Place) -> None:
    trusting_a_host(place)
    stranger = issue("CA", None, authority=True)
    for served in (stranger.der, place.city.official.der, b"rubbish", place.city.root.sign_crl()):
        place.host.serve("/ca.cer", served)
        assert outcome(place.verify(known=False, document=unaccompanied(place))) == NO_PATH
    assert set(place.host.visits) == {"/ca.cer"}


def test_authorities_that_lead_to_each_other_end(place: Place) -> None:
    """Each names the next one's address; the number of visits is bounded whatever a stranger serves."""
    trusting_a_host(place)
    host = place.host
    above = issue("A 0", None, authority=True)
    for number in range(30):
        holder = issue(f"A {number + 1}", above, authority=True, issuer_at=host.url(f"/{number}.cer"))
        host.serve(f"/{number}.cer", above.der)
        above = holder
    official = issue("An", above, issuer_at=host.url("/30.cer"))
    host.serve("/30.cer", above.der)
    assert outcome(place.verify(known=False, document=place.signed(replace(official, issuer=None)))) == NO_PATH
    assert 1 < len(host.visits) <= MOST_FETCHES
