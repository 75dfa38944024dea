"""Each thing that stops a start is said in one clear sentence, in both languages."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from base.errors import StartError
from base.run.preflight import check_data_dir, check_ports, check_python, listen_address
from base.settings import BaseSettings


def sentence(error: StartError) -> str:
    assert error.vi, "both languages"
    assert "\n" not in error.vi + error.en, "one sentence"
    assert error.en.endswith("."), error.en
    return error.en


def test_an_old_python_is_named() -> None:
    check_python((3, 11))
    with pytest.raises(StartError) as caught:
        check_python((3, 10))
    assert "Python 3.10 is too old" in sentence(caught.value)


def test_the_data_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    check_data_dir(tmp_path / "a" / "var")
    assert (tmp_path / "a" / "var").stat().st_mode & 0o077 == 0


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StartError) as caught:
        check_data_dir(tmp_path / "var")
    assert str(tmp_path / "var") in sentence(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError) as caught:
        check_data_dir(tmp_path / "var")
    assert "ANTIN_DATA_DIR" in sentence(caught.value)


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StartError) as caught:
            check_ports([("127.0.0.1", port)])
    assert f"Port {port}" in sentence(caught.value)
    check_ports([("127.0.0.1", port)])


@pytest.mark.parametrize(
    ("bind", "issuer", "address"),
    [
        ("", "http://localhost:8000", ("127.0.0.1", 8000)),
        ("", "https://id.example.vn", ("127.0.0.1", 443)),
        ("0.0.0.0:9000", "https://id.example.vn", ("0.0.0.0", 9000)),
        ("[::1]:9000", "https://id.example.vn", ("::1", 9000)),
    ],
)
def test_where_to_listen(bind: str, issuer: str, address: tuple[str, int]) -> None:
    assert listen_address(BaseSettings(bind=bind, issuer=issuer)) == address


@pytest.mark.parametrize("bind", ["8000", "localhost", ":8000", "host:0", "host:65536", "host:x"])
def test_a_bad_bind_is_named(bind: str) -> None:
    with pytest.raises(StartError) as caught:
        listen_address(BaseSettings(bind=bind))
    assert "ANTIN_BIND" in sentence(caught.value)
