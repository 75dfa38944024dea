"""How long a request body one view takes, where that is not `max_request_bytes`."""

from __future__ import annotations

import flask


def allow_body(max_bytes: int) -> None:
    """
    Let the request at hand carry at most `max_bytes`; a longer one becomes 413 when its form is read.

    Call it before the form is read. In a view that is not CSRF-exempt the form has been read by then.
    """
    flask.request.max_content_length = max_bytes
