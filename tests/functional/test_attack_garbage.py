"""Attack: what no honest client sends. Every endpoint answers it in its own form, at once, and never with a fault."""

from __future__ import annotations

import base64
import json
import time

import pytest

from idp.accounts.passwords import PasswordCost, Passwords
from idp.accounts.usernames import BadUsername, canonical_username
from signing.flows.label import clean_label
from tests.functional.idp_site import Site
from tests.provider import Provider, Registered

FOREIGN_LETTERS = "é.e30.AAAA"
"""Three segments, of which the first is not base64url: it once broke every place that reads a token of ours."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
QUARRELLING_MARKS = "a" + "\u0315\u0316" * 100_000
"""Combining marks in the wrong order: normalising them takes time that grows with the square of their number."""


@pytest.fixture
def client(provider: Provider) -> Registered:
    return provider.client()


def test_a_token_of_foreign_letters(provider: Provider, client: Registered) -> None:
    assert provider.ask("/userinfo", method="POST", form={"access_token": FOREIGN_LETTERS}).status == 401
    assert provider.posted("/introspect", client, token=FOREIGN_LETTERS).json == {"active": False}
    assert provider.posted("/revoke", client, token=FOREIGN_LETTERS).status == 200
    assert provider.authorize(client, id_token_hint=FOREIGN_LETTERS).params["error"] == "invalid_request"


def test_a_logout_hint_of_foreign_letters(site: Site) -> None:
    assert site.browser().get(f"/logout?id_token_hint={FOREIGN_LETTERS}").status_code == 200


@pytest.mark.parametrize("subject", ["\ud800", "\0", "a" * 4000, {}, None])
def test_an_assertion_from_nobody(provider: Provider, subject: object) -> None:
    body = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).rstrip(b"=").decode()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": f"e30.{body}.AAAA",
    }
    reply = provider.ask("/token", method="POST", form=form)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("client_id", ["a\0b", "a" * 5000, "a b", "é"])
def test_a_client_that_cannot_exist(provider: Provider, client_id: str) -> None:
    """A NUL is what PostgreSQL refuses to be asked for."""
    reply = provider.ask("/token", method="POST", form={"client_id": client_id, "grant_type": "refresh_token"})
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_a_service_that_cannot_exist_is_not_taken_permission_from(site: Site) -> None:
    site.add_user("lan")
    browser = site.browser()
    browser.sign_in("lan")
    token = browser.hidden("/account/sign-out")["csrf"]
    for client_id in ("a\0b", "a" * 5000, ""):
        browser.get("/account")
        assert browser.post("/account/services/revoke", {"csrf": token, "client_id": client_id}).status_code == 200


def test_a_name_that_is_dear_to_normalise_is_refused_unread() -> None:
    started = time.process_time()
    with pytest.raises(BadUsername):
        canonical_username(QUARRELLING_MARKS)
    assert time.process_time() - started < 0.5


def test_a_file_name_that_is_dear_to_normalise_is_cut() -> None:
    started = time.process_time()
    assert clean_label(QUARRELLING_MARKS[:60_000] + ".pdf").endswith(".pdf")
    assert time.process_time() - started < 0.5


def test_a_password_that_is_dear_to_normalise_is_wrong_at_once() -> None:
    passwords = Passwords(PasswordCost(1024, 1, 1), at_once=1, wait_seconds=1)
    stored, started = passwords.hash("con trâu đi trước"), time.process_time()
    assert not passwords.matches(stored, QUARRELLING_MARKS)
    assert time.process_time() - started < 0.5
