"""
A prepared signature put aside while its value is made elsewhere: minutes later, by another process or device.

Written down is everything but the document, which whoever takes it up again must bring: by its digest it is the same.
Nothing in it is secret, and nothing needs to be believed: whoever changes it gets a signature that does not verify.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import fields
from typing import Any

from signing.errors import SignatureRefused
from signing.formats.base import Level, Prepared
from signing.formats.large import digest_of
from signing.formats.pdf_tokens import Document

MOST_BYTES = 768 * 1024 * 1024
_KIND = "antin-prepared-1"
_BYTES = "base64:"


def put_aside(prepared: Prepared) -> bytes:
    """The text (JSON, ASCII) to keep."""
    written = {one.name: _out(getattr(prepared, one.name)) for one in fields(Prepared) if one.name != "document"}
    return json.dumps({"kind": _KIND, "has_document": bool(prepared.document), **written}, indent=1).encode("ascii")


def take_up(kept: bytes, document: Document) -> Prepared:
    """
    The prepared signature again.

    document: the bytes it was prepared for. Raises: SignatureRefused: not such a text, or another document.
    """
    if len(kept) > MOST_BYTES:
        raise unreadable("too long")
    try:
        read = json.loads(kept)
        if read.pop("kind") != _KIND:
            raise unreadable("kind")
        has_document = read.pop("has_document") is True
        values = {name: _in(value) for name, value in read.items()}
        prepared = Prepared(document=document if has_document else b"", **{**values, "level": Level(values["level"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise unreadable(f"{type(error).__name__}: {str(error)[:100]}") from error
    _check_kinds(prepared)
    if digest_of("sha256", document).hexdigest() != prepared.document_digest:
        raise SignatureRefused(
            "document_changed",
            vi="Đây không phải là văn bản đã được chuẩn bị để ký. Hãy đưa đúng tệp, hoặc chuẩn bị lại.",
            en="This is not the document that was prepared. Bring the right file, or prepare it again.",
            status=409,
        )
    return prepared


def _out(value: Any) -> Any:
    if isinstance(value, bytes):
        return _BYTES + base64.b64encode(value).decode("ascii")
    return [_out(one) for one in value] if isinstance(value, tuple) else value


def _in(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_BYTES):
        return base64.b64decode(value.removeprefix(_BYTES), validate=True)
    return tuple(_in(one) for one in value) if isinstance(value, list) else value


def _check_kinds(prepared: Prepared) -> None:
    """What a format takes for granted: bytes where it joins bytes, numbers where it counts."""
    are_bytes = (prepared.to_be_signed_digest, prepared.signed_attributes, prepared.certificate, prepared.update)
    are_words = (prepared.format, prepared.document_digest, prepared.algorithm)
    good = (
        all(isinstance(one, bytes) for one in (*are_bytes, *prepared.chain))
        and all(isinstance(one, str) for one in are_words)
        and all(type(one) is int and one >= 0 for one in prepared.place)
    )
    if not good:
        raise unreadable("kinds")


def unreadable(debug: str) -> SignatureRefused:
    """What was put aside is not, or no longer, what `put_aside` wrote."""
    return SignatureRefused(
        "prepared_unreadable",
        vi="Tệp chuẩn bị ký không đọc được. Hãy chuẩn bị lại từ văn bản gốc.",
        en="The prepared signature cannot be read. Prepare it again from the document.",
        debug=debug,
        status=400,
    )
