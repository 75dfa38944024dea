"""What an application sent: a form with a document, what belongs to it, and options; nothing unknown or twice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from signing.errors import ApiRefused
from signing.flows.api.access import Caller
from signing.flows.api.answers import Question, fingerprint_of
from signing.flows.label import clean_label
from signing.services import SigningServices
from signing.web.forms import parse_form

MOST_PARTS = 16


@dataclass(frozen=True, slots=True)
class Sent:
    """A form. name: of the document, cleaned. content: of a detached signature, None where none came."""

    document: bytes = field(repr=False)
    name: str
    content: bytes | None = field(repr=False)
    fields: Mapping[str, str]
    question: Question

    def get(self, name: str) -> str:
        """A field, empty where it was not sent."""
        return self.fields.get(name, "")

    def choice(self, name: str, choices: Collection[str], default: str = "") -> str:
        """A field that is one of several words. Raises: ApiRefused("bad_field"), 422."""
        found = self.get(name) or default
        if found not in choices:
            raise bad_field(name, f"one of {', '.join(choices)}")
        return found


def read_sent(services: SigningServices, caller: Caller, files: Collection[str], fields: Collection[str]) -> Sent:
    """
    files: which may come besides `document`.

    Raises: ApiRefused: `unsupported_media_type` (415), `too_large` (413), `no_document`, `unknown_field`,
            `repeated_field`.
    """
    if flask.request.mimetype != "multipart/form-data":
        raise ApiRefused(
            "unsupported_media_type",
            vi="Hãy gửi dữ liệu dạng multipart/form-data.",
            en="Send the data as multipart/form-data.",
            status=415,
        )
    try:
        found, sent = parse_form(services.settings.document_max_bytes, MOST_PARTS)
    except RequestEntityTooLarge:
        raise ApiRefused("too_large", vi="Tệp quá lớn.", en="The file is too large.", status=413) from None
    _check_names([*found.keys(), *sent.keys()], {"document", *files, *fields})
    names = [name for name, _value in (*found.items(multi=True), *sent.items(multi=True))]
    if len(names) > len(set(names)):
        raise ApiRefused(
            "repeated_field", vi="Có trường được gửi nhiều lần.", en="A field was sent several times.", status=422
        )
    contents = {name: one.stream.read() for name, one in sent.items()}
    if not contents.get("document"):
        raise ApiRefused(
            "no_document",
            vi="Thiếu tệp trong trường document.",
            en="The file in the field document is missing.",
            status=422,
        )
    values = {name: value.strip() for name, value in found.items()}
    return Sent(
        document=contents["document"],
        name=clean_label(sent["document"].filename or ""),
        content=contents.get("detached") or None,
        fields=values,
        question=_question(caller, values, {name: (sent[name].filename or "", raw) for name, raw in contents.items()}),
    )


def bad_field(name: str, wanted: str) -> ApiRefused:
    """A field with a value that does not do."""
    return ApiRefused(
        "bad_field",
        vi=f"Giá trị của trường {name} không dùng được; cần: {wanted}.",
        en=f"The value of the field {name} does not do; wanted: {wanted}.",
        status=422,
    )


def _question(caller: Caller, fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> Question:
    parts: list[str | bytes] = [flask.request.method, flask.request.path, str(len(fields))]
    for name in sorted(fields):
        parts += [name, fields[name]]
    for name in sorted(files):
        parts += [name, files[name][0], hashlib.sha256(files[name][1]).digest()]
    key = flask.request.headers.get("Idempotency-Key", "").strip()
    return Question(caller.client_id, key, fingerprint_of(parts))


def _check_names(names: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ApiRefused(
            "unknown_field",
            vi="Biểu mẫu có trường không được biết đến.",
            en="The form has a field that is not known.",
            hint=f"known fields: {', '.join(sorted(known))}",
            status=422,
        )
