"""A signature whose key is not here: prepared, put aside as a file, signed by OpenSSL, finished."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import signing.cli.elsewhere
from base.services import BaseServices
from signing.errors import SigningError
from signing.flows.self_check import judge_document
from signing.validation.indications import Indication
from signing.validation.located import Beside
from tests.desk_city import DeskCity, desk_city
from tests.desk_papers import decision
from tests.signing_pki import shared_city


@pytest.fixture
def city(make_base: Callable[..., BaseServices]) -> Iterator[DeskCity]:
    with desk_city(make_base) as opened:
        yield opened


def run(city: DeskCity, *words: str | Path) -> Result:
    group = click.Group()
    signing.cli.elsewhere.register(group, lambda: city.services)
    return CliRunner().invoke(group, [str(word) for word in words])


class Office:
    """Who holds the key: a folder, and OpenSSL; what comes in is bytes to sign, what goes out is their signature."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        holder = shared_city().official
        pem = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "key.pem").write_bytes(pem)
        (folder / "certificate.pem").write_bytes(holder.pem + shared_city().issuing.pem)
        (folder / "paper").write_bytes(decision())

    def prepare(self, city: DeskCity, *words: str) -> Result:
        place = self.folder
        options = ("--certificate", place / "certificate.pem", "--to-sign", place / "to-sign")
        return run(city, "prepare", place / "paper", "--out", place / "prepared", *options, *words)

    def sign(self, name: str = "to-sign") -> None:
        words = ["openssl", "dgst", "-sha256", "-sign", "key.pem", "-out", "value", name]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)

    def finish(self, city: DeskCity, paper: str = "paper") -> Result:
        place = self.folder
        return run(
            city, "finish", place / "prepared", place / paper, "--value", place / "value", "--out", place / "out"
        )


WAYS = [
    (),
    ("--format", "cades"),
    ("--format", "cades", "--detached"),
    ("--format", "jades"),
    ("--format", "asic-s"),
    ("--format", "asic-e-xades"),
]


@pytest.mark.parametrize("words", WAYS)
def test_a_key_that_is_elsewhere_signs(city: DeskCity, tmp_path: Path, words: tuple[str, ...]) -> None:
    office = Office(tmp_path)
    prepared = office.prepare(city, *words)
    assert prepared.exit_code == 0, prepared.output
    assert prepared.output.startswith("ES256  ")
    office.sign()
    done = office.finish(city)
    assert done.exit_code == 0, done.output
    report = judge_document(city.services, (tmp_path / "out").read_bytes(), (), Beside(content=decision()))
    (signature,) = report.signatures
    assert (signature.integrity, signature.level) == ("intact", "B-T")
    assert signature.indication is Indication.INDETERMINATE, "its authority is a stranger here"
    assert str(Indication.INDETERMINATE) in done.output
    if words[-1:] == ("asic-s",):
        assert b"paper" in (tmp_path / "out").read_bytes(), "the file keeps its name"


def test_what_was_prepared_holds_no_copy_of_the_document(city: DeskCity, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.prepare(city)
    assert len((tmp_path / "prepared").read_bytes()) < 60_000
    assert b"%PDF" not in (tmp_path / "prepared").read_bytes()


def test_a_value_over_something_else_is_not_put_in(city: DeskCity, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.prepare(city)
    office.sign("paper")
    done = office.finish(city)
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "value_does_not_fit"
    assert not (tmp_path / "out").exists()


def test_another_document_is_not_taken_for_it(city: DeskCity, tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.prepare(city)
    office.sign()
    (tmp_path / "other").write_bytes(decision() + b"\n")
    done = office.finish(city, "other")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "document_changed"


def dropped(kept: dict[str, Any]) -> object:
    return {name: value for name, value in kept.items() if name != "update"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _kept: [],
        lambda _kept: "x",
        dropped,
        lambda kept: {**kept, "kind": "other"},
        lambda kept: {**kept, "level": "B-X"},
        lambda kept: {**kept, "place": "base64:AAAA"},
        lambda kept: {**kept, "place": [True, 2]},
        lambda kept: {**kept, "update": "text"},
        lambda kept: {**kept, "update": "base64:%"},
        lambda kept: {**kept, "chain": ["text"]},
        lambda kept: {**kept, "more": 1},
        lambda kept: {**kept, "document_digest": None},
    ],
)
def test_a_spoilt_file_is_said_to_be_one(city: DeskCity, tmp_path: Path, spoil: Callable[[Any], object]) -> None:
    office = Office(tmp_path)
    office.prepare(city)
    office.sign()
    kept = json.loads((tmp_path / "prepared").read_bytes())
    (tmp_path / "prepared").write_text(json.dumps(spoil(kept)))
    done = office.finish(city)
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "prepared_unreadable"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "change", [{"place": [1, 2]}, {"place": []}, {"update": "base64:AAAA"}, {"algorithm": "PS256"}]
)
def test_changed_numbers_lead_to_nothing_that_verifies(
    city: DeskCity, tmp_path: Path, change: dict[str, object]
) -> None:
    office = Office(tmp_path)
    office.prepare(city)
    office.sign()
    kept = json.loads((tmp_path / "prepared").read_bytes())
    (tmp_path / "prepared").write_text(json.dumps({**kept, **change}))
    done = office.finish(city)
    assert isinstance(done.exception, SigningError)
    assert not (tmp_path / "out").exists()


def test_existing_files_are_not_overwritten(city: DeskCity, tmp_path: Path) -> None:
    office = Office(tmp_path)
    (tmp_path / "prepared").write_text("mine")
    done = office.prepare(city)
    assert isinstance(done.exception, SigningError)
    assert (tmp_path / "prepared").read_text() == "mine"


def test_a_key_does_not_sign_with_what_is_not_its_own(city: DeskCity, tmp_path: Path) -> None:
    done = Office(tmp_path).prepare(city, "--rs256")
    assert isinstance(done.exception, SigningError)
    assert done.exception.code == "key_type"
