"""Following an operator's list: from its address to the verdict on a document, and never back to an older one (T12)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

import keys.trust_cli
from base import audit
from base.audit import audit_events
from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys
from keys.errors import KeyRefused
from keys.flows import approvals, staff
from keys.flows.operators import identify
from keys.flows.trust_anchors import add_anchor
from keys.flows.trust_lists import ListSource, add_list, adding, held_lists, refresh_lists, remove_list, update_list
from keys.services import fetch_lists
from keys.settings import KeysSettings
from keys.trust.anchor import Domain
from keys.trust.lists import words
from signing.flows.own_trust import own_trust
from signing.flows.verify import verify_document
from signing.validation.indications import Indication, SubIndication
from signing.validation.report import Report
from tests import signing_pdfs as pdfs
from tests.hosts import Host, hosting
from tests.interop.path_making import CA, ROOT, changed
from tests.ready_keys import open_ready_keys
from tests.signing_pki import DAY, NOW, shared_city
from tests.trust_lists import operator, service, shared_operator, the_list

GRACE = KeysSettings().trust_list_grace_seconds
WITHDRAWN = words.GRANTED.replace("granted", "withdrawn")
SOURCE = ListSource("quoc-gia", Domain.PUBLIC, "", (shared_operator().der,))
FIRST = shared_operator().publishes(the_list())


@pytest.fixture
def held(make_base: Callable[..., BaseServices]) -> Keys:
    return open_ready_keys(make_base(KeysSettings()))


@pytest.fixture
def group(held: Keys) -> click.Group:
    group = click.Group("antin")
    keys.trust_cli.register(group, lambda: held)
    return group


def run(group: click.Group, *words: str) -> Result:
    return CliRunner().invoke(group, ["trust", "list", *words], catch_exceptions=False)


def next_list(**changes: Any) -> bytes:
    return shared_operator().publishes(the_list(**({"sequence": 8, "issued": NOW - 60} | changes)))


def judged(held: Keys, moment: int = NOW + 60, *, at: int = NOW) -> Report:
    """A document of the shared city, signed and stamped `at`, at a desk that trusts what the lists say."""
    city = shared_city()
    own = replace(own_trust(held), lists=tuple(city.crls))
    return verify_document(pdfs.sign(pdfs.plain(), city, at=at), moment=moment, own=own)


def kinds(held: Keys) -> list[str]:
    with held.custody.base.db.read() as connection:
        rows = connection.execute(select(audit_events.c.kind).order_by(audit_events.c.position))
        return [row.kind for row in rows if row.kind.startswith("keys.trust_list")]


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(KeyRefused, match="trust_list_refused") as caught:
        act()
    return caught.value.hint


def test_followed_over_http(held: Keys, clock: FixedClock) -> None:
    with hosting() as host:
        url = host.serve("/tsl.xml", FIRST)
        add_list(held.custody, replace(SOURCE, url=url))
        clock.move(1)
        assert judged(held).signatures[0].trust_domain == "public"
        assert judged(held).indication is Indication.TOTAL_PASSED
        host.serve("/tsl.xml", next_list(providers=()))
        fetch_lists(held.custody)
        clock.move(1)
        assert judged(held).sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
        host.serve("/tsl.xml", FIRST)  # frozen one version back
        fetch_lists(held.custody)
        host.paths.clear()
        fetch_lists(held.custody)
    (row,) = held_lists(held.custody)
    assert row.sequence == 8
    assert kinds(held) == ["keys.trust_list.taken", "keys.trust_list.taken", "keys.trust_list.refused"]
    audit.verify(held.custody.base.db)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (next_list(sequence=6), "rolled back"),
        (next_list(sequence=7, providers=()), "the same number"),
        (next_list(issued=NOW - DAY), "issued before"),
        (next_list(next_update=NOW - 30), "expired"),
        (next_list(next_update=None), "closed"),
        (next_list(issued=NOW + DAY), "future"),
        (operator().publishes(the_list(sequence=8)), "not one that was pinned"),
        (next_list().replace(b"granted", b"Granted"), "changed after it was signed"),
        (b"<html></html>", "no trust list"),
    ],
    ids=["lower", "same", "older", "expired", "closed", "future", "stranger", "altered", "junk"],
)
def test_what_may_not_follow(held: Keys, clock: FixedClock, raw: bytes, why: str) -> None:
    add_list(held.custody, SOURCE, FIRST)
    (before,) = held_lists(held.custody)
    assert why in refusal(lambda: update_list(held.custody, SOURCE.name, raw))
    assert held_lists(held.custody) == [before]
    assert kinds(held)[-1] == "keys.trust_list.refused"
    clock.move(1)
    assert judged(held).indication is Indication.TOTAL_PASSED  # what is held goes on


def test_the_same_again_changes_nothing(held: Keys) -> None:
    add_list(held.custody, SOURCE, FIRST)
    assert not update_list(held.custody, SOURCE.name, FIRST)
    assert kinds(held) == ["keys.trust_list.taken"]


def test_withdrawn_before_signing_and_after(held: Keys, clock: FixedClock) -> None:
    """What was signed while the service was granted stays; what was signed afterwards, or before, stands on nothing."""
    spells = service((WITHDRAWN, NOW - 1800), (words.GRANTED, NOW - 2 * DAY))
    add_list(held.custody, SOURCE, shared_operator().publishes(the_list(spells)))
    clock.move(1)
    assert judged(held, at=NOW - 2000).indication is Indication.TOTAL_PASSED
    for at in (NOW, NOW - 3 * DAY):
        report = judged(held, at=at)
        assert report.indication is Indication.INDETERMINATE
        assert report.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE
        assert "anchor_not_granted" in {found.code for found in report.signatures[0].findings}
        assert report.signatures[0].time_source != "time-stamp"  # the stamp's authority was not approved either


def test_a_list_that_nobody_followed(held: Keys, clock: FixedClock) -> None:
    """Warned about at once; after the grace nothing new stands on it, what is stamped from before does."""
    add_list(held.custody, SOURCE, shared_operator().publishes(the_list(next_update=NOW + 1000)))
    clock.move(1001)
    refresh_lists(held.custody)
    refresh_lists(held.custody)
    assert kinds(held) == ["keys.trust_list.taken", "keys.trust_list.late"]  # said once
    late = judged(held, NOW + 1001)
    assert late.indication is Indication.TOTAL_PASSED
    assert "trust_list_late" in {found.code for found in late.signatures[0].findings}
    assert judged(held, NOW + GRACE + DAY).indication is Indication.TOTAL_PASSED  # stamped while it was current
    clock.move(GRACE)
    update_list(held.custody, SOURCE.name, next_list(issued=NOW + 500, next_update=NOW + GRACE + 2 * DAY))
    refresh_lists(held.custody)
    assert kinds(held)[-1] == "keys.trust_list.taken"


def test_people_outrank_a_list(held: Keys, clock: FixedClock) -> None:
    withdrawn = the_list(service((WITHDRAWN, NOW - DAY), (words.GRANTED, NOW - 2 * DAY)))
    add_list(held.custody, SOURCE, shared_operator().publishes(withdrawn))
    add_anchor(held.custody, shared_city().root.der, Domain.GOVERNMENT)
    clock.move(1)
    report = judged(held)
    assert (report.indication, report.signatures[0].trust_domain) == (Indication.TOTAL_PASSED, "government")


def test_an_expired_list_is_not_even_begun(held: Keys) -> None:
    raw = shared_operator().publishes(the_list(next_update=NOW - 1))
    assert "expired" in refusal(lambda: add_list(held.custody, SOURCE, raw))
    assert held_lists(held.custody) == []


def test_sources_that_are_none(held: Keys) -> None:
    for source in (
        replace(SOURCE, name="../x"),
        replace(SOURCE, domain=Domain.OWN),
        replace(SOURCE, signers=()),
        replace(SOURCE, signers=(b"junk",)),
        SOURCE,  # no file and no address
        replace(SOURCE, url="http://127.0.0.1:1/tsl.xml"),
    ):
        refusal(lambda source=source: add_list(held.custody, source))  # type: ignore[misc]  # bound per round
    add_list(held.custody, SOURCE, FIRST)
    assert "that name" in refusal(lambda: add_list(held.custody, SOURCE, FIRST))


def test_it_takes_two_to_follow_an_operator(held: Keys) -> None:
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    secrets = {name: staff.add_operator(custody, name) for name in ("mot", "hai")}
    first, second = (identify(custody, name, secret) for name, secret in secrets.items())
    with pytest.raises(KeyRefused, match="approval_needed"):
        add_list(custody, SOURCE, FIRST)
    approval_id = approvals.propose(custody, adding(SOURCE), first)
    approvals.approve(custody, approval_id, second)
    other = replace(SOURCE, signers=(operator().der, *SOURCE.signers))
    with pytest.raises(KeyRefused, match="approval_refused"):  # approved with other signers
        add_list(custody, other, FIRST, approval_id=approval_id)
    add_list(custody, SOURCE, FIRST, approval_id=approval_id)
    assert update_list(custody, SOURCE.name, next_list())  # what the operator signs next needs nobody
    with pytest.raises(KeyRefused, match="approval_needed"):
        remove_list(custody, SOURCE.name)


def test_on_the_command_line(group: click.Group, held: Keys, tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "list.xml").write_bytes(FIRST)
    (tmp_path / "next.xml").write_bytes(next_list())
    pem = shared_operator().holder.pem
    (tmp_path / "signer.pem").write_bytes(pem)
    words = ("--domain", "public", "--signer", str(tmp_path / "signer.pem"))
    assert "#7" in run(group, "import", "quoc-gia", str(tmp_path / "list.xml"), *words).output
    assert "#8" in run(group, "update", "quoc-gia", str(tmp_path / "next.xml")).output
    assert "It is the list that is held." in run(group, "update", "quoc-gia", str(tmp_path / "next.xml")).output
    shown = run(group, "show", "quoc-gia").output
    assert "CA/PKC  Dịch vụ chứng thực: granted" in shown
    (row,) = json.loads(run(group, "show", "quoc-gia", "--json").output)
    assert (row["sequence"], row["is_late"], row["services"][0]["name_en"]) == (8, False, "Certification service")
    clock.move(1)
    assert "public" in run(group, "--domain", "public").output  # the list of anchors, as before
    assert "removed" in run(group, "remove", "quoc-gia").output
    assert run(group, "show").output == ""
    with pytest.raises(KeyRefused, match="unknown_trust_list"):
        run(group, "update", "quoc-gia", str(tmp_path / "next.xml"))
    with pytest.raises(KeyRefused, match="unknown_trust_list"):
        run(group, "remove", "quoc-gia")


def test_a_list_too_long_is_not_read(held: Keys) -> None:
    with hosting() as host:
        url = host.serve("/tsl.xml", b"<a>" + b" " * (9 * 1024 * 1024))
        _refused_from(host, held, url)


def _refused_from(host: Host, held: Keys, url: str) -> None:
    assert "outbound_too_long" in refusal(lambda: add_list(held.custody, replace(SOURCE, url=url)))
    assert host.visits == ["/tsl.xml"]


def test_a_certificate_that_nobody_can_read_spoils_nothing(held: Keys, clock: FixedClock) -> None:
    """Version 2 has a word of its own in the parser; one such entry must not end all trust."""
    odd = changed(CA, ROOT, lambda tbs: tbs.__setitem__("version", "v2")).der
    raw = shared_operator().publishes(the_list(service(certificate=odd), service()))
    add_list(held.custody, SOURCE, raw)
    clock.move(1)
    assert judged(held).indication is Indication.TOTAL_PASSED
    with pytest.raises(KeyRefused, match="anchor_refused"):
        add_anchor(held.custody, odd, Domain.GOVERNMENT)
