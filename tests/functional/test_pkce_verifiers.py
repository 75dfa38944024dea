"""OA-06, OA-07: only the verifier that belongs to the challenge redeems; OA-33: no answer with a secret may be kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.oauth.grants.authorization_code import _check_verifier
from idp.oauth.grants.base import TicketBurnt
from tests.provider import CHALLENGE, VERIFIER, Provider

LETTERS = "ABCXYZabcxyz0189-._~"
NEARLY = st.builds(
    lambda position, letter: VERIFIER[:position] + letter + VERIFIER[position + 1 :],
    st.integers(0, len(VERIFIER) - 1),
    st.sampled_from(LETTERS + "=+/ \u0131"),
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.one_of(st.text(), st.text(LETTERS, min_size=43, max_size=128), NEARLY, st.just(CHALLENGE), st.none()))
def test_only_the_true_verifier_passes(verifier: str | None) -> None:
    if verifier == VERIFIER:
        return
    with pytest.raises(TicketBurnt):
        _check_verifier(verifier, CHALLENGE)


def test_the_true_verifier_passes() -> None:
    _check_verifier(VERIFIER, CHALLENGE)


def test_a_verifier_without_a_challenge_is_a_downgrade() -> None:
    _check_verifier(None, None)
    with pytest.raises(TicketBurnt):
        _check_verifier(VERIFIER, None)


def test_no_answer_that_holds_a_secret_may_be_kept(provider: Provider) -> None:
    client, cookie = provider.client(trusted=True), provider.session(provider.person())
    authorized = provider.authorize(client, cookie)
    redeemed = provider.redeem(client, authorized.params["code"])
    answers = {
        "authorize": authorized,
        "token": redeemed,
        "refused": provider.redeem(client, "no-such-code"),
        "userinfo": provider.userinfo(redeemed.json["access_token"]),
        "par": provider.push(client),
        "introspect": provider.posted("/introspect", client, token=redeemed.json["access_token"]),
    }
    assert {name: answer.headers.get("Cache-Control") for name, answer in answers.items()} == dict.fromkeys(
        answers, "no-store"
    )
    assert authorized.headers["Referrer-Policy"] == "no-referrer"
