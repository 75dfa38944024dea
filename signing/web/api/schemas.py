"""The JSON of the API as JSON Schema 2020-12, and the forms it takes. Source: OpenAPI 3.1.1 §4.8.24."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signing.formats.choice import FILE_TYPES
from signing.store.api_jobs import JobState
from signing.validation.indications import Indication
from signing.web.api.request_views import MOST
from signing.web.api.work_views import LEVELS, REPORT_NAMES

Schema = Mapping[str, Any]
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256, hexadecimal"}
_TIME = {"type": "integer", "description": "seconds since 1970, UTC"}
_FILE: Schema = {"type": "string", "format": "binary"}
_HEX = {"type": "string", "description": "hexadecimal: of the content, with the hash that the signature uses"}


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None, *, more: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": more,
    }


def ref(name: str) -> Schema:
    """A schema of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


_RESULT = _object({"href": {"type": "string"}, "type": {"type": "string"}, "sha256": _DIGEST})
_SAID = {"type": "string", "minLength": 1}
SCHEMAS: Mapping[str, Schema] = {
    "Problem": _object(
        {
            "type": {"type": "string", "pattern": "^urn:antin:problem:[a-z_]+$"},
            "title": _SAID,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _SAID,
            "code": {"type": "string", "pattern": "^[a-z_]+$"},
            "messages": _object({"vi": _SAID, "en": _SAID}),
        },
        {"reference": {"type": "string"}},
    ),
    "Request": _object(
        {
            "id": {"type": "string"},
            "state": {"enum": ["waiting", "accepted", "signed", "declined", "cancelled", "expired", "gone"]},
            "document_digest": _DIGEST,
            "label": {"type": "string"},
            "approval": {"type": "string", "format": "uri", "description": "where the official answers"},
            "created_at": _TIME,
            "updated_at": _TIME,
            "expires_at": _TIME,
        },
        {"result": _RESULT, "verification": {"type": "string", "format": "uri", "description": "leads to who signed"}},
    ),
    "Job": _object(
        {
            "id": {"type": "string"},
            "kind": {"enum": ["verify", "extend", "seal"]},
            "state": {"enum": [str(state) for state in JobState]},
            "document_digest": _DIGEST,
            "created_at": _TIME,
            "updated_at": _TIME,
            "expires_at": _TIME,
        },
        {
            "result": _RESULT,
            "problem": _object({"code": {"type": "string"}, "vi": {"type": "string"}, "en": {"type": "string"}}),
        },
    ),
    "Report": _object(
        {
            "indication": {"enum": [str(one) for one in Indication]},
            "sub_indication": {"type": ["string", "null"]},
            "document_digest": _DIGEST,
            "document_size": {"type": "integer"},
            "validated_at": {"type": "string"},
            "signatures": {"type": "array", "items": {"type": "object"}},
            "document_time_stamps": {"type": "array", "items": {"type": "object"}},
            "findings": {"type": "array", "items": {"type": "object"}},
        },
        more=True,
    ),
}
_BESIDE = {"detached": {**_FILE, "description": "the content of a detached signature"}, "digest": _HEX}
VERIFY_FORM = _object(
    {"document": _FILE},
    {**_BESIDE, "report": {"enum": list(REPORT_NAMES), "default": "json"}, "lang": {"enum": ["vi", "en"]}},
)
EXTEND_FORM = _object({"document": _FILE, "level": {"enum": list(LEVELS)}}, _BESIDE)
SEAL_FORM = _object(
    {"document": {**_FILE, "description": "any file"}, "seal": {"type": "string", "description": "handle of the seal"}},
    {
        "digest": {**_DIGEST, "description": "SHA-256 that the document must have"},
        "label": {"type": "string", "description": "what it is called; else its file name"},
        "format": {"enum": list(FILE_TYPES), "description": "else the usual one of the file"},
    },
)
CREATE_FORM = _object(
    {"document": {**_FILE, "description": "a PDF, or any other file: XML, JSON, …"}},
    {
        "digest": {**_DIGEST, "description": "SHA-256 that the document must have"},
        "label": {"type": "string", "description": "what it is called; else its file name"},
        **{name: {"type": "string", "maxLength": most} for name, most in MOST.items()},
    },
)
