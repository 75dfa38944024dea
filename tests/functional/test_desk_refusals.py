"""What must not lead to a signature (SG-08, S1, S6): nothing is signed, the reason is kept, it can be tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from base.services import BaseServices
from signing.flows.background import end_stuck_requests
from signing.flows.upload import folder
from signing.models import documents, signature_requests
from tests.desk_city import BINH, MAI, Browser, DeskCity, Person, desk_city
from tests.desk_ledger import events, evidence, reasons, untouched
from tests.desk_papers import Layout, decision


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def refused(city: DeskCity, browser: Browser, person: Person = BINH) -> str:
    """Upload, approve as `person`, carry out; returns the reason of the refusal and proves that nothing was signed."""
    content = decision()
    document = browser.uploaded(content)
    back = browser.approve(browser.ask(document), person)
    if back.status_code == 303:
        page = browser.follow(back.headers["Location"])
        assert page.status_code == 409
        assert document in page.get_data(as_text=True)
    untouched(city, content)
    assert any(kind in ("signing.approval.refused", "signing.signature.turned_down") for kind, _ in events(city))
    return reasons(city)[0]


def change(what: str, **changes: Any) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """A lie: these claims in that token; None leaves a claim out."""

    def lie(token: str, claims: dict[str, Any]) -> dict[str, Any]:
        if token != what or ("authorization_details" not in claims and what == "access_token"):
            return claims
        changed = claims | {name: value(claims) if callable(value) else value for name, value in changes.items()}
        return {name: value for name, value in changed.items() if value is not None}

    return lie


def detail(**changes: Any) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """The authorization details with changed members."""
    return lambda claims: [claims["authorization_details"][0] | changes]


OTHER_DIGEST = [{"hash": "A" * 43 + "=", "label": "Quyết định 12.pdf", "hashType": "SDR"}]
ACTIVATION_LIES = {
    "one factor": change("access_token", acr="urn:vn:xt:1"),
    "no second factor time": change("access_token", otp_time=None),
    "old second factor": change("access_token", otp_time=1),
    "other person": change("access_token", sub=MAI.sub),
    "other audience": change("access_token", aud="http://localhost:8000"),
    "other issuer": change("access_token", iss="https://evil.example"),
    "expired": change("access_token", exp=1),
    "no details": change("access_token", authorization_details=None),
    "other key": change("access_token", authorization_details=detail(credentialID="key_" + "x" * 22)),
    "other document": change("access_token", authorization_details=detail(documentDigests=OTHER_DIGEST)),
    "other hash algorithm": change("access_token", authorization_details=detail(hashAlgorithmOID="1.3.14.3.2.26")),
    "other type": change("access_token", authorization_details=detail(type="credential")),
    "more signatures than documents": change("access_token", authorization_details=detail(numSignatures=2)),
    "no jti": change("access_token", jti=None),
}


@pytest.mark.parametrize("lie", ACTIVATION_LIES)
def test_an_activation_that_does_not_fit_signs_nothing(city: DeskCity, browser: Browser, lie: str) -> None:
    city.provider.tamper = ACTIVATION_LIES[lie]
    assert refused(city, browser) not in ("", "internal")


def test_an_approval_by_another_person_is_refused(city: DeskCity, browser: Browser) -> None:
    assert refused(city, browser, MAI) == "other_person"


def test_an_official_who_lost_the_position_is_refused(city: DeskCity, browser: Browser) -> None:
    city.provider.tamper = change("id_token", position=None)
    assert refused(city, browser) == "not_official"


def test_saying_no_signs_nothing(city: DeskCity, browser: Browser) -> None:
    content = decision()
    document = browser.uploaded(content)
    page = browser.follow(city.provider.refuse(browser.ask(document)))
    assert page.status_code == 403
    assert f'href="{document}"' in page.get_data(as_text=True)
    untouched(city, content)
    assert reasons(city) == ["access_denied"]
    browser.sign(document)  # and can be tried again
    assert len(evidence(city)) == 1


def test_a_document_swapped_on_the_disk_is_not_signed(city: DeskCity, browser: Browser) -> None:
    """S6: between approval and signature somebody replaces the bytes."""
    document = browser.uploaded(decision())
    back = browser.approve(browser.ask(document))
    (path,) = [entry for entry in folder(city.services).root.rglob("*") if entry.is_file()]
    path.write_bytes(decision(Layout(pages=2)))
    assert browser.follow(back.headers["Location"]).status_code == 409
    assert reasons(city) == ["document_damaged"]
    assert evidence(city) == []


def test_a_row_swapped_in_the_database_is_not_signed(city: DeskCity, browser: Browser) -> None:
    """S6: the row is made to point at other bytes; the approval knows the digest."""
    document = browser.uploaded(decision())
    back = browser.approve(browser.ask(document))
    other = decision(Layout(pages=3))
    digest = folder(city.services).keep(document.rsplit("/", 1)[1], other)
    with city.base.db.begin() as connection:
        connection.execute(documents.update().values(sha256=digest))
        connection.execute(signature_requests.update().values(document_digest=digest))
    assert browser.follow(back.headers["Location"]).status_code == 409
    assert reasons(city) == ["activation_refused"]
    assert evidence(city) == []


def test_an_approval_is_bound_to_its_session(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    away = browser.ask(document)
    browser.post("/desk/sign-out")
    assert browser.approve(away).status_code == 401
    browser.sign_in()
    assert browser.follow(city.provider.approve(away, BINH)).status_code == 409
    assert reasons(city) == ["session_changed"]


def test_the_answer_must_come_back_in_the_same_browser(city: DeskCity, browser: Browser) -> None:
    url = city.provider.approve(browser.ask(browser.uploaded(decision())), BINH)
    other = city.browser()
    other.sign_in()
    assert other.follow(url).status_code == 400
    assert evidence(city) == []


def test_an_approved_request_of_a_logged_out_session_is_not_carried_out(city: DeskCity, browser: Browser) -> None:
    back = browser.approve(browser.ask(browser.uploaded(decision())))
    city.app.test_client().post("/desk/backchannel-logout", data={"logout_token": city.provider.logout_token()})
    browser.follow(back.headers["Location"])
    assert evidence(city) == []
    browser.sign_in()
    browser.follow(back.headers["Location"])
    assert evidence(city) == []


def test_a_late_request_expires(city: DeskCity, browser: Browser) -> None:
    back = browser.approve(browser.ask(browser.uploaded(decision())))
    city.base.clock.move(1200)  # type: ignore[attr-defined]  # a FixedClock
    assert browser.follow(back.headers["Location"]).status_code == 409
    assert evidence(city) == []


def test_a_revoked_certificate_does_not_sign(city: DeskCity, browser: Browser) -> None:
    from keys.api import RevocationReason

    document = browser.uploaded(decision())
    back = browser.approve(browser.ask(document))
    (credential,) = city.keys.credentials_of(BINH.sub)
    city.keys.revoke(credential.handle, RevocationReason.KEY_COMPROMISE)
    assert browser.follow(back.headers["Location"]).status_code == 409
    assert reasons(city) == ["certificate_not_valid"]


def test_a_time_stamp_that_fails_leaves_the_document_intact(
    city: DeskCity, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keys.errors import KeysUnavailable

    def broken(*_: object, **__: object) -> bytes:
        raise KeysUnavailable("no time stamp")

    monkeypatch.setattr(city.keys, "timestamp", broken)
    assert refused(city, browser) not in ("", "internal")


def test_output_that_does_not_verify_is_not_handed_out(
    city: DeskCity, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature is made by another key than the certificate's: our own engine must catch it."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    wrong = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(
        city.keys,
        "sign_message",
        lambda _handle, *, message, activation: wrong.sign(message, ec.ECDSA(hashes.SHA256())),
    )
    assert refused(city, browser) == "own_check_failed"


def test_a_request_that_stopped_half_way_is_ended(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    back = browser.approve(browser.ask(document))
    city.base.clock.move(4000)  # type: ignore[attr-defined]  # a FixedClock
    end_stuck_requests(city.services)
    assert reasons(city) == ["interrupted"]
    with city.base.db.read() as connection:
        assert connection.execute(select(signature_requests.c.sealed_activation)).scalar_one() is None
    browser.sign_in()
    browser.follow(back.headers["Location"])
    assert evidence(city) == []


def test_the_token_is_kept_sealed_and_then_forgotten(city: DeskCity, browser: Browser) -> None:
    back = browser.approve(browser.ask(browser.uploaded(decision())))
    with city.base.db.read() as connection:
        sealed = connection.execute(select(signature_requests.c.sealed_activation)).scalar_one()
    token = next(iter(city.provider.access.keys() - {""}))
    assert sealed is not None
    assert token.encode() not in sealed
    browser.follow(back.headers["Location"])
    with city.base.db.read() as connection:
        assert connection.execute(select(signature_requests.c.sealed_activation)).scalar_one() is None
