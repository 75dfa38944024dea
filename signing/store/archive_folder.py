"""
A folder of signed files that somebody else owns: walked in one order, and each file replaced whole or not at all.

A new version is written beside its file, flushed to the disk and renamed over it; a process that dies in between leaves
the old file and a remnant that the next one clears away. Links are never followed.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from signing.errors import SigningError

_LOCK = ".antin-preserve.lock"
_REMNANT = ".antin-preserve-"


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was read. mark: what changes when anybody else writes to it."""

    path: Path
    content: bytes = field(repr=False)
    mark: tuple[int, int, int]


class ArchiveFolder:
    """Use `opened_folder()`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[Path]:
        """Every regular file, by its path from here, sorted; hidden files and links are left out."""
        return sorted(self._walk(self.root))

    def read(self, name: Path, most_bytes: int) -> Found | None:
        """A file. Returns: None: it is larger than that. Raises: OSError."""
        path = self.root / name
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > most_bytes:
                return None
            return Found(path, file.read(most_bytes + 1), _mark(status))

    def replace(self, found: Found, content: bytes) -> None:
        """
        Put a new version in place of a file.

        Raises: SigningError("changed_meanwhile"): somebody else wrote to it since it was read; OSError: it is as it
                was.
        """
        beside = found.path.with_name(f"{_REMNANT}{os.urandom(6).hex()}")
        status = found.path.lstat()
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
                out.flush()
                os.fchmod(out.fileno(), stat.S_IMODE(status.st_mode))
                os.fsync(out.fileno())
            if _mark(found.path.lstat()) != found.mark:
                raise SigningError(
                    "changed_meanwhile",
                    vi="Tệp vừa bị thay đổi bởi chương trình khác nên được giữ nguyên.",
                    en="Another program has just changed the file, so it was left alone.",
                )
            os.replace(beside, found.path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _flush(found.path.parent)

    def clear_remnants(self) -> None:
        """What processes that died have left."""
        for folder, _folders, files in os.walk(self.root):
            for name in files:
                if name.startswith(_REMNANT):
                    (Path(folder) / name).unlink(missing_ok=True)

    def _walk(self, folder: Path) -> Iterator[Path]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    yield Path(entry.path).relative_to(self.root)


@contextmanager
def opened_folder(root: Path) -> Iterator[ArchiveFolder]:
    """The folder, for one process at a time. Raises: SigningError("folder_busy"): another one is at it."""
    with (root / _LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SigningError(
                "folder_busy",
                vi="Một tiến trình khác đang xử lý thư mục này. Hãy chờ nó xong rồi chạy lại.",
                en="Another process is at work in this folder. Wait until it has finished, then try again.",
            ) from error
        yield ArchiveFolder(root)


def _mark(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
