"""Settings: typed, limited, documented; an unknown one stops the start; a secret is never shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from base.errors import SettingsError
from base.settings import BaseSettings, load, setting


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    count: int = setting(3, "How many.", minimum=1)
    ratio: float = setting(0.5, "Which part.", minimum=0.1)
    wanted: bool = setting(False, "Whether.")
    names: tuple[str, ...] = setting((), "Which ones.")
    folder: Path = setting(Path("var"), "Where.")
    colour: str = setting("red", "Which colour.", choices=("red", "blue"))
    pass_phrase: int = setting(0, "A secret number.", secret=True)


def read(environ: dict[str, str], toml: str | None = None, folder: Path | None = None) -> Sample:
    path = None
    if toml is not None and folder is not None:
        path = folder / "antin.toml"
        path.write_text(toml, "utf-8")
    return load((BaseSettings, Sample), environ, path)[Sample]


def test_every_type_is_read_from_the_environment() -> None:
    sample = read(
        {
            "ANTIN_COUNT": "7",
            "ANTIN_RATIO": "0.25",
            "ANTIN_WANTED": "Yes",
            "ANTIN_NAMES": "a b",
            "ANTIN_FOLDER": "/srv/antin",
            "ANTIN_COLOUR": "blue",
            "PATH": "/bin",
        }
    )
    assert sample == Sample(7, 0.25, True, ("a", "b"), Path("/srv/antin"), "blue")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    toml = 'count = 5\nwanted = true\nnames = ["a b", "c"]\n'
    assert read({"ANTIN_COUNT": "7"}, toml, tmp_path) == Sample(7, 0.5, True, ("a b", "c"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ANTIN_COUNTS", "7", "Unknown setting: ANTIN_COUNTS"),
        ("ANTIN_COUNT", "many", "ANTIN_COUNT must be a int, not 'many'"),
        ("ANTIN_COUNT", "0", "ANTIN_COUNT must be at least 1"),
        ("ANTIN_RATIO", "0.01", "must be at least 0.1"),
        ("ANTIN_WANTED", "perhaps", "ANTIN_WANTED must be a bool"),
        ("ANTIN_COLOUR", "green", "must be one of red, blue"),
        ("ANTIN_LOG_LEVEL", "LOUD", "must be one of DEBUG"),
        ("ANTIN_ISSUER", "http://localhost:8000/", "ANTIN_ISSUER must be an address"),
        ("ANTIN_ISSUER", "ftp://localhost", "ANTIN_ISSUER must be an address"),
        ("ANTIN_ISSUER", "https://a.vn?x=1", "ANTIN_ISSUER must be an address"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read({name: value})
    assert said in caught.value.en
    assert "\n" not in caught.value.en


@pytest.mark.parametrize("toml", ["count = true", "count = 2.7", "folder = [1]", "[count]\nx = 1", "count = "])
def test_a_value_of_another_kind_in_the_file_is_refused(tmp_path: Path, toml: str) -> None:
    with pytest.raises(SettingsError):
        read({}, toml, tmp_path)


def test_a_secret_value_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        read({"ANTIN_PASS_PHRASE": "hunter2"})
    assert "hunter2" not in caught.value.en


def test_every_base_setting_is_documented() -> None:
    for name, _value, _default, known in load((BaseSettings,), {}).rows():
        assert known["doc"].endswith("."), name
        if name.endswith(("_seconds", "_bytes")):
            assert known["unit"], name


@pytest.mark.parametrize(
    ("issuer", "given", "reaches"),
    [
        ("http://localhost:8000", {}, True),
        ("http://127.0.0.1:8000", {}, True),
        ("https://id.danang.gov.vn", {}, False),
        ("https://localhost.evil.test", {}, False),
        ("https://id.danang.gov.vn", {"ANTIN_OUTBOUND_PRIVATE_ADDRESSES": "true"}, True),
        ("http://localhost:8000", {"ANTIN_OUTBOUND_PRIVATE_ADDRESSES": "false"}, False),
    ],
)
def test_only_an_installation_on_this_machine_reaches_private_addresses(
    issuer: str, given: dict[str, str], reaches: bool
) -> None:
    assert load((BaseSettings,), {"ANTIN_ISSUER": issuer, **given})[BaseSettings].reaches_private is reaches
