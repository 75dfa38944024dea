"""JSON signatures for tests: made by our own format, taken apart and put together again for the attacks."""

from __future__ import annotations

import base64
import json
from typing import Any

from signing.formats.base import Level
from signing.formats.jades import Jades
from signing.formats.jws_algorithms import ALGORITHMS
from tests.signing_acts import Acts, sign_message, usual
from tests.signing_cms import CONTENT
from tests.signing_pki import Holder, shared_city

JADES = Jades()
_ACTS = Acts(JADES, CONTENT)
sign, add, counter = _ACTS.sign, _ACTS.add, _ACTS.counter
extend, verify = _ACTS.extend, _ACTS.verify


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def members(document: bytes) -> dict[str, Any]:
    """Of a JSON serialization."""
    found: dict[str, Any] = json.loads(document)
    return found


def header(document: bytes) -> dict[str, Any]:
    """The protected header of a flattened or compact signature."""
    protected = members(document)["protected"] if document.startswith(b"{") else document.split(b".")[0].decode()
    found: dict[str, Any] = json.loads(decoded(protected))
    return found


def unsigned(document: bytes) -> list[dict[str, Any]]:
    """The elements of etsiU of a flattened signature, in the clear."""
    return [json.loads(decoded(one)) for one in members(document)["header"]["etsiU"]]


def write(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def forge(protected: dict[str, Any] | bytes, payload: str | None = None, holder: Holder | None = None) -> bytes:
    """A flattened signature with a header of one's own, honestly signed by a key of the city."""
    holder = holder or shared_city().official
    head = encoded(protected if isinstance(protected, bytes) else write(protected))
    payload = encoded(CONTENT) if payload is None else payload
    algorithm = usual(holder.key)
    value = sign_message(holder.key, algorithm, f"{head}.{payload}".encode())
    found = {"payload": payload, "protected": head, "signature": encoded(ALGORITHMS[algorithm].to_jws(value))}
    return write({name: one for name, one in found.items() if one or name != "payload"})


def usual_header(holder: Holder | None = None) -> dict[str, Any]:
    """What a plain signature states."""
    return header(sign(level=Level.B_B, holder=holder))
