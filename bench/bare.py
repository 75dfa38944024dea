"""The smallest WSGI application that could answer: what the server alone allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"access_token":"' + b"x" * 600 + b'","token_type":"Bearer","expires_in":600}'


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return (BODY,)
