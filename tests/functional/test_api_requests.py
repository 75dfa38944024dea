"""An application puts a document before an official: taken, read, signed and fetched; declined, withdrawn, too late."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from base.clock import FixedClock
from base.services import BaseServices
from signing.flows.background import reap_documents, sweep_orphans
from signing.flows.upload import folder
from tests.api_caller import Application, application, code_of
from tests.desk_city import BINH, MAI, Browser, DeskCity, asked_for, desk_city
from tests.desk_ledger import events, evidence
from tests.desk_papers import decision

PAPER = decision()
DIGEST = hashlib.sha256(PAPER).hexdigest()
TO_BINH = {"signer_name": BINH.name, "signer_organisation": "H17.12", "purpose": "Quyết định về hồ sơ 12/2026"}


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base, api_requests_per_client=4) as opened:
        yield opened


@pytest.fixture
def app(city: DeskCity) -> Application:
    return application(city)


@pytest.fixture
def binh(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def asked(app: Application, **fields: str) -> tuple[str, str]:
    """Ask; returns the request's address in the API, and the page where the official answers."""
    answer = app.post("/requests", PAPER, **{**TO_BINH, **fields})
    assert answer.status_code == 201, answer.data
    return answer.headers["Location"], json.loads(answer.data)["approval"].removeprefix(app_issuer(answer.data))


def app_issuer(body: bytes) -> str:
    return str(json.loads(body)["approval"].partition("/desk/")[0])


def state(app: Application, where: str) -> str:
    return str(json.loads(app.get(where).data)["state"])


def test_from_the_application_to_the_official_and_back(city: DeskCity, app: Application, binh: Browser) -> None:
    where, offer = asked(app, digest=DIGEST)
    assert state(app, where) == "waiting"
    assert offer in binh.get("/desk").get_data(as_text=True)
    page = html.unescape(binh.get(offer).get_data(as_text=True))
    assert "portal" in page
    assert "Quyết định về hồ sơ 12/2026" in page
    assert DIGEST[:4] in page
    document = binh.post(f"{offer}/accept").headers["Location"]
    assert (state(app, where), evidence(city)) == ("accepted", [])  # taking is not signing
    assert code_of(app.get(f"{where}/document")) == (409, "not_ready")
    assert binh.get(f"{document}/original").data == PAPER
    away = binh.ask(document)
    (details,) = json.loads(asked_for(away)["authorization_details"])
    assert details["documentDigests"][0]["label"] == "Quyết định 12.pdf"
    binh.follow(binh.approve(away).headers["Location"])
    found = json.loads(app.get(where).data)
    assert found["state"] == "signed"
    signed = app.get(found["result"]["href"]).data
    assert hashlib.sha256(signed).hexdigest() == found["result"]["sha256"]
    assert signed.startswith(PAPER)
    assert json.loads(app.post("/verifications", signed).data)["indication"] == "TOTAL-PASSED"
    (row,) = evidence(city)
    assert (row.digest_in, row.owner) == (DIGEST, BINH.sub)


def test_nothing_is_signed_without_the_person(city: DeskCity, app: Application, binh: Browser) -> None:
    """No address of the API signs, and an accepted document that nobody approved stays as it was."""
    where, offer = asked(app)
    binh.post(f"{offer}/accept")
    for method in ("POST", "PUT", "PATCH"):
        answer = app.client.open(where, method=method, headers={"Authorization": f"Bearer {app.token}"})
        assert answer.status_code == 405
    assert evidence(city) == []
    assert state(app, where) == "accepted"


def test_the_official_declines(city: DeskCity, app: Application, binh: Browser) -> None:
    where, offer = asked(app)
    assert "từ chối" in binh.post(f"{offer}/decline").get_data(as_text=True)
    assert state(app, where) == "declined"
    assert binh.post(f"{offer}/accept").status_code == 409
    assert list(folder(city.services).root.iterdir()) == []
    assert offer not in binh.get("/desk").get_data(as_text=True)


def test_the_application_withdraws(city: DeskCity, app: Application, binh: Browser) -> None:
    where, offer = asked(app)
    assert code_of(application(city, "other").call("DELETE", where)) == (404, "no_such_request")
    assert json.loads(app.call("DELETE", where).data)["state"] == "cancelled"
    assert binh.post(f"{offer}/accept").status_code == 409
    assert list(folder(city.services).root.iterdir()) == []
    where, offer = asked(app)
    binh.post(f"{offer}/accept")
    assert code_of(app.call("DELETE", where)) == (409, "already_answered")


def test_nobody_answers_in_time(city: DeskCity, app: Application, binh: Browser, clock: FixedClock) -> None:
    where, offer = asked(app)
    clock.move(city.services.settings.api_request_seconds)
    binh.sign_in()
    assert state(app, where) == "expired"
    assert binh.post(f"{offer}/accept").status_code == 409
    reap_documents(city.services)
    sweep_orphans(city.services)
    assert list(folder(city.services).root.iterdir()) == []
    assert state(app, where) == "expired"


