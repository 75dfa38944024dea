"""
GET and POST /pki/ocsp: OCSP over HTTP, without a framework (base/web/edge.py).

An answer without a nonce may be kept by caches, but only so long that a revocation is seen everywhere within a minute;
the answer itself says a later nextUpdate, for readers who put it into a document.

Source: RFC 6960 appendix A; RFC 5019 §5, §6 (GET, header fields).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from email.utils import formatdate

from base.web.edge import BadForm, EdgeRequest, EdgeResponse
from keys.api import Keys
from keys.ocsp.request import MAX_REQUEST_BYTES

PATH = "/pki/ocsp"
GET_PREFIX = f"{PATH}/"
REQUEST, RESPONSE = "application/ocsp-request", "application/ocsp-response"
KEPT_SECONDS = 30
"""Half of the minute within which a revocation must be seen: a cache may itself be asked by a cache."""
_LONGEST_TEXT = (MAX_REQUEST_BYTES + 2) // 3 * 4
_UNREADABLE = b""
"""What no request can be: the responder finds it malformed."""


def ocsp_endpoint(keys: Keys, request: EdgeRequest) -> EdgeResponse:
    """405 and 415 are HTTP's; everything else is an OCSPResponse with status 200, or 304."""
    if request.method in ("GET", "HEAD"):
        asked = _in_path(request.path)
    elif request.method == "POST":
        if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != REQUEST:
            return EdgeResponse(415, (("Accept", REQUEST), ("Content-Type", "text/plain")), b"")
        asked = _in_body(request)
    else:
        return EdgeResponse(405, (("Allow", "GET, HEAD, POST"), ("Content-Type", "text/plain")), b"")
    answer = keys.ocsp_answer(asked)
    if not answer.next_update:
        return EdgeResponse(200, (("Content-Type", RESPONSE), ("Cache-Control", "no-store")), answer.der)
    now = keys.now()
    seconds = max(0, min(KEPT_SECONDS, answer.next_update - now))
    tag = f'"{hashlib.sha256(answer.der).hexdigest()}"'
    headers = (
        ("Content-Type", RESPONSE),
        ("Cache-Control", f"max-age={seconds}, public, no-transform, must-revalidate"),
        ("ETag", tag),
        ("Last-Modified", formatdate(answer.this_update, usegmt=True)),
        ("Expires", formatdate(now + seconds, usegmt=True)),
    )
    if request.method != "POST" and request.header("If-None-Match") == tag:
        return EdgeResponse(304, headers[1:], b"")
    return EdgeResponse(200, headers, answer.der)


def _in_path(path: str) -> bytes:
    """The request in the address: base64, whose `/` and `+` may have been escaped."""
    text = path.removeprefix(PATH).removeprefix("/")
    if not text or len(text) > _LONGEST_TEXT:
        return _UNREADABLE
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return _UNREADABLE


def _in_body(request: EdgeRequest) -> bytes:
    try:
        return request.body
    except BadForm:  # longer than any request of ours may be
        return _UNREADABLE
