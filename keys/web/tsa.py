"""
POST /tsa: RFC 3161 over HTTP. A refusal is also a TimeStampResp with status 200.

Source: RFC 3161 §3.4.
"""

from __future__ import annotations

import flask

from base.web.csrf import csrf_exempt
from keys.api import Keys

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
MAX_BODY_BYTES = 4096


def mount(app: flask.Flask, keys: Keys) -> None:
    """Add POST /tsa: 415 for another content type, 413 for a longer body."""

    @app.post("/tsa")
    @csrf_exempt  # programs post here; nothing is changed and no cookie counts
    def tsa() -> flask.Response:
        if flask.request.mimetype != QUERY:
            flask.abort(415)
        flask.request.max_content_length = MAX_BODY_BYTES
        answer = keys.timestamp_response(flask.request.get_data(cache=False))
        return flask.Response(answer, content_type=REPLY)
