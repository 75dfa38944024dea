"""The official's road from approval to a signed document, and every way it must not be walked (SG-08, S1, S6)."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import select

import signing.cli.sign
from base.audit import audit_events, verify
from base.services import BaseServices
from signing.flows.background import end_stuck_requests
from signing.flows.self_check import judge_document
from signing.flows.upload import folder
from signing.models import documents, signature_evidence, signature_requests
from signing.validation.indications import Indication
from tests.desk_city import BINH, MAI, Browser, DeskCity, Person, asked_for, desk_city
from tests.desk_papers import Layout, decision, large_scan, scan


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


@pytest.fixture
def browser(city: DeskCity) -> Browser:
    opened = city.browser()
    opened.sign_in()
    return opened


def evidence(city: DeskCity) -> list[Any]:
    with city.base.db.read() as connection:
        return list(connection.execute(select(signature_evidence)).all())


def events(city: DeskCity) -> list[tuple[str, dict[str, Any]]]:
    with city.base.db.read() as connection:
        rows = connection.execute(
            select(audit_events.c.kind, audit_events.c.data).order_by(audit_events.c.position)
        ).all()
    return [(kind, json.loads(data)) for kind, data in rows]


def reasons(city: DeskCity) -> list[str]:
    with city.base.db.read() as connection:
        return list(
            connection.execute(select(signature_requests.c.reason).order_by(signature_requests.c.created_at)).scalars()
        )


def untouched(city: DeskCity, content: bytes) -> None:
    """No signature, no evidence, the document as it was."""
    assert evidence(city) == []
    with city.base.db.read() as connection:
        row = connection.execute(select(documents)).one()
    assert row.signed_sha256 is None
    assert folder(city.services).read(row.id, row.sha256) == content
    assert verify(city.base.db) > 0


def test_the_whole_road(city: DeskCity, browser: Browser) -> None:
    content = decision(Layout(pages=2))
    document = browser.uploaded(content)
    away = browser.ask(document)
    asked = asked_for(away)
    assert asked["acr_values"] == "urn:vn:xt:2"
    (details,) = json.loads(asked["authorization_details"])
    assert details["numSignatures"] == 1
    assert details["documentDigests"][0]["label"] == "Quyết định 12.pdf"
    back = browser.approve(away)
    assert back.status_code == 303
    assert browser.follow(back.headers["Location"]).headers["Location"] == document
    page = browser.get(document).get_data(as_text=True)
    assert "Hồ sơ chữ ký" in page
    signed = browser.get(f"{document}/signed.pdf").data
    assert signed.startswith(content)  # an incremental update: the approved bytes are all there
    shown = Image.open(io.BytesIO(browser.get(f"{document}/pages/2.png").data)).split()
    blue = sum(b > r + 60 for r, b in zip(shown[0].tobytes(), shown[2].tobytes(), strict=True))
    assert blue > 500  # the handwriting is on the page, as drawn by PDFium from the signed bytes
    report = judge_document(city.services, signed)
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].signer == BINH.name
    assert report.signatures[0].level == "B-T"
    (row,) = evidence(city)
    assert row.digest_in == hashlib.sha256(content).hexdigest()
    assert row.digest_out == hashlib.sha256(signed).hexdigest()
    assert (row.full_name, row.position_title, row.acr) == (BINH.name, "Chủ tịch", "urn:vn:xt:2")
    assert row.signing_time == row.stamp_time == city.base.clock.now()
    kinds = [kind for kind, _ in events(city)]
    assert "signing.approval.asked" in kinds
    assert kinds[-1] == "signing.signature.made"
    verify(city.base.db)


def test_no_personal_data_in_the_audit_log(city: DeskCity, browser: Browser) -> None:
    browser.sign(browser.uploaded(decision()))
    log = json.dumps(events(city), ensure_ascii=False)
    for datum in (BINH.name, "Chủ tịch", "Hải Châu", "Quyết định 12"):
        assert datum not in log


@pytest.mark.parametrize(
    "content", [scan(), decision(Layout(rotate=270)), decision(Layout(pages=30))], ids=["scan", "rotated", "30 pages"]
)
def test_real_input_is_signed(city: DeskCity, browser: Browser, content: bytes) -> None:
    document = browser.uploaded(content)
    browser.sign(document)
    assert (
        judge_document(city.services, browser.get(f"{document}/signed.pdf").data).indication is Indication.TOTAL_PASSED
    )


@pytest.mark.slow
def test_a_large_document(city: DeskCity, browser: Browser) -> None:
    content = large_scan()
    assert 18_000_000 < len(content) < 25 * 1024 * 1024
    document = browser.uploaded(content)
    browser.sign(document)
    assert browser.get(f"{document}/signed.pdf").data.startswith(content)


def test_without_a_picture(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    browser.post(f"{document}/placement", {"way": "none"})
    browser.sign(document)
    assert (
        judge_document(city.services, browser.get(f"{document}/signed.pdf").data).indication is Indication.TOTAL_PASSED
    )


def test_a_second_official_signs_after_the_first(city: DeskCity, browser: Browser) -> None:
    first = browser.uploaded(decision())
    browser.sign(first)
    once = browser.get(f"{first}/signed.pdf").data
    other = city.browser()
    other.sign_in(MAI)
    second = other.uploaded(once)
    assert BINH.name in other.get(second).get_data(as_text=True)  # earlier signatures are listed
    other.sign(second, MAI)
    twice = other.get(f"{second}/signed.pdf").data
    report = judge_document(city.services, twice)
    assert [signature.signer for signature in report.signatures] == [BINH.name, MAI.name]
    assert report.indication is Indication.TOTAL_PASSED


def test_poppler_agrees(city: DeskCity, browser: Browser, tmp_path: Path) -> None:
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("Poppler is not installed")
    document = browser.uploaded(decision())
    browser.sign(document)
    path = tmp_path / "signed.pdf"
    path.write_bytes(browser.get(f"{document}/signed.pdf").data)
    said = subprocess.run([program, "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said


# ── The same outcome however often somebody presses ──────────────────────────────────────────────────────────────


def test_back_button_and_reload_change_nothing(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    url = city.provider.approve(browser.ask(document), BINH)
    answers = [browser.follow(url) for _ in range(3)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    waiting = answers[0].headers["Location"]
    assert {browser.follow(waiting).headers["Location"] for _ in range(3)} == {document}
    assert len(evidence(city)) == 1
    assert browser.post(f"{document}/sign").status_code == 409


def test_two_approvals_of_one_document_make_one_signature(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    first = browser.approve(browser.ask(document)).headers["Location"]
    second = browser.approve(browser.ask(document)).headers["Location"]
    assert first != second
    browser.follow(first)
    browser.follow(second)
    assert len(evidence(city)) == 1
    assert sorted(reasons(city)) == ["", "already_signed"]


def test_a_full_gate_shows_a_waiting_page_and_uses_nothing_up(make_base: Callable[..., BaseServices]) -> None:
    with desk_city(make_base, signing_concurrency=1, signing_wait_seconds=0) as city:
        browser = city.browser()
        browser.sign_in()
        document = browser.uploaded(decision())
        back = browser.approve(browser.ask(document))
        with city.services.signing_gate.enter():
            page = browser.follow(back.headers["Location"])
        assert page.status_code == 200
        assert page.headers["Refresh"]
        assert "chờ đến lượt" in page.get_data(as_text=True)
        assert evidence(city) == []
        assert browser.follow(back.headers["Location"]).headers["Location"] == document
        assert len(evidence(city)) == 1


# ── Refusals: nothing is signed, the reason is kept, the document can be tried again ─────────────────────────────


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
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    wrong = ec.generate_private_key(ec.SECP256R1())
    monkeypatch.setattr(
        city.keys,
        "sign_digest",
        lambda _handle, *, digest, activation: wrong.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))),
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


# ── antin sign ───────────────────────────────────────────────────────────────────────────────────────────────────


def command(city: DeskCity) -> click.Group:
    group = click.Group()
    signing.cli.sign.register(group, lambda: city.services)
    return group


def test_the_command_signs_once(city: DeskCity, browser: Browser, tmp_path: Path) -> None:
    document = browser.uploaded(decision())
    asked = asked_for(browser.ask(document))
    (credential,) = city.keys.credentials_of(BINH.sub)
    token = city.provider.access_token(BINH, asked)
    paper, out = tmp_path / "paper.pdf", tmp_path / "signed.pdf"
    paper.write_bytes(decision())
    arguments = ["sign", str(paper), "--credential", credential.handle, "--token-stdin", "--out"]
    done = CliRunner().invoke(command(city), [*arguments, str(out)], input=token + "\n")
    assert done.exit_code == 0, done.output
    assert judge_document(city.services, out.read_bytes()).indication is Indication.TOTAL_PASSED
    assert len(evidence(city)) == 1
    again = CliRunner().invoke(command(city), [*arguments, str(tmp_path / "again.pdf")], input=token)
    assert again.exit_code != 0
    assert not (tmp_path / "again.pdf").exists()
    assert events(city)[-1][0] == "signing.signature.turned_down"
    assert len(evidence(city)) == 1


def test_the_command_overwrites_nothing(city: DeskCity, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(decision())
    arguments = ["sign", str(paper), "--credential", "key_x", "--token-stdin", "--out", str(paper)]
    assert CliRunner().invoke(command(city), arguments, input="x").exit_code != 0
    assert paper.read_bytes() == decision()


def test_bytes_of_a_signed_file_that_change_fail(city: DeskCity, browser: Browser) -> None:
    document = browser.uploaded(decision())
    browser.sign(document)
    signed = bytearray(browser.get(f"{document}/signed.pdf").data)
    signed[len(decision()) // 2] ^= 1
    assert judge_document(city.services, bytes(signed)).indication is Indication.TOTAL_FAILED
