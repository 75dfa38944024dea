"""Multipart forms that bring documents: read into memory under limits, cut off while they are still arriving."""

from __future__ import annotations

import io
from typing import IO, Any

import flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

FORM_ROOM = 64 * 1024
PARSER_ROOM = 4 * FORM_ROOM
"""What the parser may hold: a buffer of 64 KiB and, beside it, what it kept of the one before."""


def parse_form(most_bytes: int, most_parts: int) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """
    The fields and the files of the request at hand. most_bytes: of one file; all together may have twice as many.

    Raises: RequestEntityTooLarge, found out while reading, whatever Content-Length says.
    """
    request = flask.request
    request.max_content_length = 2 * most_bytes + FORM_ROOM
    parser = FormDataParser(
        stream_factory=_in_memory(most_bytes),
        max_form_memory_size=PARSER_ROOM,
        max_content_length=request.max_content_length,
        max_form_parts=most_parts,
        silent=True,
    )
    _stream, fields, files = parser.parse(
        request.stream, request.mimetype, request.content_length, request.mimetype_params
    )
    return fields, files


def _in_memory(most_bytes: int) -> Any:
    class Bounded(io.BytesIO):
        """Refuses to grow past the cap while the upload is still running."""

        def write(self, data: Any, /) -> int:
            if self.tell() + len(data) > most_bytes:
                raise RequestEntityTooLarge
            return super().write(data)

    def factory(*_: object, **__: object) -> IO[bytes]:
        return Bounded()

    return factory