@pytest.mark.parametrize(
    "wanted",
    [
        {"signer_name": MAI.name},
        {"signer_organisation": "H17.99"},
        {"signer_position": "Phó Chủ tịch"},
    ],
    ids=["name", "agency", "position"],
)
def test_only_the_official_who_is_meant_sees_it(app: Application, binh: Browser, wanted: dict[str, str]) -> None:
    where, offer = asked(app, **wanted)
    assert binh.get(offer).status_code == 404
    assert binh.post(f"{offer}/accept").status_code == 404
    assert binh.post(f"{offer}/decline").status_code == 404
    assert offer not in binh.get("/desk").get_data(as_text=True)
    assert state(app, where) == "waiting"


def test_a_named_key_is_the_one_that_signs(city: DeskCity, app: Application, binh: Browser) -> None:
    """Of two keys the older is named; the desk would have taken the newer one by itself."""
    binh.ask(binh.uploaded(PAPER))
    (old,) = city.keys.credentials_of(BINH.sub)
    city.base.clock.move(86_400)  # type: ignore[attr-defined]  # the fixed clock of tests
    from keys.api import PersonSubject

    city.keys.enrol_person(PersonSubject(BINH.sub, BINH.name, "UBND phường Hải Châu", "Chủ tịch"))
    binh.sign_in()
    answer = app.post("/requests", PAPER, credential=str(old.handle))
    offer = "/desk/offers/" + json.loads(answer.data)["id"]
    mai = city.browser()
    mai.sign_in(MAI)
    assert mai.get(offer).status_code == 404
    binh.sign(binh.post(f"{offer}/accept").headers["Location"])
    (row,) = evidence(city)
    assert row.credential == old.handle
    assert code_of(app.post("/requests", PAPER, credential="key_unknown")) == (422, "unknown_credential")


def test_what_is_refused_at_once(city: DeskCity, app: Application) -> None:
    assert code_of(app.post("/requests", PAPER)) == (422, "no_signer")
    assert code_of(app.post("/requests", PAPER, **TO_BINH, digest="ab" * 32)) == (422, "digest_differs")
    assert code_of(app.post("/requests", b"not a PDF", **TO_BINH))[0] == 422
    assert code_of(app.post("/requests", PAPER, **{**TO_BINH, "purpose": "x" * 301})) == (422, "bad_field")
    assert code_of(app.post("/requests", PAPER, **{**TO_BINH, "purpose": "a\u202eb"})) == (422, "bad_field")
    assert not folder(city.services).root.exists() or list(folder(city.services).root.iterdir()) == []


def test_an_application_cannot_flood_the_desk(app: Application) -> None:
    for _ in range(4):
        asked(app)
    assert code_of(app.post("/requests", PAPER, **TO_BINH)) == (429, "too_many_requests")


def test_asking_twice_with_one_key_asks_once(city: DeskCity, app: Application, binh: Browser) -> None:
    key = {"Idempotency-Key": "hs-12"}
    first = app.post("/requests", PAPER, headers=key, **TO_BINH)
    second = app.post("/requests", PAPER, headers=key, **TO_BINH)
    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert binh.get("/desk").get_data(as_text=True).count("/desk/offers/") == 1
    assert len(list(folder(city.services).root.iterdir())) == 1
    assert code_of(app.post("/requests", PAPER, headers=key, **{**TO_BINH, "purpose": "khác"})) == (422, "key_reused")


def test_a_person_behind_the_token_has_shown_two_factors(city: DeskCity) -> None:
    weak = application(city, acr="urn:vn:xt:1", sub="x")
    answer = weak.post("/requests", PAPER, **TO_BINH)
    assert code_of(answer) == (401, "insufficient_user_authentication")
    assert 'acr_values="urn:vn:xt:2"' in answer.headers["WWW-Authenticate"]
    assert application(city, acr="urn:vn:xt:2", sub="x").post("/requests", PAPER, **TO_BINH).status_code == 201
    assert weak.post("/verifications", PAPER).status_code == 200


def test_the_log_holds_no_personal_data_and_what_happened(city: DeskCity, app: Application, binh: Browser) -> None:
    _where, offer = asked(app)
    binh.post(f"{offer}/accept")
    log = events(city)
    said = json.dumps(log, ensure_ascii=False)
    assert BINH.name not in said
    assert "Quyết định" not in said
    kinds = [kind for kind, _ in log]
    assert kinds.index("signing.request.received") < kinds.index("signing.request.moved")


def test_quota_of_the_desk_counts(city: DeskCity, app: Application, binh: Browser) -> None:
    where, offer = asked(app)
    settings = replace(city.services.settings, document_quota=0)
    object.__setattr__(city.services, "settings", settings)
    assert binh.post(f"{offer}/accept").status_code == 409
    assert state(app, where) == "waiting"
