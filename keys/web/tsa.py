"""
POST /pki/tsa: RFC 3161 over HTTP, without a framework (base/web/edge.py). A refusal is also a TimeStampResp with status
200. /tsa is where earlier versions had it.

Source: RFC 3161 §3.4.
"""

from __future__ import annotations

from base.web.edge import BadForm, EdgeRequest, EdgeResponse
from keys.api import Keys
from keys.tsa.request import MAX_REQUEST_BYTES

PATH, OLD_PATH = "/pki/tsa", "/tsa"
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
_TOO_LONG = b"\x00" * (MAX_REQUEST_BYTES + 1)


def tsa_endpoint(keys: Keys, request: EdgeRequest) -> EdgeResponse:
    """405: another method; 415: another content type; 413: a longer body."""
    if request.method != "POST":
        return EdgeResponse(405, (("Allow", "POST"), ("Content-Type", "text/plain")), b"")
    if (request.header("Content-Type") or "").partition(";")[0].strip().lower() != QUERY:
        return EdgeResponse(415, (("Accept", QUERY), ("Content-Type", "text/plain")), b"")
    try:
        asked = request.body
    except BadForm:
        asked = _TOO_LONG
    if len(asked) > MAX_REQUEST_BYTES:
        return EdgeResponse(413, (("Content-Type", "text/plain"),), b"")
    answer = keys.timestamp_response(asked)
    return EdgeResponse(200, (("Content-Type", REPLY), ("Cache-Control", "no-store")), answer)
