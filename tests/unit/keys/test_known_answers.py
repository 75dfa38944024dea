"""CR-17: a cryptographic library that gives another answer than its standard does not start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from base.errors import StartError
from base.services import BaseServices
from keys import backends
from keys.backends import open_backends
from keys.backends.known_answers import KNOWN, check_known_answers
from keys.sealing import MasterKey
from keys.services import open_keys
from tests.unit.keys.conftest import SETTINGS


def test_all_give_their_answers() -> None:
    check_known_answers()


@pytest.mark.parametrize("name", KNOWN)
def test_one_wrong_answer_is_enough(name: str) -> None:
    compute, expected = KNOWN[name]
    wrong = bytes((expected[0] ^ 1,)) + expected[1:]
    with pytest.raises(StartError, match="self-test") as refused:
        check_known_answers({**KNOWN, name: (compute, wrong)})
    assert name in refused.value.en


def test_a_library_that_fails_altogether() -> None:
    def broken() -> bytes:
        raise RuntimeError("no such algorithm")

    with pytest.raises(StartError, match="self-test"):
        check_known_answers({"RSA": (broken, b"verified")})


def test_nothing_starts_without(make_base: Callable[..., BaseServices], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> None:
        check_known_answers({"RSA": (lambda: b"refused", b"verified")})

    monkeypatch.setattr(backends, "check_known_answers", failing)
    with pytest.raises(StartError):
        open_backends(MasterKey(b"m" * 32), SETTINGS, Path())
    with pytest.raises(StartError):
        open_keys(make_base(SETTINGS))
