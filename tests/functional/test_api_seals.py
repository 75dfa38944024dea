"""Applications seal documents with the seal of an agency: granted by two, bounded, recorded; and everybody else not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from base.audit import verify
from base.services import BaseServices
from keys.api import KeyHandle, RevocationReason
from keys.flows import agency_seal
from keys.flows.operators import Operator
from keys.handles import LegalSubject, PersonSubject
from signing.flows.api.jobs import run_queue
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from tests.api_caller import application, code_of
from tests.desk_city import DeskCity, desk_city
from tests.desk_ledger import events
from tests.desk_papers import decision
from tests.seals import AGENCY, CLIENT, Sealer, granted, operators_of, seal_of, terms_for

PAPER = decision()
DIGEST = hashlib.sha256(PAPER).hexdigest()
OTHER = LegalSubject("H17.13", "UBND phường Thanh Khê", "GO:VN-H18")


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def team(city: DeskCity) -> tuple[Operator, Operator]:
    return operators_of(city.keys)


@pytest.fixture
def seal(city: DeskCity) -> KeyHandle:
    return seal_of(city.keys)


def told(city: DeskCity, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in events(city) if name == kind]


def test_an_application_seals_what_it_was_granted(
    city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle
) -> None:
    grant = granted(city.keys, terms_for(city.keys, seal), team)
    answer = Sealer(city).seal(seal, PAPER, digest=DIGEST)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.data.startswith(PAPER)
    report = judge_document(city.services, answer.data)
    assert report.indication is Indication.TOTAL_PASSED
    (signature,) = report.signatures
    assert (signature.signer, signature.level) == (AGENCY.organisation, "B-T")
    (spent,) = told(city, "keys.seal.spent")
    assert spent == {"grant_id": grant, "handle": seal, "client_id": CLIENT, "document_digest": DIGEST}
    (sealed,) = told(city, "signing.document.sealed")
    assert (sealed["digest_in"], sealed["digest_out"]) == (DIGEST, hashlib.sha256(answer.data).hexdigest())
    (made,) = told(city, "keys.seal.granted")
    assert (made["grant_id"], made["most"], made["per_day"]) == (grant, 5, 3)
    log = json.dumps(events(city), ensure_ascii=False)
    assert AGENCY.organisation not in log
    verify(city.base.db)


@pytest.mark.parametrize(
    ("name", "content", "form", "kind"),
    [
        ("a.xml", b"<a>1</a>", "XAdES", "application/xml"),
        ("a.json", b'{"a":1}', "JAdES", "application/jose+json"),
        ("a.bin", bytes(range(256)), "ASiC-E with CAdES", "application/vnd.etsi.asic-e+zip"),
    ],
)
def test_any_file_is_sealed_in_its_own_form(
    city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle, name: str, content: bytes, form: str, kind: str
) -> None:
    granted(city.keys, terms_for(city.keys, seal), team)
    sealer = Sealer(city)
    answer = sealer.seal(seal, content, label=name)
    assert answer.content_type == kind
    report = judge_document(city.services, answer.data)
    assert [one.format for one in report.signatures] == [form]
    assert report.indication is Indication.TOTAL_PASSED
    assert code_of(sealer.seal(seal, content, label=name, format="PAdES")) == (422, "bad_format")
    assert code_of(sealer.seal(seal, content, label=name, digest=DIGEST)) == (422, "bad_field")
    assert len(told(city, "keys.seal.spent")) == 1


def test_nobody_else_seals(city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(city.keys, terms_for(city.keys, seal), team)
    others = seal_of(city.keys, OTHER)
    person = city.keys.enrol_person(PersonSubject("sub-binh", "Trần Văn Bình", AGENCY.organisation, "Chủ tịch")).handle
    granted(city.keys, terms_for(city.keys, others, client_id="registry"), team)
    for sealer, handle in (
        (Sealer(city, "registry"), seal),  # an application without a grant for it
        (Sealer(city), others),  # the seal of another agency
        (Sealer(city), person),  # no seal at all
        (Sealer(city), "key_that_is_not_there"),
        (Sealer(city), ""),
    ):
        assert code_of(sealer.seal(handle, PAPER)) == (403, "no_seal_grant")
    assert told(city, "keys.seal.spent") == []


def test_a_token_that_could_be_stolen_or_stands_for_a_person_seals_nothing(
    city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle
) -> None:
    granted(city.keys, terms_for(city.keys, seal), team)
    assert code_of(application(city).post("/seals", PAPER, seal=seal)) == (401, "invalid_token")
    assert code_of(Sealer(city, acr="urn:vn:xt:2").seal(seal, PAPER)) == (401, "invalid_token")
    assert code_of(Sealer(city, sub="sub-binh").seal(seal, PAPER)) == (401, "invalid_token")
    without = Sealer(city, scope="signatures:create signatures:verify signatures:extend")
    assert code_of(without.seal(seal, PAPER)) == (403, "insufficient_scope")
    assert Sealer(city, sub=CLIENT).seal(seal, PAPER).status_code == 200


def test_the_limits_of_a_grant_are_kept(city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(city.keys, terms_for(city.keys, seal, most=3, per_day=2), team)
    sealer = Sealer(city)
    assert [sealer.seal(seal, PAPER).status_code for _ in range(3)] == [200, 200, 429]
    assert len(told(city, "keys.seal.spent")) == 2


def test_a_suspended_or_revoked_seal_and_an_ended_grant_seal_nothing(
    city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle
) -> None:
    grant = granted(city.keys, terms_for(city.keys, seal), team)
    sealer = Sealer(city)
    city.keys.suspend(seal)
    assert code_of(sealer.seal(seal, PAPER)) == (409, "certificate_not_valid")
    city.keys.resume(seal)
    assert sealer.seal(seal, PAPER).status_code == 200
    agency_seal.end_grant(city.keys.custody, grant)
    assert code_of(sealer.seal(seal, PAPER)) == (403, "no_seal_grant")
    granted(city.keys, terms_for(city.keys, seal), team)
    city.keys.revoke(seal, RevocationReason.KEY_COMPROMISE)
    assert code_of(sealer.seal(seal, PAPER)) == (409, "certificate_not_valid")
    assert len(told(city, "keys.seal.spent")) == 1


def test_a_document_that_cannot_be_sealed_takes_nothing_from_the_grant(
    city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle
) -> None:
    granted(city.keys, terms_for(city.keys, seal), team)
    answer = Sealer(city).seal(seal, PAPER[:600])
    assert 400 <= answer.status_code < 500
    assert told(city, "keys.seal.spent") == []


def test_one_key_of_idempotency_is_one_seal(city: DeskCity, team: tuple[Operator, Operator], seal: KeyHandle) -> None:
    granted(city.keys, terms_for(city.keys, seal), team)
    sealer, key = Sealer(city), {"Idempotency-Key": "k-1"}
    jobs = [json.loads(sealer.seal(seal, PAPER, headers=key).data)["id"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    run_queue(city.services)
    result = sealer.get(f"/jobs/{jobs[0]}/result")
    assert judge_document(city.services, result.data).indication is Indication.TOTAL_PASSED
    assert len(told(city, "keys.seal.spent")) == 1
