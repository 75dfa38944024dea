"""
Document bytes on disk: `<data_dir>/documents/<document id>/<sha256>`, readable by this user only.

Names come from us alone (a random identifier, a digest), never from an upload. A file is complete or absent: it is
written beside its place, flushed to the disk and renamed. What is read is hashed again, so that damage is
found, not signed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from signing.errors import SigningError

_ID = re.compile(r"(doc|job)_[A-Za-z0-9_-]{22}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class DocumentFolder:
    """The folder of all documents of one installation (or of all jobs); every process may use it at the same time."""

    def __init__(self, data_dir: Path, name: str = "documents") -> None:
        self.root = data_dir / name

    def keep(self, document_id: str, content: bytes) -> str:
        """Store bytes under a document. Returns their hexadecimal SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        place = self.path(document_id, digest)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        beside = place.with_suffix(f".{os.urandom(6).hex()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            beside.rename(place)
            _flush_folder(place.parent)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise SigningError(
                "storage_full",
                vi="Máy chủ không lưu được văn bản. Văn bản của bạn chưa bị thay đổi; hãy thử lại sau.",
                en="The server could not store the document. Your document is unchanged; try again later.",
                debug=repr(error),
                status=507,
            ) from error
        return digest

    def read(self, document_id: str, digest: str) -> bytes:
        """The bytes. Raises: SigningError("document_damaged"): absent, or their digest is not the one they had."""
        try:
            content = self.path(document_id, digest).read_bytes()
        except OSError as error:
            raise _damaged(repr(error)) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise _damaged("digest differs")
        return content

    def path(self, document_id: str, digest: str) -> Path:
        """Where the bytes are. Raises: ValueError for anything but our own names."""
        if not _ID.fullmatch(document_id) or not _DIGEST.fullmatch(digest):
            raise ValueError("not a name of ours")
        return self.root / document_id / digest

    def drop(self, document_id: str) -> None:
        """Delete everything kept for a document."""
        if not _ID.fullmatch(document_id):
            raise ValueError("not a name of ours")
        shutil.rmtree(self.root / document_id, ignore_errors=True)

    def older_than(self, moment: int) -> Iterator[str]:
        """Identifiers of documents whose folder was last touched before `moment` (epoch seconds)."""
        if self.root.is_dir():
            for entry in os.scandir(self.root):
                if _ID.fullmatch(entry.name) and entry.stat().st_mtime < moment:
                    yield entry.name


def _flush_folder(folder: Path) -> None:
    for place in (folder, folder.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _damaged(debug: str) -> SigningError:
    return SigningError(
        "document_damaged",
        vi="Bản lưu của văn bản đã hỏng hoặc bị mất nên không thể dùng. Hãy tải văn bản lên lại.",
        en="The stored copy of the document is damaged or lost and cannot be used. Upload the document again.",
        debug=debug,
        status=500,
    )
