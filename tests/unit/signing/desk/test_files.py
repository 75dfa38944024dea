"""Document bytes: private, complete or absent, never under a name that came from outside, damage is found."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from signing.errors import SigningError
from signing.store.files import DocumentFolder

DOCUMENT = "doc_" + "a" * 22


def test_kept_bytes_come_back_and_are_private(tmp_path: Path) -> None:
    folder = DocumentFolder(tmp_path)
    digest = folder.keep(DOCUMENT, b"%PDF-1.7")
    assert digest == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert folder.read(DOCUMENT, digest) == b"%PDF-1.7"
    place = folder.path(DOCUMENT, digest)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in place.parent.iterdir()] == [digest]


def test_damage_is_found(tmp_path: Path) -> None:
    folder = DocumentFolder(tmp_path)
    digest = folder.keep(DOCUMENT, b"0123456789")
    folder.path(DOCUMENT, digest).write_bytes(b"0123456780")
    with pytest.raises(SigningError) as caught:
        folder.read(DOCUMENT, digest)
    assert caught.value.code == "document_damaged"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "doc_../../../../../../etc", "", "doc_" + "a" * 21 + "/", "DOC_x"]
)
def test_only_our_names_become_paths(tmp_path: Path, name: str) -> None:
    folder = DocumentFolder(tmp_path)
    for act in (lambda: folder.keep(name, b"x"), lambda: folder.path(name, "0" * 64), lambda: folder.drop(name)):
        with pytest.raises(ValueError, match="name of ours"):
            act()
    with pytest.raises(ValueError, match="name of ours"):
        folder.path(DOCUMENT, "../x")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DocumentFolder(tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SigningError) as caught:
        folder.keep(DOCUMENT, b"%PDF")
    assert (caught.value.code, caught.value.status) == ("storage_full", 507)
    assert list((tmp_path / "documents" / DOCUMENT).iterdir()) == []


def test_dropping_removes_everything(tmp_path: Path) -> None:
    folder = DocumentFolder(tmp_path)
    folder.keep(DOCUMENT, b"one")
    folder.keep(DOCUMENT, b"two")
    assert list(folder.older_than(2**40)) == [DOCUMENT]
    folder.drop(DOCUMENT)
    assert list(folder.older_than(2**40)) == []
