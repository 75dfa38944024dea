"""Anchors by domain: what may be one, who may say so, and that verification trusts them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import keys.trust_cli
from base import audit
from base.clock import FixedClock
from base.services import BaseServices
from keys.api import Keys, PersonSubject
from keys.errors import KeyRefused
from keys.flows import approvals, staff
from keys.flows.operators import identify
from keys.flows.trust_anchors import add_anchor, adding, remove_anchor
from keys.trust.anchor import Domain
from tests.signing_pki import shared_city

FOREIGN = shared_city().anchors[0]


@pytest.fixture
def group(held: Keys) -> click.Group:
    group = click.Group("antin")
    keys.trust_cli.register(group, lambda: held)
    return group


def run(group: click.Group, *words: str) -> str:
    result = CliRunner().invoke(group, ["trust", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def pem(folder: Path, der: bytes) -> str:
    path = folder / "anchor.pem"
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    return str(path)


def test_added_listed_trusted_removed(
    group: click.Group, held: Keys, clock: FixedClock, services: BaseServices, tmp_path: Path
) -> None:
    own = held.trust_anchors()
    sha256 = run(group, "add", pem(tmp_path, FOREIGN), "--domain", "government").split()[0]
    clock.move(1)
    assert held.trust_anchors() == [*own, FOREIGN]
    rows = json.loads(run(group, "list", "--json"))
    assert [(row["domain"], row["sha256"]) for row in rows][1:] == [("government", sha256)]
    assert rows[0]["domain"] == "own"
    assert run(group, "list", "--domain", "public") == ""
    assert sha256 in run(group, "list", "--domain", "government")
    run(group, "remove", sha256)
    clock.move(1)
    assert held.trust_anchors() == own
    audit.verify(services.db)


def test_twice_is_refused(held: Keys) -> None:
    add_anchor(held.custody, FOREIGN, Domain.PUBLIC)
    with pytest.raises(KeyRefused, match="anchor_refused") as refused:
        add_anchor(held.custody, FOREIGN, Domain.FOREIGN)
    assert "already" in refused.value.hint


def test_what_cannot_be_an_anchor(held: Keys, clock: FixedClock) -> None:
    leaf = held.enrol_person(PersonSubject("owner-1", "Trần Văn Bình", "UBND phường", "")).certificate
    for der in (leaf, b"", b"\x30\x03\x02\x01\x01", FOREIGN[:-1]):
        with pytest.raises(KeyRefused, match="anchor_refused"):
            add_anchor(held.custody, der, Domain.PUBLIC)
    with pytest.raises(KeyRefused, match="anchor_refused"):
        add_anchor(held.custody, FOREIGN, Domain.OWN)
    clock.move(200 * 365 * 86_400)
    with pytest.raises(KeyRefused, match="anchor_refused") as refused:
        add_anchor(held.custody, FOREIGN, Domain.PUBLIC)
    assert "time" in refused.value.hint
    assert len(held.anchors()) == 1


def test_one_operator_alone_adds_nothing(held: Keys) -> None:
    custody = replace(held.custody, settings=replace(held.custody.settings, two_person="true"))
    secrets = {name: staff.add_operator(custody, name) for name in ("mot", "hai")}
    first, second = (identify(custody, name, secret) for name, secret in secrets.items())
    with pytest.raises(KeyRefused, match="approval_needed"):
        add_anchor(custody, FOREIGN, Domain.GOVERNMENT)
    approval_id = approvals.propose(custody, adding(FOREIGN, Domain.GOVERNMENT), first)
    with pytest.raises(KeyRefused, match="approval_refused"):
        add_anchor(custody, FOREIGN, Domain.GOVERNMENT, approval_id=approval_id)
    approvals.approve(custody, approval_id, second)
    with pytest.raises(KeyRefused, match="approval_refused"):  # approved for another domain
        add_anchor(custody, FOREIGN, Domain.PUBLIC, approval_id=approval_id)
    assert add_anchor(custody, FOREIGN, Domain.GOVERNMENT, approval_id=approval_id).domain is Domain.GOVERNMENT


def test_unknown_is_not_removed(held: Keys) -> None:
    with pytest.raises(KeyRefused, match="unknown_anchor"):
        remove_anchor(held.custody, "00" * 32)
