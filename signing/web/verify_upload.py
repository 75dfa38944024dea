"""What came to be verified: files, held in memory under limits, and what belongs to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from werkzeug.exceptions import RequestEntityTooLarge

from signing.errors import SigningError
from signing.flows.label import clean_label
from signing.validation.located import ALONE, Beside
from signing.web.forms import parse_form

MOST_FILES = 20
MOST_PARTS = MOST_FILES + 8
LONGEST_PASSWORD = 1024
_DIGEST_BYTES = (32, 48, 64)
_BETWEEN = re.compile(r"[\s:-]+")


class DigestRefused(SigningError):
    """What was typed as a digest cannot be used; `typed` goes back into its field."""

    typed = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """documents: (cleaned name, bytes) in the order they came, at least one. beside: what belongs to all of them."""

    documents: tuple[tuple[str, bytes], ...] = field(repr=False)
    beside: Beside


def read_upload(most_bytes: int) -> Uploaded:
    """
    The files of a multipart form: `file`, which may come several times, `detached` or `digest`, and `password`.

    most_bytes: of one file; all together may have twice as many.
    Raises: SigningError: `no_file`, `too_large`, `too_many_files`, `detached_and_digest`, `bad_digest`.
    """
    try:
        fields, files = parse_form(most_bytes, MOST_PARTS)
    except RequestEntityTooLarge:
        raise SigningError("too_large", vi="Tệp quá lớn.", en="The file is too large.", status=413) from None
    documents = [(clean_label(sent.filename), sent.stream.read()) for sent in files.getlist("file") if sent.filename]
    if not documents:
        raise SigningError("no_file", vi="Hãy chọn tệp cần kiểm tra.", en="Choose the file to verify.")
    if len(documents) > MOST_FILES:
        raise SigningError(
            "too_many_files",
            vi=f"Mỗi lần kiểm tra được tối đa {MOST_FILES} tệp. Hãy chia thành nhiều lần.",
            en=f"At most {MOST_FILES} files can be verified at a time. Verify them in several goes.",
        )
    detached = files.get("detached")
    content = detached.stream.read() if detached is not None and detached.filename else None
    beside, password = read_beside(content, fields.get("digest", "")), fields.get("password", "")[:LONGEST_PASSWORD]
    return Uploaded(tuple(documents), replace(beside, password=password))


def read_beside(content: bytes | None, digest: str) -> Beside:
    """The content of a detached signature, or only its digest. Raises: DigestRefused: both, or no digest."""
    written = _BETWEEN.sub("", digest)
    if content and written:
        raise _digest_refused(
            digest,
            "detached_and_digest",
            vi="Hãy gửi tệp nội dung hoặc nhập mã băm của nó, không phải cả hai.",
            en="Send the content, or type its digest, not both.",
        )
    if not written:
        return Beside(content=content) if content else ALONE
    try:
        value = bytes.fromhex(written)
    except ValueError:
        value = b""
    if len(value) not in _DIGEST_BYTES:
        raise _digest_refused(
            digest,
            "bad_digest",
            vi="Mã băm gồm 64, 96 hoặc 128 chữ số thập lục phân (0–9, a–f). Hãy chép lại cho đủ.",
            en="A digest has 64, 96 or 128 hexadecimal digits (0–9, a–f). Copy the whole of it.",
        )
    return Beside(digest=value)


def _digest_refused(typed: str, code: str, *, vi: str, en: str) -> DigestRefused:
    error = DigestRefused(code, vi=vi, en=en)
    error.typed = typed[:200]
    return error
