"""The master key: what it seals opens only in its place; what it authenticates cannot be cut otherwise."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from base.errors import StartError
from keys.errors import SealError
from keys.sealing import MasterKey, open_master_key

ONE, OTHER = MasterKey(b"1" * 32), MasterKey(b"2" * 32)


def test_sealed_bytes_open_again() -> None:
    sealed = ONE.seal(b"secret", "idp.totp|u1")
    assert b"secret" not in sealed
    assert ONE.unseal(sealed, "idp.totp|u1") == b"secret"
    assert ONE.seal(b"secret", "idp.totp|u1") != sealed


def test_row_swap_does_not_open() -> None:
    sealed = ONE.seal(b"secret", "idp.totp|u1")
    with pytest.raises(SealError):
        ONE.unseal(sealed, "idp.totp|u2")


def test_another_master_key_does_not_open() -> None:
    with pytest.raises(SealError):
        OTHER.unseal(ONE.seal(b"secret", "c"), "c")


def test_every_altered_byte_and_every_cut_is_noticed() -> None:
    sealed = ONE.seal(b"secret", "c")
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises(SealError):
            ONE.unseal(changed, "c")
        with pytest.raises(SealError):
            ONE.unseal(sealed[:at], "c")


def test_mac_parts_cannot_be_shifted() -> None:
    assert ONE.mac("c", "ab", "c") != ONE.mac("c", "a", "bc")
    assert ONE.mac("c", "ab") != ONE.mac("c", "ab", "")
    assert ONE.mac("c", "x") != ONE.mac("d", "x")
    assert len(ONE.mac("c", "x")) == 32


def test_master_key_does_not_show_itself() -> None:
    assert "111" not in repr(ONE)


def test_first_start_creates_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    first = open_master_key(path, may_create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_master_key(path, may_create=True).mac("c", "x") == first.mac("c", "x")
    assert [one.name for one in path.parent.iterdir()] == ["master.key"]


def test_two_first_starts_agree(tmp_path: Path) -> None:
    path, barrier, seen = tmp_path / "keys" / "master.key", threading.Barrier(8), []

    def start() -> None:
        barrier.wait()
        seen.append(open_master_key(path, may_create=True).mac("c", "x"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_file_open_to_everybody_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    open_master_key(path, may_create=True)
    path.chmod(0o604)
    with pytest.raises(StartError, match="chmod 600"):
        open_master_key(path, may_create=False)


@pytest.mark.parametrize("content", ["", "short", "é" * 43, "A" * 60])
def test_damaged_file_stops_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(StartError):
        open_master_key(path, may_create=False)


def test_named_file_is_never_created(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        open_master_key(tmp_path / "absent", may_create=False)
