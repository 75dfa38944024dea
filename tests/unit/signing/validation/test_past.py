"""Control-time sliding and proofs of existence, on bare facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signing.validation.certificates import CertificateFacts, facts_of
from signing.validation.past import control_time
from signing.validation.proofs import Proofs
from signing.validation.revocation import RevocationFacts, Status
from tests.signing_pki import DAY, NOW, shared_city

LATER = NOW + 100 * DAY
OLD = b"a list", b"a list of the root"


def links(leaf_until: int = LATER + DAY) -> list[CertificateFacts]:
    city = shared_city()
    leaf, issuing, root = (facts_of(one.der) for one in (city.official, city.issuing, city.root))
    return [replace(leaf, not_after=leaf_until), replace(issuing, not_after=LATER + DAY), root]


def said(position: int, issued: int, until: int, **more: object) -> RevocationFacts:
    state = RevocationFacts(position, Status.GOOD, this_update=issued, next_update=until, source=OLD[position])
    return replace(state, **more)  # type: ignore[arg-type]  # fields of the state


FRESH = (said(0, LATER - 10, LATER + DAY), said(1, LATER - 10, LATER + DAY))


def test_while_all_is_fresh_it_stays() -> None:
    assert control_time(links(), FRESH, Proofs(LATER)) == LATER


def test_it_slides_to_the_end_of_a_certificate_with_proof_of_its_list() -> None:
    until = NOW + 20 * DAY
    history = (said(0, NOW + DAY, NOW + 30 * DAY), FRESH[1])
    proofs = Proofs(LATER).and_proven((OLD[0], *(one.der for one in links())), NOW + 2 * DAY)
    assert control_time(links(until), history, proofs) == until
    assert control_time(links(until), history, Proofs(LATER)) is None


def test_it_slides_to_a_stale_list() -> None:
    history = (said(0, NOW + DAY, NOW + 2 * DAY), FRESH[1])
    assert control_time(links(), history, Proofs(LATER)) == NOW + DAY


def test_it_slides_to_a_revocation() -> None:
    history = (said(0, LATER - 10, LATER + DAY, status=Status.REVOKED, at=NOW + 7), FRESH[1])
    assert control_time(links(), history, Proofs(LATER)) == NOW + 7


def test_a_revoked_authority_takes_what_cannot_be_shown_to_be_older() -> None:
    """Above first: once the authority's time is over, a list of it counts only if it is proven to be older."""
    history = (FRESH[0], said(1, LATER - 10, LATER + DAY, status=Status.REVOKED, at=NOW + 7))
    assert control_time(links(), history, Proofs(LATER)) is None


@pytest.mark.parametrize("history", [(), FRESH[:1], FRESH[1:], (*FRESH[1:], replace(FRESH[0], status=Status.UNKNOWN))])
def test_a_link_without_data_shows_nothing(history: tuple[RevocationFacts, ...]) -> None:
    assert control_time(links(), history, Proofs(LATER)) is None


def test_a_list_from_the_future_is_not_asked() -> None:
    assert control_time(links(), (said(0, LATER + 1, LATER + DAY), FRESH[1]), Proofs(LATER)) is None


def test_the_earliest_proof_stays() -> None:
    proofs = Proofs(LATER).and_proven((b"x",), NOW).and_proven((b"x", b"y"), NOW + 5)
    assert (proofs.since(b"x"), proofs.since(b"y"), proofs.since(b"z")) == (NOW, NOW + 5, LATER)
