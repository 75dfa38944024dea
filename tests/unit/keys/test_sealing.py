"""The master key: what it seals opens only in its place; what it authenticates cannot be cut otherwise."""

from __future__ import annotations

import hmac
import stat
import threading
from pathlib import Path

import pytest

from base.errors import StartError
from keys.errors import SealError
from keys.sealing import CREDENTIAL, MasterKey, SealingKey, find_master_key, open_master_key, sealed_under

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


@pytest.mark.parametrize("length", [0, 1, 55, 56, 64, 1000])
def test_mac_is_hmac_of_the_standard_library(length: int) -> None:
    part = "ế" * length
    coded = part.encode()
    wanted = hmac.digest(ONE.derive("antin.mac|c"), len(coded).to_bytes(8, "big") + coded, "sha256")
    assert ONE.mac("c", part) == ONE.mac("c", part) == wanted


def test_master_key_does_not_show_itself() -> None:
    assert "111" not in repr(ONE)


def test_first_start_creates_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    first = open_master_key(path, may_create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MasterKey(open_master_key(path, may_create=True)).mac("c", "x") == MasterKey(first).mac("c", "x")
    assert [one.name for one in path.parent.iterdir()] == ["master.key"]


def test_two_first_starts_agree(tmp_path: Path) -> None:
    path, barrier, seen = tmp_path / "keys" / "master.key", threading.Barrier(8), []

    def start() -> None:
        barrier.wait()
        seen.append(open_master_key(path, may_create=True).name)

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


def text_of(path: Path) -> str:
    open_master_key(path, may_create=True)
    return path.read_text("ascii")


def test_the_three_sources_give_the_same_key(tmp_path: Path) -> None:
    text = text_of(tmp_path / CREDENTIAL)
    named, default = tmp_path / CREDENTIAL, tmp_path / "default"
    found = {
        find_master_key(text, "", "", default).name,
        find_master_key("", str(named), "", default).name,
        find_master_key("", "", str(tmp_path), default).name,
    }
    assert len(found) == 1
    assert not default.exists()
    assert find_master_key("", "", "", default).name not in found
    assert default.exists()


@pytest.mark.parametrize(("variable", "file", "credential"), [(1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)])
def test_two_sources_stop_the_start(tmp_path: Path, variable: int, file: int, credential: int) -> None:
    text = text_of(tmp_path / CREDENTIAL)
    named, folder = str(tmp_path / CREDENTIAL) if file else "", str(tmp_path) if credential else ""
    with pytest.raises(StartError, match="more than once"):
        find_master_key(text if variable else "", named, folder, tmp_path / "default")


@pytest.mark.parametrize("text", ["short", "é" * 43, "A" * 60])
def test_a_damaged_variable_stops_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(StartError, match="ANTIN_MASTER_KEY") as stopped:
        find_master_key(text, "", "", tmp_path / "default")
    assert text not in str(stopped.value)


def test_a_credential_of_another_name_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "other").write_text("x")
    find_master_key("", "", str(tmp_path / "credentials"), tmp_path / "default")
    assert (tmp_path / "default").exists()


class Beside:
    """Another master key beside the own one."""

    def __init__(self, other: SealingKey, *, is_newer: bool) -> None:
        self._other, self._is_newer = other, is_newer

    def newest(self) -> SealingKey | None:
        return self._other if self._is_newer else None

    def named(self, key_id: bytes) -> SealingKey | None:
        return self._other if key_id == self._other.key_id else None


def test_both_keys_open_while_one_replaces_the_other() -> None:
    old, new = SealingKey(b"1" * 32), SealingKey(b"2" * 32)
    root = b"r" * 32
    before = MasterKey(old, root=root, others=Beside(new, is_newer=True))
    after = MasterKey(new, root=root, others=Beside(old, is_newer=False))
    for sealing, opening in ((before, after), (after, before), (before, before)):
        sealed = sealing.seal(b"secret", "c")
        assert sealed_under(sealed) == new.key_id
        assert opening.unseal(sealed, "c") == b"secret"
    assert after.unseal(old.seal(b"older", "c"), "c") == b"older"
    assert before.mac("c", "x") == after.mac("c", "x")
    with pytest.raises(SealError):
        after.unseal(SealingKey(b"3" * 32).seal(b"x", "c"), "c")


def test_wrapped_keys_open_under_their_name_only() -> None:
    old, new = SealingKey(b"1" * 32), SealingKey(b"2" * 32)
    assert old.unwrap(old.wrap(new), new.name).name == new.name
    with pytest.raises(SealError):
        old.unwrap(old.wrap(new), old.name)
    with pytest.raises(SealError):
        new.unwrap(old.wrap(new), new.name)
    assert "222" not in repr(new)


def test_what_is_not_sealed_names_no_key() -> None:
    assert sealed_under(b"") == sealed_under(b"\x01abcd") == sealed_under(b"\x02" + b"x" * 60) == b""
